// SPDX-License-Identifier: MIT
#include "tests/integration/order/orderclient.h"

#include "shared/protocol/encoder.h"

#include <QNetworkRequest>

#include <algorithm>

namespace parlor {

OrderClient::OrderClient(std::string name, bool v2, const QUrl &url, SharedLog &log)
    : m_name(std::move(name))
    , m_v2(v2)
    , m_url(url)
    , m_log(log)
{
}

OrderClient::~OrderClient()
{
    drop();
}

void OrderClient::connectNow()
{
    m_socket = std::make_unique<QWebSocket>();
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this,
            [this](const QString &text) { hear(text); });
    connect(m_socket.get(), &QWebSocket::connected, this, [this] {
        m_connected = true;
        if (!m_v2)
            return;
        request::Auth auth;
        auth.username = m_name;
        if (!m_resume.empty())
            auth.resume = m_resume;
        std::string json;
        encode(json, Request{{}, auth});
        send(json);
        for (auto &[room, state] : m_rooms) {
            if (state.wanted)
                join(room);
        }
    });
    QNetworkRequest request(m_url);
    if (m_v2)
        request.setRawHeader("Sec-WebSocket-Protocol", "parlor.v2");
    m_socket->open(request);
}

void OrderClient::drop()
{
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket.release()->deleteLater();
    m_connected = false;
    m_unanswered = 0;
    for (auto &[room, state] : m_rooms) {
        state.member = false;
        state.joins = 0;
        if (!m_v2)
            state = {};
    }
}

void OrderClient::send(const std::string &json)
{
    m_socket->sendTextMessage(QString::fromStdString(json));
}

void OrderClient::join(const std::string &room)
{
    Room &state = m_rooms[room];
    state.wanted = true;
    ++state.joins;
    ++m_unanswered;
    std::string json;
    if (m_v2) {
        request::Join join{room};
        if (state.known)
            join.since = Position{state.epoch, state.seq, state.id};
        encode(json, Request{{}, join});
    } else {
        for (auto &[name, other] : m_rooms)
            other.wanted = name == room;
        encode(json, v1::Request(v1::Join{room}));
    }
    send(json);
}

void OrderClient::leave(const std::string &room)
{
    m_rooms[room].wanted = false;
    ++m_unanswered;
    std::string json;
    encode(json, Request{{}, request::Leave{room}});
    send(json);
}

void OrderClient::say(const std::string &room)
{
    const std::string text = m_name + " " + std::to_string(++m_said);
    std::string json;
    if (m_v2) {
        ++m_unanswered;
        encode(json, Request{{}, request::Publish{room, {text}, text}});
    } else {
        encode(json, v1::Request(v1::Publish{{text}}));
    }
    send(json);
}

bool OrderClient::isSettled() const
{
    return m_unanswered == 0 && std::all_of(m_rooms.begin(), m_rooms.end(), [this](const auto &each) {
               return !m_v2 || !each.second.wanted || each.second.member;
           });
}

QString OrderClient::state() const
{
    QString text = QStringLiteral("%1 (%2), %3 answers owed")
                       .arg(QString::fromStdString(m_name),
                            m_connected ? QStringLiteral("connected") : QStringLiteral("cut"))
                       .arg(m_unanswered);
    for (const auto &[name, room] : m_rooms) {
        if (m_v2 && room.wanted && !room.member)
            text += QStringLiteral(", waits for the sync of ") + QString::fromStdString(name);
    }
    return text;
}

bool OrderClient::isIn(const std::string &room) const
{
    const auto found = m_rooms.find(room);
    return found != m_rooms.end() && found->second.wanted;
}

std::uint64_t OrderClient::seen(const std::string &room) const
{
    const auto found = m_rooms.find(room);
    return found == m_rooms.end() ? 0 : found->second.seq;
}

void OrderClient::hear(const QString &text)
{
    const std::string bytes = text.toStdString();
    const auto decoded = m_decoder.frame(bytes);
    if (!decoded)
        return m_log.mistake(m_name + " cannot read " + bytes);
    if (const auto *message = std::get_if<frame::Message>(&*decoded)) {
        hearMessage(*message);
    } else if (const auto *sync = std::get_if<frame::Sync>(&*decoded)) {
        hearSync(*sync);
    } else if (std::holds_alternative<frame::RoomUserIds>(*decoded)) {
        --m_unanswered;
        for (auto &[name, state] : m_rooms)
            state.known = false; // a v1 client is somewhere else now, and has no position
    } else if (const auto *ack = std::get_if<frame::Ack>(&*decoded)) {
        if (const auto *auth = std::get_if<frame::AuthAck>(&ack->body)) {
            if (!m_resume.empty() && !auth->resumed)
                m_log.mistake(m_name + " was not resumed");
            m_resume = auth->resume;
        } else {
            --m_unanswered;
        }
    } else if (const auto *error = std::get_if<frame::Error>(&*decoded)) {
        // Saying something in a room that one has just left is no mistake of the server's.
        if (error->code != "not_in_room")
            m_log.mistake(m_name + " got " + bytes);
        --m_unanswered;
    }
}

void OrderClient::note(const std::string &room, const frame::Message &message)
{
    ++m_heard;
    const auto [at, isNew] = m_log.ids[room].try_emplace(message.seq, message.id);
    if (!isNew && at->second != message.id)
        m_log.mistake(m_name + ": two messages are number " + std::to_string(message.seq) + " of " + room);
}

void OrderClient::hearMessage(const frame::Message &message)
{
    if (message.seq == 0)
        return; // v1's echo
    const std::string room(message.room);
    Room &state = m_rooms[room];
    if (m_v2 && !state.member)
        m_log.mistake(m_name + " got a live message of " + room + " before its sync");
    if (state.known && message.seq != state.seq + 1) {
        m_log.mistake(m_name + " in " + room + ": " + std::to_string(message.seq) + " after " +
                      std::to_string(state.seq));
    }
    state.known = true;
    state.seq = message.seq;
    state.id = message.id;
    note(room, message);
}

void OrderClient::hearSync(const frame::Sync &sync)
{
    const std::string room(sync.room);
    Room &state = m_rooms[room];
    if (!sync.recovered && !sync.events.empty() && !state.member)
        state.seq = std::get<frame::Message>(sync.events.front()).seq - 1;
    for (const frame::Event &each : sync.events) {
        const auto &event = std::get<frame::Message>(each);
        if (state.joins > 1 && event.seq <= state.seq) {
            note(room, event);
            continue;
        }
        if (event.seq != state.seq + 1) {
            m_log.mistake(m_name + " in a sync of " + room + ": " + std::to_string(event.seq) + " after " +
                          std::to_string(state.seq));
        }
        state.seq = event.seq;
        state.id = event.id;
        note(room, event);
    }
    state.epoch = sync.epoch;
    state.known = true;
    if (sync.more)
        return;
    state.member = true;
    if (state.seq < sync.seq && (sync.recovered || !sync.events.empty()))
        m_log.mistake(m_name + ": a sync of " + room + " ends before its top");
    if (state.seq < sync.seq) {
        state.seq = sync.seq;
        state.id = sync.id;
    }
}

} // namespace parlor
