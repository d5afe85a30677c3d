// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace parlor {

/// What a listening socket is for.
enum class Door : std::uint8_t {
    Everything,
    Clients, ///< all but /metrics
    Metrics, ///< /metrics, /health and /ready; no WebSockets
};

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
    enum class Readiness : std::uint8_t {
        Starting, ///< it waits for Redis: no clients yet
        Keyless,  ///< no key of tokens has come yet: who comes is let in once one does
        Ready,
        Leaving,  ///< whoever sends clients here is to stop; those who come are served
        Draining, ///< newcomers are refused, clients are moved away
    };
    [[nodiscard]] virtual Readiness readiness() const = 0;
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
    std::string reason{}; ///< of a refusal: what its body says
};

/// The answer to a request (docs/protocol.md section 10).
[[nodiscard]] std::variant<UpgradeRequest, HttpResponse>
answer(const RequestHead &head, const StatusSource &status, Door door = Door::Everything);
/// The response for a refused request: `{"error":reason}`. `extraFields` are whole lines, each with its CRLF.
[[nodiscard]] HttpResponse refusal(const HttpError &error, std::string_view extraFields = {});

} // namespace parlor
