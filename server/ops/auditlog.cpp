// SPDX-License-Identifier: MIT
#include "server/ops/auditlog.h"

#include "server/ops/logging.h"

namespace parlor::auditlog {

void write(const Act &act)
{
    log::Event event{.category = log::audit(),
                     .name = "admin",
                     .fields = {{"action", act.action},
                                {"subject", act.subject},
                                {"by", act.by},
                                {"via", std::string(act.way == Way::Chat ? "chat" : "api")},
                                {"outcome", act.outcome}},
                     .isOneOfMany = true};
    if (!act.reason.empty())
        event.fields.push_back({"reason", act.reason});
    log::write(event);
}

} // namespace parlor::auditlog
