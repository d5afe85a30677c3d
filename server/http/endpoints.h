// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parlor {

/// What the endpoints tell about the server. Implemented by Server; called on the workers' threads.
class StatusSource
{
public:
    virtual ~StatusSource() = default;
    /// Whether WebSockets are spoken at this path.
    [[nodiscard]] virtual bool isWebSocketPath(std::string_view path) const { return path == "/ws"; }
    [[nodiscard]] virtual std::string hostname() const = 0;
    /// Names the chat: servers that share it say the same.
    [[nodiscard]] virtual std::string chat() const = 0;
    /// Whether whoever sends clients here may go on.
    [[nodiscard]] virtual bool isReady() const = 0;
    /// Whether newcomers are refused, since all clients are being moved away.
    [[nodiscard]] virtual bool isDraining() const = 0;
    [[nodiscard]] virtual std::uint64_t connections() const = 0;
    /// Client ids, at most `limit`.
    [[nodiscard]] virtual std::vector<std::string> activeClients(std::size_t limit) const = 0;
    /// Prometheus' text format.
    [[nodiscard]] virtual std::string metrics() const = 0;
};

/// The request asks for a WebSocket on /ws and its form is right: hand it to a Handshake.
struct UpgradeRequest
{
};
/// A whole response, ready to send; the connection is to be closed after it.
struct HttpResponse
{
    int status = 200;
    std::string bytes;
};

/// The answer to a request (docs/protocol.md section 10).
[[nodiscard]] std::variant<UpgradeRequest, HttpResponse> answer(const RequestHead &head,
                                                                const StatusSource &status);
/// The response for a refused request: `{"error":reason}`. `extraFields` are whole lines, each with its CRLF.
[[nodiscard]] HttpResponse refusal(const HttpError &error, std::string_view extraFields = {});

} // namespace parlor
