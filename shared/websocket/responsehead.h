// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
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

/// The head of an HTTP/1 response (RFC 9112 §4 and §5).
struct ResponseHead
{
    int status = 0;
    int minorVersion = 1; ///< of HTTP/1
    std::string reason;
    std::vector<HeadField> fields; ///< in their order; names in lower case, values without the space around

    /// The values of all fields of this name (lower case).
    [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
    /// Whether the list in the fields of this name (RFC 9110 §5.6.1) has this token; both in lower case.
    [[nodiscard]] bool hasToken(std::string_view name, std::string_view token) const;
};

/// Why an answer is not what was asked for.
struct Refusal
{
    enum class Reason : std::uint8_t {
        // Of any answer.
        NotHttp,
        Malformed, ///< breaks RFC 9112
        HeadTooLarge,
        TooManyFields,
        // Of an answer to a WebSocket handshake; its head is whole.
        Status,  ///< HTTP, and not 101
        OldHttp, ///< 101 in HTTP/1.0
        NoUpgrade,
        NoConnectionUpgrade,
        WrongAccept,
        UnaskedExtension,
        NoSubprotocol,
        UnaskedSubprotocol,
    };
    Reason reason = Reason::NotHttp;
    std::string text; ///< for people: what came
};

/// Reads the head of the answer to one request as it arrives; 1xx responses other than 101 are news on the
/// way to it (RFC 9110 §15.2) and passed over. Knows no socket. Used once; memory is bounded by kHeadBytes.
class ResponseReader
{
public:
    static constexpr std::size_t kHeadBytes = 16 * 1024; ///< with any 1xx responses before it
    static constexpr std::size_t kFields = 100;

    /// In any pieces. Returns how many of the bytes belong to the head.
    std::size_t feed(std::string_view bytes);

    enum class State : std::uint8_t { Waiting, Whole, Refused };
    [[nodiscard]] State state() const { return m_state; }
    /// Once it is whole; of one that was refused for a field: what stands before that.
    [[nodiscard]] const ResponseHead &head() const { return m_head; }
    /// Why, once it is refused.
    [[nodiscard]] const Refusal &refusal() const { return m_refusal; }

private:
    std::string m_bytes;     ///< what has come, until it is judged
    std::size_t m_begin = 0; ///< of the response in it that is being read
    ResponseHead m_head;
    Refusal m_refusal;
    State m_state = State::Waiting;
};

} // namespace parlor::websocket
