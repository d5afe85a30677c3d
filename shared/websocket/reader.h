// SPDX-License-Identifier: MIT
#pragma once

#include "shared/websocket/frame.h"
#include "shared/websocket/utf8.h"

#include <memory>
#include <optional>
#include <span>

namespace parlor::websocket {

enum class Role : std::uint8_t {
    Server, ///< reads what a client sends: masked frames
    Client, ///< reads what a server sends: unmasked ones
};

struct ReaderLimits
{
    std::uint64_t messageBytes = 64 * 1024; ///< of a frame and of a message
    std::uint32_t fragments = 64;           ///< of a message; 0: none
};

/// Whether the reader goes on to the next frame of the bytes it has.
enum class Flow : std::uint8_t { Continue, Stop };

/// Where a Reader's findings go. Views are valid during the call.
class ReaderSink
{
public:
    virtual Flow onText(std::string_view message) = 0;
    virtual Flow onBinary(std::string_view message) = 0;
    virtual Flow onPing(std::string_view payload) = 0;
    virtual Flow onPong(std::string_view payload) = 0;
    /// The peer's Close; nothing follows it. nullopt: it carried no code.
    virtual void onClose(std::optional<std::uint16_t> code, std::string_view reason) = 0;

protected:
    ~ReaderSink() = default;
};

/// What a peer did wrong: the code to close with, and why.
struct Violation
{
    std::uint16_t closeCode = 1002;
    std::string_view reason; ///< static
};

/// Reads frames (RFC 6455 §5) from bytes in any split and hands over whole messages. It checks what can be
/// checked as early as the bytes allow: lengths before anything is kept, UTF-8 octet by octet. No I/O; one
/// thread.
class Reader
{
public:
    explicit Reader(Role role, const ReaderLimits &limits)
        : m_limits(&limits)
        , m_role(role)
    {
    }

    /// Takes bytes, unmasking them in place. Returns how many it used: fewer than there were only if the sink
    /// stopped it, after a Close, or after a violation.
    std::size_t feed(std::span<char> bytes, ReaderSink &sink);

    /// Set once the peer broke the protocol, else null; the reader takes no more bytes.
    [[nodiscard]] const Violation *violation() const
    {
        return m_state && m_state->violation ? &*m_state->violation : nullptr;
    }
    /// Whether a frame or a fragmented message has begun and not ended.
    [[nodiscard]] bool isMidMessage() const { return m_state && m_state->isMidMessage(); }
    /// Changes each time something whole was read: an isMidMessage() that stays true is a new one when it
    /// did.
    [[nodiscard]] std::uint32_t completed() const { return m_completed; }

private:
    struct Partial
    {
        std::string message;
        std::string control;
    };
    /// Where the reader is in a frame and a message. Between messages there is nothing to know.
    struct State
    {
        std::unique_ptr<Partial> partial{}; ///< what has come of something unfinished
        std::optional<Violation> violation{};
        std::uint64_t frameSize = 0;
        std::uint64_t framePosition = 0;
        std::uint64_t messageSize = 0; ///< of the fragments that are complete
        std::uint32_t fragments = 0;
        MaskKey key{};
        std::array<std::uint8_t, 14> header{};
        std::uint8_t headerSize = 0;
        std::uint8_t messageOpcode = 0; ///< of the fragmented message that is open; 0: none
        Opcode opcode = Opcode::Continuation;
        Utf8Validator utf8{};
        bool fin = false;
        bool inPayload = false;

        [[nodiscard]] bool isMidMessage() const { return headerSize != 0 || inPayload || messageOpcode != 0; }
        [[nodiscard]] std::size_t headerNeeded() const;
        Flow fail(std::uint16_t code, std::string_view reason);
        /// The text to append what is unfinished to.
        [[nodiscard]] std::string &kept(bool control);
    };

    std::size_t feed(State &state, std::span<char> bytes, ReaderSink &sink);
    bool startFrame(State &state) const;
    Flow payload(State &state, std::span<char> bytes, ReaderSink &sink);
    Flow finishFrame(State &state, std::string_view whole, ReaderSink &sink);
    Flow finishControl(State &state, std::string_view payload, ReaderSink &sink);

    const ReaderLimits *m_limits;
    std::unique_ptr<State> m_state; ///< while something is unfinished, and after a violation
    std::uint32_t m_completed = 0;
    Role m_role;
    bool m_closed = false;
};

} // namespace parlor::websocket
