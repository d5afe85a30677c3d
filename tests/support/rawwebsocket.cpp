// SPDX-License-Identifier: MIT
#include "tests/support/rawwebsocket.h"

#include <QCryptographicHash>
#include <QtEndian>

namespace parlor::test {
namespace {

constexpr qsizetype kLargestFrame = 80 << 20; // more than any test asks for
constexpr qsizetype kLargestHead = 16 << 10;
const QByteArray kKey = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455 §1.3's

QByteArray acceptFor(const QByteArray &key)
{
    const QByteArray salted = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return QCryptographicHash::hash(salted, QCryptographicHash::Sha1).toBase64();
}

/// Well-formed UTF-8 by Unicode's table 3-7, written as that table is.
bool isUtf8(const QByteArray &bytes)
{
    const auto at = [&bytes](qsizetype i) {
        return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0;
    };
    const auto in = [](int byte, int low, int high) { return byte >= low && byte <= high; };
    for (qsizetype i = 0; i < bytes.size();) {
        const int lead = at(i);
        const int second = at(i + 1);
        int more = 0;
        if (lead < 0x80)
            more = 0;
        else if (in(lead, 0xc2, 0xdf) && in(second, 0x80, 0xbf))
            more = 1;
        else if (in(lead, 0xe0, 0xef) && in(second, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf))
            more = 2;
        else if (in(lead, 0xf0, 0xf4) && in(second, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf))
            more = 3;
        else
            return false;
        for (int k = 1; k <= more; ++k)
            if (!in(at(i + k), 0x80, 0xbf))
                return false;
        i += 1 + more;
    }
    return true;
}

bool isKnown(std::uint8_t opcode)
{
    return opcode <= Binary || (opcode >= Close && opcode <= Pong);
}

QString endText(RawSocket::End end)
{
    return end == RawSocket::End::Eof     ? QStringLiteral("the server ended the connection")
           : end == RawSocket::End::Reset ? QStringLiteral("the server reset the connection")
                                          : QStringLiteral("nothing more came in time");
}

} // namespace

QString describe(const ServerFrame &frame)
{
    const QByteArray shown = frame.payload.left(120);
    const bool printable = isUtf8(frame.payload) && frame.opcode != Close;
    return QStringLiteral("opcode %1%2, %3 bytes: %4%5")
        .arg(frame.opcode)
        .arg(frame.fin ? QString() : QStringLiteral(" (not final)"))
        .arg(frame.payload.size())
        .arg(printable ? QString::fromUtf8(shown) : QString::fromLatin1(shown.toHex(' ')))
        .arg(frame.payload.size() > shown.size() ? QStringLiteral("…") : QString());
}

QByteArray RawWebSocket::upgradeRequest(const QByteArray &path, const QByteArray &fields)
{
    return "GET " + path +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
           kKey + "\r\n" + fields + "\r\n";
}

Problem RawWebSocket::open(std::uint16_t port, const QByteArray &request, int receiveBuffer)
{
    if (!m_socket.connectTo(port, receiveBuffer))
        return QStringLiteral("cannot connect to port %1").arg(port);
    if (!m_socket.send(request))
        return QStringLiteral("the upgrade could not be sent");
    m_response = m_socket.receiveUntil("\r\n\r\n", kLargestHead);
    if (!m_response.startsWith("HTTP/1.1 101 "))
        return QStringLiteral("the upgrade was answered: ") % QString::fromUtf8(m_response.left(200));
    const QByteArray accept = "Sec-WebSocket-Accept: " + acceptFor(kKey) + "\r\n";
    if (!m_response.contains(accept))
        return QStringLiteral("wrong Sec-WebSocket-Accept: ") % QString::fromUtf8(m_response);
    return {};
}

std::optional<ServerFrame> RawWebSocket::fail(const Problem &why)
{
    m_why = why;
    return std::nullopt;
}

std::optional<ServerFrame> RawWebSocket::readFrame(std::chrono::milliseconds patience)
{
    const QByteArray head = m_socket.receive(2, patience);
    if (head.size() < 2) {
        return fail(endText(m_socket.end()) %
                    (head.isEmpty() ? QString() : QStringLiteral(" inside a frame")));
    }
    const auto first = static_cast<std::uint8_t>(head[0]);
    const auto second = static_cast<std::uint8_t>(head[1]);
    ServerFrame frame{static_cast<std::uint8_t>(first & 0x0f), {}, (first & 0x80) != 0};
    if ((first & 0x70) != 0 || !isKnown(frame.opcode)) {
        return fail(
            QStringLiteral("the server sent a reserved bit or opcode: first byte %1").arg(first, 2, 16));
    }
    if ((second & 0x80) != 0)
        return fail(QStringLiteral("the server sent a masked frame"));
    std::uint64_t length = second & 0x7f;
    if (frame.opcode >= Close && (length > 125 || !frame.fin))
        return fail(QStringLiteral("the server sent a long or fragmented control frame"));
    if (length >= 126) {
        const qsizetype width = length == 126 ? 2 : 8;
        const QByteArray bytes = m_socket.receive(width, patience);
        if (bytes.size() < width)
            return fail(endText(m_socket.end()) % QStringLiteral(" inside a frame"));
        length = width == 2 ? qFromBigEndian<std::uint16_t>(bytes.data())
                            : qFromBigEndian<std::uint64_t>(bytes.data());
        if (length < (width == 2 ? 126U : 0x1'0000U) || length > static_cast<std::uint64_t>(kLargestFrame)) {
            return fail(
                QStringLiteral("the server stated a length of %1 in %2 bytes").arg(length).arg(width));
        }
    }
    frame.payload = m_socket.receive(static_cast<qsizetype>(length), patience);
    if (frame.payload.size() != static_cast<qsizetype>(length))
        return fail(endText(m_socket.end()) % QStringLiteral(" inside a frame's payload"));
    return frame;
}

Problem RawWebSocket::expectFrame(const ServerFrame &expected)
{
    const auto frame = readFrame();
    if (!frame)
        return m_why % QStringLiteral("; expected ") % describe(expected);
    return *frame == expected ? Problem()
                              : describe(*frame) % QStringLiteral("; expected ") % describe(expected);
}

Problem RawWebSocket::expectClose(int code)
{
    const auto frame = readFrame();
    if (!frame)
        return m_why % QStringLiteral("; expected Close %1").arg(code);
    if (frame->opcode != Close || frame->payload.size() == 1 || !isUtf8(frame->payload.mid(2)))
        return describe(*frame) % QStringLiteral("; expected Close %1").arg(code);
    const int sent =
        frame->payload.isEmpty() ? kNoStatus : qFromBigEndian<std::uint16_t>(frame->payload.data());
    return sent == code ? Problem()
                        : QStringLiteral("Close %1 (%2), expected %3")
                              .arg(sent)
                              .arg(QString::fromUtf8(frame->payload.mid(2)))
                              .arg(code);
}

Problem RawWebSocket::expectEof()
{
    const QByteArray more = m_socket.receive(1);
    if (!more.isEmpty())
        return QStringLiteral("another byte (%1) in place of the end").arg(static_cast<int>(more[0]), 0, 16);
    return m_socket.end() == RawSocket::End::Eof ? Problem() : endText(m_socket.end());
}

Problem RawWebSocket::expectClosing(int code)
{
    if (Problem problem = expectClose(code); !problem.isEmpty())
        return problem;
    (void)send(closeFrame(code)); // a server that has ended already need not hear it
    return finish();
}

Problem RawWebSocket::closeNormally()
{
    if (!send(closeFrame(1000)))
        return QStringLiteral("the Close could not be sent");
    const Problem problem = expectClose(1000);
    return problem.isEmpty() ? finish() : problem;
}

Problem RawWebSocket::finish()
{
    Problem problem = expectEof();
    m_socket.close(); // until then a server may keep its descriptor for a while
    return problem;
}

} // namespace parlor::test
