// SPDX-License-Identifier: MIT
#include "tests/integration/cluster/watcher.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QtEndian>

namespace parlor::test {

using namespace Qt::StringLiterals;

Problem Watcher::open(std::uint16_t port, const QString &name, const QString &token)
{
    const QByteArray request = RawWebSocket::upgradeRequest("/ws", "Sec-WebSocket-Protocol: parlor.v2\r\n");
    if (const Problem problem = m_socket.open(port, request); !problem.isEmpty())
        return problem;
    QJsonObject auth{{u"type"_s, u"auth"_s}, {u"username"_s, name}};
    if (!token.isEmpty())
        auth = {{u"type"_s, u"auth"_s}, {u"resume"_s, token}};
    const QJsonObject ack = ask(auth, u"ack"_s);
    m_id = ack[u"client_id"].toString();
    m_token = ack[u"resume"].toString();
    if (m_id.isEmpty() || ack[u"resumed"].toBool() == token.isEmpty())
        return u"no session: "_s + QString::fromUtf8(QJsonDocument(ack).toJson()) + m_socket.why();
    return {};
}

Problem Watcher::join(const QString &room)
{
    const QJsonObject sync = ask({{u"type"_s, u"join"_s}, {u"room"_s, room}}, u"sync"_s);
    return sync.isEmpty() ? u"no sync of "_s + room + m_socket.why() : Problem();
}

QJsonObject Watcher::ask(const QJsonObject &frame, const QString &type)
{
    if (!m_socket.send(textFrame(QJsonDocument(frame).toJson(QJsonDocument::Compact))))
        return {};
    return next(type);
}

QJsonObject Watcher::next(const QString &type, std::chrono::milliseconds patience)
{
    const QDeadlineTimer deadline(patience);
    while (!deadline.hasExpired() && m_closeCode == 0) {
        const auto frame = m_socket.readFrame(std::chrono::milliseconds(deadline.remainingTime()));
        if (!frame)
            return {};
        if (frame->opcode == Ping)
            (void)m_socket.send(pongFrame(frame->payload));
        if (frame->opcode == Close && frame->payload.size() >= 2)
            m_closeCode = qFromBigEndian<std::uint16_t>(frame->payload.data());
        if (frame->opcode != Text)
            continue;
        const QJsonObject object = QJsonDocument::fromJson(frame->payload).object();
        note(object);
        if (object[u"type"] == type)
            return object;
    }
    return {};
}

Problem Watcher::closeNormally()
{
    if (!m_socket.send(closeFrame(1000)))
        return u"the Close could not be sent"_s;
    (void)next(u"no such frame"_s);
    return m_closeCode == 1000 ? m_socket.expectEof() : u"Close %1, expected 1000"_s.arg(m_closeCode);
}

void Watcher::note(const QJsonObject &frame)
{
    const auto array = [&frame](const char *name) { return frame[QLatin1String(name)].toArray(); };
    if (frame[u"type"] == u"room_users"_s) {
        m_members.clear();
        for (const QJsonValue &each : array("members"))
            m_members += each[u"id"].toString();
    }
    if (frame[u"type"] != u"presence"_s)
        return;
    for (const QJsonValue &each : array("joined")) {
        m_changes += u'+' + each[u"id"].toString();
        m_members += each[u"id"].toString();
    }
    for (const QJsonValue &each : array("left")) {
        m_changes += u'-' + each[u"id"].toString();
        m_members.removeAll(each[u"id"].toString());
    }
}

} // namespace parlor::test
