// SPDX-License-Identifier: MIT
#pragma once

#include "shared/websocket/responsehead.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::websocket {

/// What a server's Sec-WebSocket-Accept says to a client's Sec-WebSocket-Key (RFC 6455 §4.2.2, item 5.4).
[[nodiscard]] std::string acceptOf(const std::string &key);

/// What a client asks for.
struct UpgradeRequest
{
    std::string host;   ///< the Host field: name or address, and the port if it is not usual
    std::string target; ///< path and query, percent-encoded
    enum class Choice : std::uint8_t { Needed, Optional };
    std::vector<std::string> subprotocols; ///< the best first
    std::vector<HeadField> fields;         ///< further ones: User-Agent, Cookie, …; each isValidField()
    Choice choice = Choice::Needed; ///< whether the server must choose a sub-protocol, if there are any
};

/// A client's opening handshake (RFC 6455 §4.1): makes the request, and judges the answer as it arrives.
/// Knows no socket. Used once; memory is bounded as ResponseReader's is.
class ClientHandshake
{
public:
    using Nonce = std::array<char, 16>;

    /// `nonce` must be drawn anew for each handshake.
    ClientHandshake(UpgradeRequest request, const Nonce &nonce);

    /// The bytes to send.
    [[nodiscard]] std::string request() const;
    /// Bytes of the answer, in any pieces. Returns how many belong to the head: what is behind them are
    /// frames.
    std::size_t feed(std::string_view bytes);

    enum class State : std::uint8_t { Waiting, Open, Refused };
    [[nodiscard]] State state() const { return m_state; }
    /// Why, once it is refused.
    [[nodiscard]] const Refusal &refusal() const { return m_refusal; }
    /// Once it is open, or refused for anything from Reason::Status on.
    [[nodiscard]] const ResponseHead &response() const { return m_answer.head(); }
    /// The one that was agreed on; empty: none was asked for.
    [[nodiscard]] const std::string &subprotocol() const { return m_subprotocol; }

private:
    [[nodiscard]] std::optional<Refusal> judge();

    UpgradeRequest m_request;
    std::string m_key;
    ResponseReader m_answer;
    Refusal m_refusal;
    std::string m_subprotocol;
    State m_state = State::Waiting;
};

} // namespace parlor::websocket
