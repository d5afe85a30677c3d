// SPDX-License-Identifier: MIT
#include "server/ops/accesslog.h"

#include "server/ops/logging.h"

namespace parlor::accesslog {

bool isOn()
{
    return log::access().isInfoEnabled();
}

void connected(const QHostAddress &address, std::string_view subprotocol)
{
    if (!isOn())
        return;
    log::write({.category = log::access(),
                .name = "connect",
                .fields = {{"address", address.toString().toStdString()},
                           {"protocol", std::string(subprotocol.empty() ? "v1" : subprotocol)}},
                .isOneOfMany = true});
}

/// Not one of many: whoever knocks a thousand times a second is told of with a number.
void refused(const QHostAddress &address, int status, std::string_view reason)
{
    if (!isOn())
        return;
    log::Event event{.category = log::access(),
                     .name = "refuse",
                     .fields = {{"address", address.toString().toStdString()}}};
    if (status != 0)
        event.fields.push_back({"status", status});
    event.fields.push_back({"reason", std::string(reason)});
    log::write(event);
}

void closed(const Closed &closed)
{
    if (!isOn())
        return;
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(closed.duration);
    log::Event event{.category = log::access(),
                     .name = "close",
                     .fields = {{"address", closed.address.toString().toStdString()},
                                {"code", closed.code},
                                {"by", std::string(closed.byClient ? "client" : "server")},
                                {"duration_ms", duration.count()}},
                     .isOneOfMany = true};
    if (!closed.visitor.client.empty()) {
        event.fields.push_back({"client", closed.visitor.client});
        event.fields.push_back({"user", closed.visitor.user});
        event.fields.push_back({"room", closed.visitor.rooms});
    }
    log::write(event);
}

} // namespace parlor::accesslog
