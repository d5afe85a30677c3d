// SPDX-License-Identifier: MIT
#include "tests/bench/peers/floor/frames.h"

#include <cstdint>

namespace parlor::floor {

std::size_t headSize(std::string_view bytes)
{
    const std::size_t end = bytes.find("\r\n\r\n");
    return end == std::string_view::npos ? 0 : end + 4;
}

std::string_view upgradeAnswer()
{
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
}

ClientFrame readFrame(std::span<char> bytes)
{
    if (bytes.size() < 2)
        return {};
    const auto byteAt = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    std::size_t size = byteAt(1) & 0x7f;
    std::size_t header = 2;
    if (size == 126) {
        if (bytes.size() < 4)
            return {};
        size = static_cast<std::size_t>(byteAt(2) << 8 | byteAt(3));
        header = 4;
    }
    if (bytes.size() < header + 4 + size)
        return {};
    const std::span<const char> mask = bytes.subspan(header, 4);
    const std::span<char> payload = bytes.subspan(header + 4, size);
    for (std::size_t i = 0; i < size; ++i)
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    return {header + 4 + size, (byteAt(0) & 0x0f) <= 2, {payload.data(), size}};
}

void appendTextFrame(std::string &out, std::string_view payload)
{
    out += static_cast<char>(0x81);
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    out += payload;
}

} // namespace parlor::floor
