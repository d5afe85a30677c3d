// SPDX-License-Identifier: MIT
#include "shared/websocket/frame.h"

#include "shared/websocket/mask.h"

#include <algorithm>

namespace parlor::websocket {

namespace {

char byte(std::size_t value)
{
    return static_cast<char>(value & 0xFF);
}

} // namespace

std::size_t writeHeader(std::array<char, kMaxServerHeader> &out, Opcode opcode, std::size_t payloadSize)
{
    out[0] = byte(kFin | static_cast<std::size_t>(opcode));
    if (payloadSize < 126) {
        out[1] = byte(payloadSize);
        return 2;
    }
    const std::size_t lengthBytes = payloadSize <= 0xFFFF ? 2 : 8;
    out[1] = lengthBytes == 2 ? 126 : 127;
    for (std::size_t i = 0; i < lengthBytes; ++i)
        out[2 + i] = byte(payloadSize >> (8 * (lengthBytes - 1 - i)));
    return 2 + lengthBytes;
}

void appendFrame(std::string &out, Opcode opcode, std::string_view payload)
{
    std::array<char, kMaxServerHeader> header{};
    out.append(header.data(), writeHeader(header, opcode, payload.size()));
    out.append(payload);
}

void appendMaskedFrame(std::string &out, Opcode opcode, std::string_view payload, MaskKey key)
{
    std::array<char, kMaxServerHeader> header{};
    const std::size_t size = writeHeader(header, opcode, payload.size());
    header[1] = byte(static_cast<std::uint8_t>(header[1]) | kMasked);
    out.append(header.data(), size);
    for (std::uint8_t k : key)
        out.push_back(static_cast<char>(k));
    const std::size_t start = out.size();
    out.append(payload);
    applyMask(out.data() + start, payload.size(), key, 0);
}

void appendClose(std::string &out, std::optional<std::uint16_t> code, std::string_view reason)
{
    std::string payload;
    if (code) {
        payload.push_back(byte(*code >> 8));
        payload.push_back(byte(*code));
        std::size_t size = std::min(reason.size(), kMaxControlPayload - 2);
        while (size > 0 && size < reason.size() && (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80)
            --size;
        payload.append(reason.substr(0, size));
    }
    appendFrame(out, Opcode::Close, payload);
}

std::size_t frameBoundary(std::string_view frames, std::size_t offset)
{
    std::size_t at = 0;
    while (at < offset) {
        std::size_t header = 2;
        std::size_t size = static_cast<unsigned char>(frames[at + 1]);
        if (size >= 126) {
            const std::size_t lengthBytes = size == 126 ? 2 : 8;
            size = 0;
            for (std::size_t i = 0; i < lengthBytes; ++i)
                size = (size << 8) | static_cast<unsigned char>(frames[at + 2 + i]);
            header += lengthBytes;
        }
        at += header + size;
    }
    return at;
}

} // namespace parlor::websocket
