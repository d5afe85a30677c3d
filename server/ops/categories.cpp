// SPDX-License-Identifier: MIT
#include "server/ops/logging.h"

namespace parlor::log {

Q_LOGGING_CATEGORY(server, "parlor.server")
Q_LOGGING_CATEGORY(accept, "parlor.accept")
Q_LOGGING_CATEGORY(session, "parlor.session")
Q_LOGGING_CATEGORY(access, "parlor.access")
Q_LOGGING_CATEGORY(audit, "parlor.audit")

} // namespace parlor::log
