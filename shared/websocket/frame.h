// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Writing frames (RFC 6455 §5.2).
namespace parlor::websocket {

enum class Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

using MaskKey = std::array<std::uint8_t, 4>;

/// In the first octet of a header, and in the second.
inline constexpr std::uint8_t kFin = 0x80;
inline constexpr std::uint8_t kMasked = 0x80;

inline constexpr std::size_t kMaxServerHeader = 10;
inline constexpr std::size_t kMaxControlPayload = 125;

/// The header of a whole, unmasked frame. Returns how many bytes of `out` it takes.
[[nodiscard]] std::size_t writeHeader(std::array<char, kMaxServerHeader> &out, Opcode opcode,
                                      std::size_t payloadSize);

/// Appends a whole, unmasked frame, as a server sends it.
void appendFrame(std::string &out, Opcode opcode, std::string_view payload);
/// Appends a whole, masked frame, as a client sends it.
void appendMaskedFrame(std::string &out, Opcode opcode, std::string_view payload, MaskKey key);
/// Appends a server's Close. Without a code its payload is empty; the reason is cut, at a code point, to what
/// fits.
void appendClose(std::string &out, std::optional<std::uint16_t> code, std::string_view reason);

/// Where, in whole unmasked frames that stand one after the other, the frame ends that holds the byte before
/// `offset`: the first boundary not before `offset`.
[[nodiscard]] std::size_t frameBoundary(std::string_view frames, std::size_t offset);

} // namespace parlor::websocket
