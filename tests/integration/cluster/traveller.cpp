// SPDX-License-Identifier: MIT
#include "tests/integration/cluster/traveller.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QThread>

#include <algorithm>
#include <utility>

namespace parlor::test {

using namespace Qt::StringLiterals;

namespace {

/// Between two looks whether it is over. A frame comes as a whole within it.
constexpr std::chrono::milliseconds kLook{1'000};
/// Before another attempt, where the server did not say how long to wait.
constexpr unsigned long kPauseMs = 100;

} // namespace

Traveller::Traveller(std::uint16_t port, QString room)
    : m_port(port)
    , m_room(std::move(room))
    , m_thread([this] { run(); })
{
}

Traveller::~Traveller()
{
    stop();
}

void Traveller::stop()
{
    m_isOver = true;
    if (m_thread.joinable())
        m_thread.join();
}

void Traveller::run()
{
    while (!m_isOver) {
        visit();
        const auto advised = static_cast<unsigned long>(std::exchange(m_delayMs, 0));
        if (!m_isOver)
            QThread::msleep(advised != 0 ? advised : kPauseMs);
    }
}

void Traveller::visit()
{
    m_socket = std::make_unique<RawWebSocket>();
    m_isInside = false;
    const QByteArray request = RawWebSocket::upgradeRequest("/ws", "Sec-WebSocket-Protocol: parlor.v2\r\n");
    // HAProxy writes the fields' names in small letters, which open() does not know.
    if (!m_socket->open(m_port, request).isEmpty() && !m_socket->response().startsWith("HTTP/1.1 101 "))
        return;
    QJsonObject auth{{u"type"_s, u"auth"_s}};
    if (!m_token.isEmpty())
        auth.insert(u"resume"_s, m_token);
    QJsonObject join{{u"type"_s, u"join"_s}, {u"room"_s, m_room}, {u"rid"_s, 1}};
    if (!m_position.isEmpty())
        join.insert(u"since"_s, m_position);
    if (!ask(auth) || !ask(join))
        return;
    while (!m_isOver) {
        const auto frame = m_socket->readFrame(kLook);
        if (!frame && m_socket->socket().end() != RawSocket::End::None)
            return;
        if (!frame)
            continue;
        if (frame->opcode == Close)
            return;
        if (frame->opcode == Ping)
            (void)m_socket->send(pongFrame(frame->payload));
        if (frame->opcode == Text)
            on(QJsonDocument::fromJson(frame->payload).object());
    }
}

bool Traveller::ask(QJsonObject frame)
{
    return m_socket->send(textFrame(QJsonDocument(std::move(frame)).toJson(QJsonDocument::Compact)));
}

void Traveller::on(const QJsonObject &frame)
{
    const QString type = frame[u"type"].toString();
    if (type == u"ack" && frame.contains(u"resume")) {
        if (!m_token.isEmpty() && !frame[u"resumed"].toBool())
            m_problems += u"its session is lost"_s;
        m_moves += m_token.isEmpty() ? 0 : 1;
        m_token = frame[u"resume"].toString();
    } else if (type == u"sync") {
        onSync(frame);
    } else if (type == u"message") {
        onMessage(frame);
    } else if (type == u"reconnect") {
        m_delayMs = frame[u"delay_ms"].toInteger();
    } else if (type == u"error" && frame[u"code"].toString() == u"unavailable" && !m_isInside) {
        QThread::msleep(kPauseMs);
        QJsonObject join{{u"type"_s, u"join"_s}, {u"room"_s, m_room}};
        if (!m_position.isEmpty())
            join.insert(u"since"_s, m_position);
        (void)ask(join);
    } else if (type == u"error") {
        m_problems += QString::fromUtf8(QJsonDocument(frame).toJson(QJsonDocument::Compact));
    }
}

void Traveller::onSync(const QJsonObject &frame)
{
    const bool wantsToResume = !m_position.isEmpty();
    if (frame[u"recovered"].toBool() != wantsToResume || frame.contains(u"reason"))
        m_problems += u"since %1 it gets a sync of %2, reason \"%3\""_s.arg(m_position[u"seq"].toInteger())
                          .arg(frame[u"seq"].toInteger())
                          .arg(frame[u"reason"].toString());
    const QJsonArray events = frame[u"events"].toArray();
    if (!wantsToResume) { // what was said before it came is none of its messages
        m_position = {{u"epoch"_s, frame[u"epoch"]}, {u"seq"_s, frame[u"seq"]}};
        if (frame.contains(u"id"))
            m_position.insert(u"id"_s, frame[u"id"]);
    } else {
        for (const QJsonValue &each : events)
            onMessage(each.toObject());
    }
    m_isInside = true;
}

void Traveller::onMessage(const QJsonObject &frame)
{
    const qint64 before = m_position[u"seq"].toInteger();
    const qint64 seq = frame[u"seq"].toInteger();
    if (seq != before + 1)
        m_problems += u"message %1 after %2"_s.arg(seq).arg(before);
    m_position.insert(u"seq"_s, seq);
    m_position.insert(u"id"_s, frame[u"id"]);
    ++m_messages;
    const QDateTime said = QDateTime::fromString(frame[u"timestamp"].toString(), Qt::ISODateWithMs);
    m_longestWaitMs = std::max(m_longestWaitMs, said.msecsTo(QDateTime::currentDateTimeUtc()));
}

} // namespace parlor::test
