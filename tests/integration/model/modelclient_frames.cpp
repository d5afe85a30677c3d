// SPDX-License-Identifier: MIT
// What a model client makes of the frames that it gets.
#include "tests/integration/model/frames.h"
#include "tests/integration/model/modelclient.h"

#include <algorithm>

namespace parlor::test::model {

using namespace Qt::StringLiterals;

bool ModelClient::pump(Connection &connection)
{
    if (connection.ended)
        return false;
    const auto frame = connection.socket.readFrame();
    connection.ended = !frame;
    if (!frame)
        return false;
    if (frame->opcode == Ping)
        (void)connection.socket.send(pongFrame(frame->payload));
    if (frame->opcode == Pong)
        connection.lastPong = frame->payload;
    if (frame->opcode == Close) {
        connection.closeCode = codeOf(*frame);
        (void)connection.socket.send(closeFrame(*connection.closeCode)); // it may be gone
        return pump(connection);
    }
    if (frame->opcode == Text)
        handle(connection, toObject(frame->payload));
    return true;
}

void ModelClient::handle(Connection &connection, const QJsonObject &frame)
{
    const QString type = text(frame, "type");
    if (type == u"connection" && !m_isV2) {
        const QString id = text(frame, "client_id");
        connection.greeting.push_back(entry::Session{false, false, id, id});
    } else if (type == u"ack") {
        onAck(connection, frame);
    } else if (type == u"sync") {
        onSync(connection, frame);
    } else if (type == u"history") {
        onHistory(connection, frame);
    } else if (type == u"rooms") {
        connection.asked.erase(number(frame, "rid"));
    } else if (type == u"room_users" && !m_isV2 && !connection.entering.empty()) {
        m_log.push_back(entry::Joined{connection.entering.front(), {}});
        connection.entering.pop_front();
    } else if (type == u"message" && !m_isV2 && text(frame, "sender") == u"server") {
        m_log.push_back(entry::Echoed{text(frame, "content")});
        if (!connection.echoes.empty())
            connection.echoes.pop_front();
    } else if (type == u"message") {
        const Message message = messageOf(frame);
        m_log.push_back(entry::Heard{message});
        Position &position = m_positions[message.room]; // the epoch is that of the sync before it
        position.seq = message.seq;
        position.id = message.id;
    } else if (type == u"error") {
        onError(connection, frame);
    }
}

void ModelClient::onError(Connection &connection, const QJsonObject &frame)
{
    const auto at = connection.asked.find(number(frame, "rid"));
    const bool isUnavailable = text(frame, "code") == u"unavailable";
    // What follows a join that was refused.
    const bool isOutside = text(frame, "code") == u"not_in_room" && at != connection.asked.end() &&
                           m_refusedRooms.contains(at->second.room);
    if (m_saysInVain && at != connection.asked.end() && at->second.type == u"message" && isUnavailable) {
        const auto sent = std::ranges::find(m_outbox, at->second.cid, &Outgoing::cid);
        m_log.push_back(entry::Declined{sent->room, sent->cid, sent->content});
    } else if (m_saysInVain && !m_isV2 && !connection.echoes.empty()) {
        const Outgoing said = connection.echoes.front();
        connection.echoes.pop_front();
        m_log.push_back(entry::Declined{said.room, {}, said.content});
    } else if (m_isPatient && isUnavailable && !m_isV2 && !connection.echoes.empty()) {
        const Outgoing said = connection.echoes.front();
        connection.echoes.pop_front();
        m_log.push_back(entry::Unsure{u"message"_s, said.room, {}, said.content});
    } else if (m_isPatient && isUnavailable && !m_isV2 && !connection.entering.empty()) {
        m_refusedRooms.insert(connection.entering.front());
        connection.entering.pop_front();
    } else if (m_isPatient && at != connection.asked.end() && (isUnavailable || isOutside) &&
               !connection.replaced) {
        onUnavailable(at->second);
    } else {
        m_log.push_back(entry::Refused{QString::fromUtf8(toBytes(frame)), connection.replaced});
    }
    if (at != connection.asked.end())
        connection.asked.erase(at);
}

void ModelClient::onUnavailable(const Asked &asked)
{
    const auto sent = std::ranges::find(m_outbox, asked.cid, &Outgoing::cid);
    const bool isOwed = asked.type == u"message" && sent != m_outbox.end();
    m_log.push_back(entry::Unsure{asked.type, asked.room, asked.cid, isOwed ? sent->content : QString()});
    m_mustFlush = m_mustFlush || isOwed;
    if (asked.type == u"join" && m_rooms.contains(asked.room))
        m_refusedRooms.insert(asked.room);
}

void ModelClient::onAck(Connection &connection, const QJsonObject &frame)
{
    const auto at = connection.asked.find(number(frame, "rid"));
    if (at == connection.asked.end()) {
        m_log.push_back(entry::Refused{u"an answer to nothing: "_s + QString::fromUtf8(toBytes(frame))});
        return;
    }
    const Asked asked = at->second;
    connection.asked.erase(at);
    if (asked.type == u"auth") {
        connection.greeting.push_back(entry::Session{!m_token.isEmpty(), isTrue(frame, "resumed"),
                                                     text(frame, "client_id"), text(frame, "user")});
        m_token = text(frame, "resume");
    } else if (asked.type == u"join") {
        m_log.push_back(entry::Joined{asked.room, asked.since, asked.limit});
        connection.awaitingSync.insert(asked.room);
    } else if (asked.type == u"leave") {
        m_log.push_back(entry::Left{asked.room});
        connection.awaitingSync.erase(asked.room);
    } else {
        const QString cid = text(frame, "cid");
        m_log.push_back(entry::Acked{text(frame, "room"), cid, text(frame, "id"), number(frame, "seq"),
                                     isTrue(frame, "dup"), isTrue(frame, "durable")});
        ++m_acks;
        m_lastAck[text(frame, "room")] = {{}, number(frame, "seq"), text(frame, "id")};
        const auto sent = std::ranges::find(m_outbox, cid, &Outgoing::cid);
        if (sent != m_outbox.end()) {
            m_acked.push_back(*sent);
            m_outbox.erase(sent);
        }
    }
}

void ModelClient::onSync(Connection &connection, const QJsonObject &frame)
{
    const entry::Synced sync = syncOf(frame);
    m_log.push_back(sync);
    m_positions[sync.room] = sync.top;
    if (!sync.events.empty())
        m_positions[sync.room] = {sync.top.epoch, sync.events.back().seq, sync.events.back().id};
    if (!sync.more)
        connection.awaitingSync.erase(sync.room);
}

void ModelClient::onHistory(Connection &connection, const QJsonObject &frame)
{
    const auto at = connection.asked.find(number(frame, "rid"));
    if (at == connection.asked.end())
        return;
    const Asked &asked = at->second;
    m_log.push_back(entry::Paged{asked.room, asked.since.value_or(Position()), asked.before, asked.after,
                                 asked.limit, text(frame, "epoch"), eventsOf(frame), isTrue(frame, "more"),
                                 eventBytesOf(frame)});
    connection.asked.erase(at);
}

} // namespace parlor::test::model
