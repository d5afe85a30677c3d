// SPDX-License-Identifier: MIT
#include "shared/websocket/reader.h"

#include "shared/websocket/mask.h"

#include <algorithm>

namespace parlor::websocket {

namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;

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

Reader::Partial &Reader::partial()
{
    if (!m_partial)
        m_partial = std::make_unique<Partial>();
    return *m_partial;
}

Flow Reader::fail(std::uint16_t code, std::string_view reason)
{
    m_violation = Violation{code, reason};
    m_partial.reset();
    return Flow::Stop;
}

std::size_t Reader::headerNeeded() const
{
    if (m_headerSize < 2)
        return 2;
    const std::uint8_t length = m_header[1] & 0x7F;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    return 2 + extended + ((m_header[1] & kMasked) ? 4 : 0);
}

std::size_t Reader::feed(std::span<char> bytes, ReaderSink &sink)
{
    std::size_t used = 0;
    Flow flow = Flow::Continue;
    while (flow == Flow::Continue && !m_violation && !m_closed) {
        if (!m_inPayload) {
            // The first two octets are judged as soon as they are here: they may already be a violation.
            const std::size_t needed = headerNeeded();
            if (m_headerSize < needed) {
                const std::size_t take = std::min(needed - m_headerSize, bytes.size() - used);
                if (take == 0)
                    break;
                std::copy_n(reinterpret_cast<const std::uint8_t *>(bytes.data()) + used, take,
                            m_header.begin() + m_headerSize);
                m_headerSize = static_cast<std::uint8_t>(m_headerSize + take);
                used += take;
                if (m_headerSize < needed)
                    break;
            }
            if (!startFrame())
                continue;
        }
        const std::size_t take = std::min<std::uint64_t>(m_frameSize - m_framePosition, bytes.size() - used);
        if (take == 0 && m_frameSize != m_framePosition)
            break;
        flow = payload(bytes.subspan(used, take), sink);
        used += take;
    }
    return used;
}

/// Judges what there is of the header. True: the header is whole and the payload begins.
bool Reader::startFrame()
{
    m_opcode = static_cast<Opcode>(m_header[0] & 0x0F);
    m_fin = (m_header[0] & kFin) != 0;
    const std::uint8_t length = m_header[1] & 0x7F;
    const bool masked = (m_header[1] & kMasked) != 0;

    if ((m_header[0] & kReserved) != 0)
        return fail(1002, "reserved bits are set"), false;
    switch (m_opcode) {
    case Opcode::Continuation:
        if (m_messageOpcode == 0)
            return fail(1002, "a continuation without a message"), false;
        break;
    case Opcode::Text:
    case Opcode::Binary:
        if (m_messageOpcode != 0)
            return fail(1002, "a new message inside an unfinished one"), false;
        break;
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong:
        if (!m_fin)
            return fail(1002, "a fragmented control frame"), false;
        if (length > kMaxControlPayload)
            return fail(1002, "a control frame with more than 125 bytes"), false;
        break;
    default:
        return fail(1002, "a reserved opcode"), false;
    }
    if (masked != (m_role == Role::Server))
        return fail(1002, m_role == Role::Server ? "an unmasked frame" : "a masked frame"), false;
    if (m_headerSize < headerNeeded())
        return false;

    std::uint64_t size = length;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (extended != 0) {
        size = 0;
        for (std::size_t i = 0; i < extended; ++i)
            size = (size << 8) | m_header[2 + i];
        if (size >> 63)
            return fail(1002, "a length with its top bit set"), false;
        if (size < 126 || (extended == 8 && size <= 0xFFFF))
            return fail(1002, "a length in more bytes than it needs"), false;
    }
    if (!isControl(m_opcode)) {
        if (size > m_limits->messageBytes || m_messageSize + size > m_limits->messageBytes)
            return fail(1009, "the message is too big"), false;
        if (m_limits->fragments != 0 && m_fragments + 1 > m_limits->fragments)
            return fail(1002, "too many fragments"), false;
        ++m_fragments;
    }
    if (masked)
        std::copy_n(m_header.begin() + 2 + static_cast<std::ptrdiff_t>(extended), 4, m_key.begin());
    m_frameSize = size;
    m_framePosition = 0;
    m_inPayload = true;
    return true;
}

Flow Reader::payload(std::span<char> bytes, ReaderSink &sink)
{
    if (m_role == Role::Server)
        applyMask(bytes.data(), bytes.size(), m_key, m_framePosition);
    const std::string_view view(bytes.data(), bytes.size());
    const bool control = isControl(m_opcode);
    const bool text =
        !control && (m_opcode == Opcode::Text || m_messageOpcode == static_cast<int>(Opcode::Text));
    if (text && !m_utf8.feed(view))
        return fail(1007, "the text is not valid UTF-8");

    const bool first = m_framePosition == 0;
    m_framePosition += bytes.size();
    const bool whole = m_framePosition == m_frameSize;
    if (whole && first && (control || (m_fin && m_messageOpcode == 0)))
        return finishFrame(view, sink); // the usual case: nothing is copied

    std::string &kept = control ? partial().control : partial().message;
    kept.append(view);
    return whole ? finishFrame(kept, sink) : Flow::Continue;
}

/// `whole`: a control frame's payload, or all of the message so far.
Flow Reader::finishFrame(std::string_view whole, ReaderSink &sink)
{
    m_inPayload = false;
    m_headerSize = 0;
    if (isControl(m_opcode)) {
        if (m_messageOpcode == 0)
            ++m_completed;
        const Flow flow = finishControl(whole, sink);
        if (m_partial)
            m_partial->control.clear();
        return flow;
    }
    if (!m_fin) {
        if (m_messageOpcode == 0)
            m_messageOpcode = static_cast<std::uint8_t>(m_opcode);
        m_messageSize += m_frameSize;
        return Flow::Continue;
    }
    const bool text = m_opcode == Opcode::Text || m_messageOpcode == static_cast<int>(Opcode::Text);
    if (text && !m_utf8.isComplete())
        return fail(1007, "the text ends inside a code point");
    m_messageOpcode = 0;
    m_messageSize = 0;
    m_fragments = 0;
    m_utf8.reset();
    ++m_completed;
    const std::unique_ptr<Partial> keepAlive = std::move(m_partial); // `whole` may lie in it
    return text ? sink.onText(whole) : sink.onBinary(whole);
}

Flow Reader::finishControl(std::string_view data, ReaderSink &sink)
{
    if (m_opcode == Opcode::Ping)
        return sink.onPing(data);
    if (m_opcode == Opcode::Pong)
        return sink.onPong(data);

    std::optional<std::uint16_t> code;
    if (!data.empty()) {
        if (data.size() == 1)
            return fail(1002, "a Close with half a code");
        code = static_cast<std::uint16_t>((static_cast<unsigned char>(data[0]) << 8) |
                                          static_cast<unsigned char>(data[1]));
        if (!isCloseCode(*code))
            return fail(1002, "a Close with a code that may not be sent");
        data.remove_prefix(2);
        if (!isValidUtf8(data))
            return fail(1007, "a Close whose reason is not valid UTF-8");
    }
    m_closed = true;
    sink.onClose(code, data);
    return Flow::Stop;
}

} // namespace parlor::websocket
