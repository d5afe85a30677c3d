// SPDX-License-Identifier: MIT
#include "tests/support/rawchat.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtEndian>

namespace parlor::test {

namespace {

constexpr int kMostFrames = 200'000; // no test waits through more

QString typeOf(const QJsonObject &frame)
{
    return frame.value(QLatin1String("type")).toString();
}

QString text(const QJsonObject &frame, const char *field)
{
    return frame.value(QLatin1String(field)).toString();
}

} // namespace

QString toText(const QJsonObject &frame)
{
    return QString::fromUtf8(QJsonDocument(frame).toJson(QJsonDocument::Compact).left(500));
}

Problem RawChat::open(std::uint16_t port, Dialect dialect, const QByteArray &fields, int receiveBuffer)
{
    const QByteArray protocol = dialect == Dialect::V2 ? "Sec-WebSocket-Protocol: parlor.v2\r\n" : "";
    const QByteArray request = RawWebSocket::upgradeRequest("/ws", protocol + fields);
    if (Problem problem = m_webSocket.open(port, request, receiveBuffer); !problem.isEmpty())
        return problem;
    if (m_webSocket.response().contains("parlor.v2") != (dialect == Dialect::V2))
        return QStringLiteral("wrong sub-protocol: ") % QString::fromUtf8(m_webSocket.response());
    const auto first = next();
    if (!first || typeOf(*first) != QLatin1String("connection"))
        return QStringLiteral("no connection frame: ") % (first ? toText(*first) : m_why);
    m_connection = *first;
    m_clientId = text(*first, "client_id");
    return {};
}

Problem RawChat::openAndJoin(std::uint16_t port, Dialect dialect, const QString &room)
{
    if (Problem problem = open(port, dialect); !problem.isEmpty())
        return problem;
    if (!send({{QStringLiteral("type"), QStringLiteral("join")}, {QStringLiteral("room"), room}}))
        return QStringLiteral("the join could not be sent");
    const bool isV2 = dialect == Dialect::V2;
    auto frame = nextOf(isV2 ? QStringLiteral("sync") : QStringLiteral("room_users"));
    while (isV2 && frame && frame->value(QLatin1String("more")).toBool())
        frame = nextOf(QStringLiteral("sync"));
    return frame ? Problem() : QStringLiteral("the join was not answered: ") % m_why;
}

bool RawChat::send(const QJsonObject &frame)
{
    return sendText(QJsonDocument(frame).toJson(QJsonDocument::Compact));
}

std::optional<QJsonObject> RawChat::next(std::chrono::milliseconds patience)
{
    for (int i = 0; i < kMostFrames; ++i) {
        const auto frame = m_webSocket.readFrame(patience);
        if (!frame) {
            m_why = m_webSocket.why();
            return std::nullopt;
        }
        if (frame->opcode == Ping) {
            (void)m_webSocket.send(pongFrame(frame->payload));
            continue;
        }
        if (frame->opcode == Pong)
            continue;
        if (frame->opcode == Close) {
            m_closeCode =
                frame->payload.size() < 2 ? kNoStatus : qFromBigEndian<std::uint16_t>(frame->payload.data());
            (void)m_webSocket.send(closeFrame(*m_closeCode)); // the server may have ended already
        }
        const QJsonDocument document = QJsonDocument::fromJson(frame->payload);
        if (frame->opcode != Text || !frame->fin || !document.isObject()) {
            m_why = describe(*frame);
            return std::nullopt;
        }
        if (typeOf(document.object()) != QLatin1String("presence"))
            return document.object();
    }
    m_why = QStringLiteral("pings and presence without end");
    return std::nullopt;
}

std::optional<QJsonObject> RawChat::nextOf(const QString &type)
{
    for (int i = 0; i < kMostFrames; ++i) {
        const auto frame = next();
        if (!frame || typeOf(*frame) == type)
            return frame;
        if (typeOf(*frame) == QLatin1String("error")) {
            m_why = toText(*frame);
            return std::nullopt;
        }
    }
    m_why = QStringLiteral("frames without end, none of type ") % type;
    return std::nullopt;
}

Problem RawChat::expect(const QJsonObject &expected)
{
    const auto frame = next();
    if (!frame)
        return m_why % QStringLiteral("; expected ") % toText(expected);
    return *frame == expected ? Problem() : toText(*frame) % QStringLiteral("; expected ") % toText(expected);
}

Problem RawChat::expectError(const QString &code)
{
    const auto frame = next();
    if (!frame)
        return m_why % QStringLiteral("; expected the error ") % code;
    if (typeOf(*frame) != QLatin1String("error") || text(*frame, "code") != code ||
        text(*frame, "message").isEmpty())
        return toText(*frame) % QStringLiteral("; expected the error ") % code;
    return {};
}

Problem RawChat::chats(const QString &room, const QString &content)
{
    const QString cid = QStringLiteral("cid-%1-%2").arg(m_clientId.right(8)).arg(++m_sent);
    if (!send({{QStringLiteral("type"), QStringLiteral("message")},
               {QStringLiteral("room"), room},
               {QStringLiteral("content"), content},
               {QStringLiteral("cid"), cid}}))
        return QStringLiteral("the message could not be sent");
    const auto ack = nextOf(QStringLiteral("ack"));
    if (!ack || text(*ack, "cid") != cid)
        return QStringLiteral("no ack of the message: ") % (ack ? toText(*ack) : m_why);
    for (int i = 0; i < kMostFrames; ++i) {
        const auto message = nextOf(QStringLiteral("message"));
        if (!message)
            return QStringLiteral("no copy of the message: ") % m_why;
        if (text(*message, "cid") == cid)
            return text(*message, "content") == content ? Problem() : toText(*message);
    }
    return QStringLiteral("messages without end, not the own one");
}

std::optional<QJsonObject> RawChat::authenticate(QJsonObject fields)
{
    fields.insert(QStringLiteral("type"), QStringLiteral("auth"));
    if (!send(fields)) {
        m_why = QStringLiteral("the auth could not be sent");
        return std::nullopt;
    }
    auto ack = nextOf(QStringLiteral("ack"));
    if (ack)
        m_clientId = text(*ack, "client_id");
    return ack;
}

Problem RawChat::closeNormally()
{
    if (!m_webSocket.send(closeFrame(1000)))
        return QStringLiteral("the Close could not be sent");
    Problem problem = expectClose(1000);
    m_webSocket.socket().close();
    return problem;
}

Problem RawChat::expectClose(int code)
{
    for (int i = 0; i < kMostFrames && next(); ++i) {
    }
    if (m_closeCode != code)
        return QStringLiteral("%1; expected Close %2").arg(m_why).arg(code);
    return m_webSocket.expectEof();
}

} // namespace parlor::test
