// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::websocket {

/// A field of an HTTP head.
struct HeadField
{
    std::string name;
    std::string value;
    bool operator==(const HeadField &) const = default;
};

/// Whether a head may carry it (RFC 9110 §5.1 and §5.5): the name is a token, and no octet of the value ends
/// the line or controls anything.
[[nodiscard]] bool isValidField(const HeadField &field);

/// What a client asks for.
struct UpgradeRequest
{
    std::string host;   ///< the Host field: name or address, and the port if it is not usual
    std::string target; ///< path and query, percent-encoded
    std::vector<std::string>
        subprotocols;              ///< the best first; the server must choose one of them if there are any
    std::vector<HeadField> fields; ///< further ones: User-Agent, Cookie, …; each isValidField()
};

/// The head of an HTTP/1 response (RFC 9112 §4 and §5).
struct ResponseHead
{
    int status = 0;
    int minorVersion = 1; ///< of HTTP/1
    std::string reason;
    std::vector<HeadField> fields; ///< in their order; names in lower case, values without the space around

    /// The values of all fields of this name (lower case).
    [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
};

/// Why there is no WebSocket.
struct Refusal
{
    enum class Reason : std::uint8_t {
        NotHttp,
        Malformed, ///< breaks RFC 9112
        HeadTooLarge,
        TooManyFields,
        Status,  ///< HTTP, and not 101: see ClientHandshake::response()
        OldHttp, ///< 101 in HTTP/1.0
        NoUpgrade,
        NoConnectionUpgrade,
        WrongAccept,
        UnaskedExtension,
        NoSubprotocol,
        UnaskedSubprotocol,
    };
    Reason reason = Reason::NotHttp;
    std::string text; ///< for people: what the server sent
};

/// A client's opening handshake (RFC 6455 §4.1): makes the request, and judges the answer as it arrives.
/// Knows no socket. Used once; memory is bounded by kHeadBytes.
class ClientHandshake
{
public:
    static constexpr std::size_t kHeadBytes = 16 * 1024; ///< of the answer, with any 1xx responses before it
    static constexpr std::size_t kFields = 100;
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
    [[nodiscard]] const ResponseHead &response() const { return m_response; }
    /// The one that was agreed on; empty: none was asked for.
    [[nodiscard]] const std::string &subprotocol() const { return m_subprotocol; }

private:
    [[nodiscard]] std::optional<Refusal> judge();

    UpgradeRequest m_request;
    std::string m_key;
    std::string m_head;      ///< what has come, until it is judged
    std::size_t m_begin = 0; ///< of the response in it that is being read
    ResponseHead m_response;
    Refusal m_refusal;
    std::string m_subprotocol;
    State m_state = State::Waiting;
};

} // namespace parlor::websocket
