// SPDX-License-Identifier: MIT
#include "shared/websocket/reader.h"

#include "shared/websocket/mask.h"

#include <algorithm>

namespace parlor::websocket {

namespace {

constexpr std::uint8_t kReserved = 0x70;

bool isControl(Opcode opcode)
{
    return static_cast<std::uint8_t>(opcode) >= 8;
}

/// RFC 6455 §7.4: what a Close frame may carry.
bool isCloseCode(std::uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

} // namespace

std::string &Reader::State::kept(bool control)
{
    if (!partial)
        partial = std::make_unique<Partial>();
    return control ? partial->control : partial->message;
}

Flow Reader::State::fail(std::uint16_t code, std::string_view reason)
{
    violation = Violation{code, reason};
    partial.reset();
    return Flow::Stop;
}

std::size_t Reader::State::headerNeeded() const
{
    if (headerSize < 2)
        return 2;
    const std::uint8_t length = header[1] & 0x7F;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    return 2 + extended + ((header[1] & kMasked) ? 4 : 0);
}

std::size_t Reader::feed(std::span<char> bytes, ReaderSink &sink)
{
    if (m_state) {
        const std::size_t used = feed(*m_state, bytes, sink);
        if (!m_state->isMidMessage() && !m_state->violation)
            m_state.reset();
        return used;
    }
    State fresh;
    const std::size_t used = feed(fresh, bytes, sink);
    if (fresh.isMidMessage() || fresh.violation)
        m_state = std::make_unique<State>(std::move(fresh));
    return used;
}

std::size_t Reader::feed(State &state, std::span<char> bytes, ReaderSink &sink)
{
    std::size_t used = 0;
    Flow flow = Flow::Continue;
    while (flow == Flow::Continue && !state.violation && !m_closed) {
        if (!state.inPayload) {
            // The first two octets are judged as soon as they are here: they may already be a violation.
            const std::size_t needed = state.headerNeeded();
            if (state.headerSize < needed) {
                const std::size_t take = std::min(needed - state.headerSize, bytes.size() - used);
                if (take == 0)
                    break;
                std::copy_n(reinterpret_cast<const std::uint8_t *>(bytes.data()) + used, take,
                            state.header.begin() + state.headerSize);
                state.headerSize = static_cast<std::uint8_t>(state.headerSize + take);
                used += take;
                if (state.headerSize < needed)
                    break;
            }
            if (!startFrame(state))
                continue;
        }
        const std::size_t take =
            std::min<std::uint64_t>(state.frameSize - state.framePosition, bytes.size() - used);
        if (take == 0 && state.frameSize != state.framePosition)
            break;
        flow = payload(state, bytes.subspan(used, take), sink);
        used += take;
    }
    return used;
}

/// Judges what there is of the header. True: the header is whole and the payload begins.
bool Reader::startFrame(State &state) const
{
    state.opcode = static_cast<Opcode>(state.header[0] & 0x0F);
    state.fin = (state.header[0] & kFin) != 0;
    const std::uint8_t length = state.header[1] & 0x7F;
    const bool masked = (state.header[1] & kMasked) != 0;

    if ((state.header[0] & kReserved) != 0)
        return state.fail(1002, "reserved bits are set"), false;
    switch (state.opcode) {
    case Opcode::Continuation:
        if (state.messageOpcode == 0)
            return state.fail(1002, "a continuation without a message"), false;
        break;
    case Opcode::Text:
    case Opcode::Binary:
        if (state.messageOpcode != 0)
            return state.fail(1002, "a new message inside an unfinished one"), false;
        break;
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong:
        if (!state.fin)
            return state.fail(1002, "a fragmented control frame"), false;
        if (length > kMaxControlPayload)
            return state.fail(1002, "a control frame with more than 125 bytes"), false;
        break;
    default:
        return state.fail(1002, "a reserved opcode"), false;
    }
    if (masked != (m_role == Role::Server))
        return state.fail(1002, m_role == Role::Server ? "an unmasked frame" : "a masked frame"), false;
    if (state.headerSize < state.headerNeeded())
        return false;

    std::uint64_t size = length;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (extended != 0) {
        size = 0;
        for (std::size_t i = 0; i < extended; ++i)
            size = (size << 8) | state.header[2 + i];
        if (size >> 63)
            return state.fail(1002, "a length with its top bit set"), false;
        if (size < 126 || (extended == 8 && size <= 0xFFFF))
            return state.fail(1002, "a length in more bytes than it needs"), false;
    }
    if (!isControl(state.opcode)) {
        if (size > m_limits->messageBytes || state.messageSize + size > m_limits->messageBytes)
            return state.fail(1009, "the message is too big"), false;
        if (m_limits->fragments != 0 && state.fragments + 1 > m_limits->fragments)
            return state.fail(1002, "too many fragments"), false;
        ++state.fragments;
    }
    if (masked)
        std::copy_n(state.header.begin() + 2 + static_cast<std::ptrdiff_t>(extended), 4, state.key.begin());
    state.frameSize = size;
    state.framePosition = 0;
    state.inPayload = true;
    return true;
}

Flow Reader::payload(State &state, std::span<char> bytes, ReaderSink &sink)
{
    if (m_role == Role::Server)
        applyMask(bytes.data(), bytes.size(), state.key, state.framePosition);
    const std::string_view view(bytes.data(), bytes.size());
    const bool control = isControl(state.opcode);
    const bool text =
        !control && (state.opcode == Opcode::Text || state.messageOpcode == static_cast<int>(Opcode::Text));
    if (text && !state.utf8.feed(view))
        return state.fail(1007, "the text is not valid UTF-8");

    const bool first = state.framePosition == 0;
    state.framePosition += bytes.size();
    const bool whole = state.framePosition == state.frameSize;
    if (whole && first && (control || (state.fin && state.messageOpcode == 0)))
        return finishFrame(state, view, sink); // the usual case: nothing is copied

    std::string &kept = state.kept(control);
    kept.append(view);
    return whole ? finishFrame(state, kept, sink) : Flow::Continue;
}

/// `whole`: a control frame's payload, or all of the message so far.
Flow Reader::finishFrame(State &state, std::string_view whole, ReaderSink &sink)
{
    state.inPayload = false;
    state.headerSize = 0;
    if (isControl(state.opcode)) {
        if (state.messageOpcode == 0)
            ++m_completed;
        const Flow flow = finishControl(state, whole, sink);
        if (state.partial)
            state.partial->control.clear();
        return flow;
    }
    if (!state.fin) {
        if (state.messageOpcode == 0)
            state.messageOpcode = static_cast<std::uint8_t>(state.opcode);
        state.messageSize += state.frameSize;
        return Flow::Continue;
    }
    const bool text = state.opcode == Opcode::Text || state.messageOpcode == static_cast<int>(Opcode::Text);
    if (text && !state.utf8.isComplete())
        return state.fail(1007, "the text ends inside a code point");
    state.messageOpcode = 0;
    state.messageSize = 0;
    state.fragments = 0;
    state.utf8.reset();
    ++m_completed;
    const std::unique_ptr<Partial> keepAlive = std::move(state.partial); // `whole` may lie in it
    return text ? sink.onText(whole) : sink.onBinary(whole);
}

Flow Reader::finishControl(State &state, std::string_view data, ReaderSink &sink)
{
    if (state.opcode == Opcode::Ping)
        return sink.onPing(data);
    if (state.opcode == Opcode::Pong)
        return sink.onPong(data);

    std::optional<std::uint16_t> code;
    if (!data.empty()) {
        if (data.size() == 1)
            return state.fail(1002, "a Close with half a code");
        code = static_cast<std::uint16_t>((static_cast<unsigned char>(data[0]) << 8) |
                                          static_cast<unsigned char>(data[1]));
        if (!isCloseCode(*code))
            return state.fail(1002, "a Close with a code that may not be sent");
        data.remove_prefix(2);
        if (!isValidUtf8(data))
            return state.fail(1007, "a Close whose reason is not valid UTF-8");
    }
    m_closed = true;
    sink.onClose(code, data);
    return Flow::Stop;
}

} // namespace parlor::websocket
