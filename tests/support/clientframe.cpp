// SPDX-License-Identifier: MIT
#include "tests/support/clientframe.h"

#include <QtEndian>

#include <algorithm>

namespace parlor::test {
namespace {

template <typename T>
void appendBigEndian(QByteArray &to, T value)
{
    const T swapped = qToBigEndian(value);
    to.append(reinterpret_cast<const char *>(&swapped), sizeof swapped);
}

LengthForm minimalForm(std::uint64_t length)
{
    return length < 126       ? LengthForm::SevenBits
           : length <= 0xffff ? LengthForm::SixteenBits
                              : LengthForm::SixtyFourBits;
}

} // namespace

QByteArray ClientFrame::bytes() const
{
    const std::uint64_t claimed = length.value_or(static_cast<std::uint64_t>(payload.size()));
    const std::uint8_t maskBit = mask ? 0x80 : 0;
    QByteArray out;
    out.reserve(payload.size() + 14);
    out.append(static_cast<char>((fin ? 0x80 : 0) | rsv << 4 | opcode));
    switch (form == LengthForm::Minimal ? minimalForm(claimed) : form) {
    case LengthForm::Minimal:
    case LengthForm::SevenBits:
        out.append(static_cast<char>(maskBit | claimed));
        break;
    case LengthForm::SixteenBits:
        out.append(static_cast<char>(maskBit | 126));
        appendBigEndian(out, static_cast<std::uint16_t>(claimed));
        break;
    case LengthForm::SixtyFourBits:
        out.append(static_cast<char>(maskBit | 127));
        appendBigEndian(out, claimed);
        break;
    }
    if (!mask)
        return out + payload;
    appendBigEndian(out, *mask);
    const QByteArray key = out.right(4);
    const qsizetype start = out.size();
    out.append(payload);
    char *masked = out.data() + start;
    for (qsizetype i = 0; i < payload.size(); ++i)
        masked[i] = static_cast<char>(masked[i] ^ key[i % 4]);
    return out;
}

QByteArray textFrame(const QByteArray &payload)
{
    return ClientFrame{.opcode = Text, .payload = payload}.bytes();
}

QByteArray binaryFrame(const QByteArray &payload)
{
    return ClientFrame{.opcode = Binary, .payload = payload}.bytes();
}

QByteArray pingFrame(const QByteArray &payload)
{
    return ClientFrame{.opcode = Ping, .payload = payload}.bytes();
}

QByteArray pongFrame(const QByteArray &payload)
{
    return ClientFrame{.opcode = Pong, .payload = payload}.bytes();
}

QByteArray closeFrame(int code, const QByteArray &reason)
{
    return ClientFrame{.opcode = Close, .payload = closePayload(code, reason)}.bytes();
}

QByteArray closePayload(int code, const QByteArray &reason)
{
    QByteArray payload;
    if (code != kNoStatus)
        appendBigEndian(payload, static_cast<std::uint16_t>(code));
    return payload + reason;
}

QList<QByteArray> fragments(Opcode opcode, const QByteArray &payload, qsizetype size)
{
    QList<QByteArray> frames;
    for (qsizetype at = 0; at == 0 || at < payload.size(); at += size) {
        const QByteArray part = payload.mid(at, size);
        frames.append(ClientFrame{.opcode = at == 0 ? opcode : Continuation,
                                  .payload = part,
                                  .fin = at + part.size() >= payload.size()}
                          .bytes());
    }
    return frames;
}

} // namespace parlor::test
