// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

#include <cstdint>
#include <optional>

namespace parlor::test {

enum Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

inline constexpr std::uint32_t kMask = 0x37fa213d; ///< the one of RFC 6455 §5.7's examples
inline constexpr int kNoStatus = 1005;             ///< stands for a Close without a code

/// How a frame states its length (RFC 6455 §5.2).
enum class LengthForm : std::uint8_t { Minimal, SevenBits, SixteenBits, SixtyFourBits };

/// A client's frame, made of its parts, right or wrong.
struct ClientFrame
{
    std::uint8_t opcode = Text;
    QByteArray payload{};
    bool fin = true;
    std::uint8_t rsv = 0;                      ///< three bits, RSV1 the highest
    std::optional<std::uint32_t> mask = kMask; ///< nullopt: unmasked, which clients must not send
    LengthForm form = LengthForm::Minimal;
    std::optional<std::uint64_t> length{}; ///< what the header claims; nullopt: the payload's

    [[nodiscard]] QByteArray bytes() const;
};

[[nodiscard]] QByteArray textFrame(const QByteArray &payload);
[[nodiscard]] QByteArray binaryFrame(const QByteArray &payload);
[[nodiscard]] QByteArray pingFrame(const QByteArray &payload);
[[nodiscard]] QByteArray pongFrame(const QByteArray &payload);
/// A Close; code kNoStatus: an empty one.
[[nodiscard]] QByteArray closeFrame(int code, const QByteArray &reason = {});
/// The payload of a Close.
[[nodiscard]] QByteArray closePayload(int code, const QByteArray &reason = {});
/// A message in frames of `size` payload bytes.
[[nodiscard]] QList<QByteArray> fragments(Opcode opcode, const QByteArray &payload, qsizetype size);

} // namespace parlor::test
