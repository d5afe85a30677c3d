// SPDX-License-Identifier: MIT
#include "tests/integration/model/modelclient.h"

#include "tests/integration/model/frames.h"

#include <QThread>

#include <algorithm>
#include <utility>

namespace parlor::test::model {

using namespace Qt::StringLiterals;

namespace {

constexpr int kReplaced = 4007;
constexpr int kShutdown = 4200;
constexpr int kGoingAway = 1001;
constexpr int kNormal = 1000;

/// Of a client that is told `unavailable`, between two tries. After so many it gives up.
constexpr unsigned long kPauseMs = 50;
constexpr int kTries = 400;

} // namespace

// ---- connections

std::unique_ptr<ModelClient::Connection> ModelClient::open(std::uint16_t port, int run)
{
    auto made = std::make_unique<Connection>();
    Connection &connection = *made;
    connection.greeting.push_back(entry::Opened{m_isV2, run});
    const QByteArray request =
        RawWebSocket::upgradeRequest("/ws", m_isV2 ? "Sec-WebSocket-Protocol: parlor.v2\r\n" : "");
    if (const Problem problem = connection.socket.open(port, request); !problem.isEmpty()) {
        m_log.push_back(entry::Cut{problem});
        return nullptr;
    }
    bool greeted = true;
    if (m_isV2) {
        QJsonObject auth{{u"type"_s, u"auth"_s}};
        if (!m_token.isEmpty())
            auth.insert(u"resume"_s, m_token);
        ask(connection, auth, {u"auth"_s});
        greeted = pumpUntil(connection, [&connection] { return connection.asked.empty(); });
    } else {
        greeted = pumpUntil(connection, [&connection] { return connection.greeting.size() > 1; });
    }
    return greeted ? std::move(made) : nullptr;
}

void ModelClient::use(std::unique_ptr<Connection> connection)
{
    m_connection = std::move(connection);
    if (!m_connection)
        return;
    m_log.insert(m_log.end(), m_connection->greeting.begin(), m_connection->greeting.end());
    m_mustFlush = !m_outbox.empty();
    m_refusedRooms.clear();
    if (!m_isV2) {
        m_rooms.clear();
        m_positions.clear();
        return;
    }
    for (const QString &room : m_rooms)
        join(room);
}

void ModelClient::connect(std::uint16_t port, int run)
{
    use(open(port, run));
}

void ModelClient::replace(std::uint16_t port, int run)
{
    auto fresh = open(port, run);
    m_connection->replaced = true;
    drain(*m_connection, kReplaced);
    use(std::move(fresh));
}

void ModelClient::end()
{
    m_connection.reset();
}

void ModelClient::disconnect()
{
    (void)m_connection->socket.send(closeFrame(kNormal));
    drain(*m_connection, kNormal);
    end();
}

void ModelClient::vanish()
{
    m_connection->socket.socket().close();
    end();
}

void ModelClient::reset()
{
    m_connection->socket.socket().reset();
    end();
}

void ModelClient::readToEnd(Death death)
{
    const int farewell = m_isV2 ? kShutdown : kGoingAway;
    drain(*m_connection, death == Death::Killed ? std::nullopt : std::optional(farewell));
    end();
}

// ---- requests

qint64 ModelClient::ask(Connection &connection, QJsonObject frame, Asked asked)
{
    frame.insert(u"rid"_s, ++m_rid);
    connection.asked.emplace(m_rid, std::move(asked));
    (void)connection.socket.send(textFrame(toBytes(frame))); // a dead connection shows when it is read
    return m_rid;
}

void ModelClient::askToJoin(const QString &room, const std::optional<Position> &since, int history)
{
    m_rooms.insert(room);
    m_log.push_back(entry::JoinAsked{room, since});
    QJsonObject frame{{u"type"_s, u"join"_s}, {u"room"_s, room}};
    if (since) {
        QJsonObject position{{u"epoch"_s, since->epoch}, {u"seq"_s, since->seq}};
        if (!since->id.isEmpty())
            position.insert(u"id"_s, since->id);
        frame.insert(u"since"_s, position);
    } else {
        frame.insert(u"history"_s, history);
    }
    ask(*m_connection, frame,
        {.type = u"join"_s, .room = room, .since = since, .limit = since ? 0 : history});
}

void ModelClient::join(const QString &room)
{
    if (!m_isV2) {
        m_rooms = {room};
        m_connection->entering.push_back(room);
        const QJsonObject frame{{u"type"_s, u"join"_s}, {u"room"_s, room}};
        (void)m_connection->socket.send(textFrame(toBytes(frame)));
        if (m_isPatient && !pumpUntil(*m_connection, [this] { return m_connection->entering.empty(); }))
            end();
        return m_isPatient && isConnected() ? rejoin() : void();
    }
    askToJoin(room, known(room), 50);
}

void ModelClient::joinAnew(const QString &room, int history)
{
    askToJoin(room, std::nullopt, history);
}

void ModelClient::leave(const QString &room)
{
    m_rooms.erase(room);
    m_refusedRooms.erase(room);
    ask(*m_connection, {{u"type"_s, u"leave"_s}, {u"room"_s, room}}, {u"leave"_s, room});
}

qint64 ModelClient::publish(const Outgoing &message)
{
    m_log.push_back(entry::Sent{message.room, message.cid, message.content});
    const QJsonObject frame{{u"type"_s, u"message"_s},
                            {u"room"_s, message.room},
                            {u"content"_s, message.content},
                            {u"cid"_s, message.cid}};
    return ask(*m_connection, frame, {u"message"_s, message.room, message.cid});
}

void ModelClient::send(const QString &room, int count, int padding)
{
    flushOutbox();
    for (int i = 0; i < count && isConnected(); ++i) {
        const QString name = u"c%1-%2"_s.arg(m_number).arg(++m_said);
        const QString content = name + u' ' + QString(padding, u'x');
        if (m_isV2) {
            m_outbox.push_back({room, name, content});
            publish(m_outbox.back());
            continue;
        }
        m_log.push_back(entry::Sent{room, {}, content});
        m_connection->echoes.push_back({room, {}, content});
        const QJsonObject frame{{u"type"_s, u"message"_s}, {u"content"_s, content}};
        (void)m_connection->socket.send(textFrame(toBytes(frame)));
    }
}

void ModelClient::sayInVain(const QString &room, int count)
{
    m_saysInVain = true;
    send(room, m_isV2 ? count : 1, 0); // an error does not tell v1 which
    settle();
    m_saysInVain = false;
    m_mustFlush = !m_outbox.empty();
}

/// In order, one unanswered message at a time.
void ModelClient::flushOutbox()
{
    if (!isConnected() || !std::exchange(m_mustFlush, false))
        return;
    const auto isAnswered = [this] {
        return std::ranges::none_of(m_connection->asked,
                                    [](const auto &each) { return each.second.type == u"message"; });
    };
    if (!pumpUntil(*m_connection, isAnswered))
        return end();
    const std::deque<Outgoing> unsure = m_outbox;
    for (const Outgoing &message : unsure) {
        if (!m_rooms.contains(message.room))
            join(message.room);
        const auto isOpen = [this, &message] {
            return std::ranges::find(m_outbox, message.cid, &Outgoing::cid) != m_outbox.end();
        };
        for (int tries = 0; isOpen(); ++tries) {
            if (tries > 0)
                QThread::msleep(kPauseMs);
            rejoin();
            if (!isConnected())
                return;
            const qint64 rid = publish(message);
            if (!pumpUntil(*m_connection, [this, rid] { return !m_connection->asked.contains(rid); }))
                return end();
            if (isOpen() && (!m_isPatient || m_saysInVain || tries == kTries)) {
                if (m_isPatient && !m_saysInVain)
                    m_log.push_back(
                        entry::Cut{u"client %1: %2 is never taken"_s.arg(m_number).arg(message.cid)});
                break;
            }
        }
    }
    m_mustFlush = false;
}

/// The rooms whose join was `unavailable`.
void ModelClient::rejoin()
{
    for (int tries = 0; isConnected() && !m_refusedRooms.empty(); ++tries) {
        if (tries == kTries)
            return m_log.push_back(
                entry::Cut{u"client %1 can never join %2"_s.arg(m_number).arg(*m_refusedRooms.begin())});
        QThread::msleep(kPauseMs);
        for (const QString &room : std::exchange(m_refusedRooms, {})) {
            if (m_isV2) {
                join(room);
            } else {
                m_connection->entering.push_back(room);
                (void)m_connection->socket.send(
                    textFrame(toBytes({{u"type"_s, u"join"_s}, {u"room"_s, room}})));
            }
        }
        const auto isAnswered = [this] {
            return m_connection->entering.empty() &&
                   std::ranges::none_of(m_connection->asked,
                                        [](const auto &each) { return each.second.type == u"join"; });
        };
        if (!pumpUntil(*m_connection, isAnswered))
            end();
    }
}

void ModelClient::resendAcked(int which)
{
    flushOutbox();
    if (m_acked.empty() || !isConnected())
        return;
    const Outgoing message = m_acked[static_cast<std::size_t>(which) % m_acked.size()];
    if (m_rooms.contains(message.room))
        publish(message);
}

void ModelClient::resendOpen()
{
    flushOutbox();
    if (isConnected() && !m_outbox.empty() && m_rooms.contains(m_outbox.front().room))
        publish(m_outbox.front());
}

void ModelClient::page(const QString &room, Way way, int limit)
{
    Asked asked{.type = u"history"_s, .room = room, .since = known(room), .limit = limit};
    QJsonObject frame{{u"type"_s, u"history"_s}, {u"room"_s, room}, {u"limit"_s, limit}};
    const qint64 middle = seq(room) / 2 + 1;
    frame.insert(way == Way::Before ? u"before"_s : u"after"_s, middle);
    (way == Way::Before ? asked.before : asked.after) = middle;
    ask(*m_connection, frame, asked);
}

// ---- reading

qint64 ModelClient::seq(const QString &room) const
{
    return known(room).value_or(Position()).seq;
}

std::optional<Position> ModelClient::known(const QString &room) const
{
    const auto found = m_positions.find(room);
    return found == m_positions.end() ? std::nullopt : std::optional(found->second);
}

Position ModelClient::lastAck(const QString &room) const
{
    const auto known = m_lastAck.find(room);
    return known == m_lastAck.end() ? Position() : known->second;
}

template <typename Condition>
bool ModelClient::pumpUntil(Connection &connection, Condition holds)
{
    while (!holds()) {
        if (!pump(connection)) {
            m_log.push_back(entry::Cut{u"client %1: "_s.arg(m_number) + connection.socket.why() +
                                       u", Close %1"_s.arg(connection.closeCode.value_or(0))});
            return false;
        }
    }
    return true;
}

void ModelClient::drain(Connection &connection, std::optional<int> code)
{
    while (pump(connection)) {
    }
    const bool hung = connection.socket.socket().end() == RawSocket::End::None;
    m_log.push_back(entry::Ended{code, connection.closeCode, hung});
}

void ModelClient::fence()
{
    if (!m_isV2)
        return;
    const qint64 rid = ask(*m_connection, {{u"type"_s, u"rooms"_s}, {u"limit"_s, 1}}, {u"rooms"_s});
    if (!pumpUntil(*m_connection, [this, rid] { return !m_connection->asked.contains(rid); }))
        end();
}

void ModelClient::read()
{
    const QByteArray mark = QByteArray::number(++m_pings);
    (void)m_connection->socket.send(pingFrame(mark));
    if (!pumpUntil(*m_connection, [this, &mark] { return m_connection->lastPong == mark; }))
        end();
}

void ModelClient::settle()
{
    do {
        flushOutbox();
        rejoin();
        if (!isConnected())
            return;
        const Connection &mine = *m_connection;
        if (!pumpUntil(*m_connection, [&mine] {
                return mine.asked.empty() && mine.entering.empty() && mine.echoes.empty() &&
                       mine.awaitingSync.empty();
            }))
            return end();
    } while (!m_saysInVain && (m_mustFlush || !m_refusedRooms.empty()));
}

void ModelClient::readAcks(int count)
{
    const int wanted = m_acks + count;
    const auto isEnough = [this, wanted] {
        return m_acks >= wanted || std::ranges::none_of(m_connection->asked, [](const auto &each) {
                   return each.second.type == u"message";
               });
    };
    if (!pumpUntil(*m_connection, isEnough))
        end();
}

void ModelClient::readUpTo(const QString &room, const Position &position)
{
    if (!pumpUntil(*m_connection, [this, &room, &position] {
            const Position mine = known(room).value_or(Position());
            return mine.seq == position.seq && mine.id == position.id;
        }))
        end();
}

} // namespace parlor::test::model
