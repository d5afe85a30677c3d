// SPDX-License-Identifier: MIT
#include "client-cli/sink/chat.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"
#include "shared/websocket/frame.h"

#include <algorithm>
#include <utility>

namespace parlor::cli::sink {

using websocket::Opcode;

namespace {

constexpr std::chrono::seconds kPingInterval{25};
constexpr std::uint64_t kFrameBytes = 64 * 1024;
constexpr double kUnlimited = 1e9;

std::chrono::milliseconds wallTime()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

} // namespace

Chat::Chat(const SinkOptions &options, std::string hostname, SinkCounts &counts, FaultLog &log)
    : m_options(options)
    , m_counts(counts)
    , m_log(log)
    , m_plan(options.seed, options.shares, options.planned)
    , m_hostname(std::move(hostname))
    , m_decoder(limits::kJsonDepth)
{
    m_epoch = m_ids.next(wallTime()).toString();
}

void Chat::welcome(Client &client)
{
    client.number = ++m_clients;
    client.id = m_ids.next(wallTime()).toString();
    frame::Connection connection{.clientId = client.id, .hostname = m_hostname};
    if (client.isV2)
        connection.terms = frame::ServerTerms{.ping = kPingInterval,
                                              .limits = {.frame = kFrameBytes,
                                                         .content = limits::kContentCodePoints,
                                                         .rooms = kMaxRoomsOfClient,
                                                         .rate = kUnlimited,
                                                         .burst = kUnlimited},
                                              .serverTime = wallTime(),
                                              .chat = m_epoch};
    tell(client, connection);
}

void Chat::take(Client &client, std::string_view text, Time now)
{
    if (client.isV2) {
        const auto read = m_decoder.request(text);
        if (const auto *wrong = std::get_if<RequestError>(&read))
            return refuse(client, wrong->rid, wrong->error);
        const Request &request = std::get<Request>(read);
        std::visit([&](const auto &body) { on(client, request.rid, body, now); }, request.body);
        return;
    }
    const auto read = m_decoder.requestV1(text);
    if (const auto *wrong = std::get_if<Error>(&read))
        return refuse(client, {}, *wrong);
    std::visit([&](const auto &request) { on(client, request, now); }, std::get<v1::Request>(read));
}

void Chat::part(Client &client)
{
    while (!client.memberships.empty())
        leave(client, *client.memberships.back()->room);
    if (client.isDirty)
        std::erase(m_dirtyClients, &client);
}

// ---- requests

void Chat::on(Client &client, std::optional<std::uint32_t> rid, const request::Join &join, Time now)
{
    const auto room = enter(client, join.room, now);
    if (!room)
        return refuse(client, rid, room.error());
    const Room &entered = **room;
    tell(client, frame::Ack{.rid = rid, .body = frame::RoomAck{entered.name}});
    tell(client, frame::RoomUsers{.room = entered.name,
                                  .members = {{client.id, client.id, client.id}},
                                  .count = entered.members.size(),
                                  .truncated = entered.members.size() > 1});
    frame::Sync sync{.room = entered.name, .epoch = m_epoch, .seq = entered.seq, .id = entered.lastId};
    if (join.since) { // nothing is kept: who missed something cannot have it
        if (join.since->epoch != m_epoch)
            sync.reason = frame::SyncReason::Epoch;
        else if (join.since->seq != entered.seq)
            sync.reason = frame::SyncReason::TooOld;
        sync.recovered = !sync.reason;
    }
    tell(client, sync);
}

void Chat::on(Client &client, std::optional<std::uint32_t> rid, const request::Leave &leaving, Time)
{
    const Membership *membership = membershipIn(client, leaving.room);
    if (membership == nullptr)
        return refuse(client, rid, {ErrorCode::NotInRoom, "you are not in this room"});
    const Room &room = *membership->room;
    leave(client, room);
    tell(client, frame::Ack{.rid = rid, .body = frame::RoomAck{room.name}});
}

void Chat::on(Client &client, std::optional<std::uint32_t> rid, const request::Publish &said, Time now)
{
    const Membership *membership = membershipIn(client, said.room);
    if (membership == nullptr)
        return refuse(client, rid, {ErrorCode::NotInRoom, "you are not in this room"});
    if (const auto wrong = values::checkContent(said.content.text))
        return refuse(client, rid, *wrong);
    if (const auto wrong = values::checkCid(said.cid))
        return refuse(client, rid, *wrong);
    Room &room = *membership->room;
    const auto [seq, id] = publish(client, room, said.content, said.cid, now);
    const auto idText = id.text();
    const values::Timestamp timestamp = values::timestamp(wallTime());
    tell(client,
         frame::Ack{
             .rid = rid,
             .body = frame::PublishAck{
                 .room = room.name, .id = idText, .seq = seq, .timestamp = timestamp, .cid = said.cid}});
}

void Chat::on(Client &client, std::optional<std::uint32_t> rid, const request::Ping &ping, Time)
{
    tell(client, frame::Pong{.rid = rid, .t = ping.t, .serverTime = wallTime()});
}

template <typename Other>
void Chat::on(Client &client, std::optional<std::uint32_t> rid, const Other &, Time)
{
    refuse(client, rid,
           {ErrorCode::UnknownType, "a sink knows join, leave, message and ping; '" +
                                        std::string(Other::kType) + "' needs a chat server"});
}

void Chat::on(Client &client, const v1::Join &join, Time now)
{
    const auto room = enter(client, join.room, now);
    if (!room)
        return refuse(client, {}, room.error());
    tell(client, frame::RoomUserIds{.users = {client.id}, .truncated = (*room)->members.size() > 1});
}

void Chat::on(Client &client, const v1::Publish &said, Time now)
{
    const values::Timestamp timestamp = values::timestamp(wallTime());
    tell(client, frame::Message{.sender = "server", .content = said.content, .timestamp = timestamp});
    if (client.memberships.empty())
        on(client, v1::Join{"general"}, now);
    if (!client.memberships.empty())
        publish(client, *client.memberships.front()->room, said.content, {}, now);
}

// ---- rooms

Result<Room *> Chat::enter(Client &client, std::string_view name, Time now)
{
    const auto valid = values::roomName(name);
    if (!valid)
        return valid.error();
    if (Membership *already = membershipIn(client, *valid))
        return already->room;
    if (client.isV2 && client.memberships.size() >= kMaxRoomsOfClient)
        return Error{ErrorCode::TooManyRooms, "you are in as many rooms as a client may be in"};
    auto room = m_rooms.find(*valid);
    if (room == m_rooms.end() && m_rooms.size() >= kMaxRooms)
        return Error{ErrorCode::TooManyRooms, "this sink has as many rooms as it may have"};
    if (room == m_rooms.end())
        room = m_rooms.emplace(*valid, std::make_unique<Room>(*valid)).first;
    if (!client.isV2 && !client.memberships.empty())
        leave(client, *client.memberships.front()->room);
    return &admit(client, *room->second, now);
}

Room &Chat::admit(Client &client, Room &room, Time now)
{
    auto membership = std::make_shared<Membership>();
    membership->client = &client;
    membership->room = &room;
    membership->joinedAt = room.seq;
    membership->since = now;
    membership->number = ++room.joins;
    client.memberships.push_back(membership);
    room.add(std::move(membership));
    ++m_counts.joins;
    return room;
}

void Chat::leave(Client &client, const Room &room)
{
    const auto found = std::ranges::find(client.memberships, &room,
                                         [](const std::shared_ptr<Membership> &each) { return each->room; });
    const std::shared_ptr<Membership> membership = std::move(*found);
    client.memberships.erase(found);
    membership->room->remove(*membership);
}

Membership *Chat::membershipIn(const Client &client, std::string_view room)
{
    for (const auto &each : client.memberships) {
        if (each->room->name == room)
            return each.get();
    }
    return nullptr;
}

Chat::Said Chat::publish(Client &client, Room &room, const Content &content, std::string_view cid, Time now)
{
    const std::chrono::milliseconds wall = wallTime();
    const values::Timestamp timestamp = values::timestamp(wall);
    const Said said{++room.seq, m_ids.next(wall)};
    const auto id = said.id.text();
    room.lastId.assign(std::string_view(id));
    m_scratch.clear();
    encode(m_scratch, frame::Message{.room = room.name,
                                     .seq = said.seq,
                                     .id = id,
                                     .cid = cid,
                                     .sender = client.id,
                                     .user = client.id,
                                     .username = client.id,
                                     .content = content,
                                     .timestamp = timestamp});
    ++m_counts.published;
    if (m_options.delay.count() > 0) {
        Delayed &delayed = m_delayed.emplace_back();
        delayed.due = now + m_options.delay;
        delayed.room = &room;
        delayed.seq = said.seq;
        delayed.sender = client.number;
        websocket::appendFrame(delayed.frame, Opcode::Text, m_scratch);
        return said;
    }
    markDirty(room);
    const std::size_t begin = room.frames.size();
    websocket::appendFrame(room.frames, Opcode::Text, m_scratch);
    room.parts.push_back({begin, room.frames.size() - begin, said.seq, client.number});
    return said;
}

// ---- sending

void Chat::tell(Client &client, const frame::Any &any)
{
    m_scratch.clear();
    encode(m_scratch, any);
    websocket::appendFrame(client.out, Opcode::Text, m_scratch);
    markDirty(client);
}

void Chat::refuse(Client &client, std::optional<std::uint32_t> rid, const Error &error)
{
    ++m_counts.refused;
    const frame::Error said{.rid = rid,
                            .code = toString(error.code),
                            .message = error.text,
                            .retryable = isRetryable(error.code)};
    m_scratch.clear();
    if (client.isV2)
        encode(m_scratch, said);
    else
        encodeV1(m_scratch, said);
    websocket::appendFrame(client.out, Opcode::Text, m_scratch);
    markDirty(client);
}

void Chat::markDirty(Client &client)
{
    if (!std::exchange(client.isDirty, true))
        m_dirtyClients.push_back(&client);
}

void Chat::markDirty(Room &room)
{
    if (room.parts.empty())
        m_dirtyRooms.push_back(&room);
}

std::optional<Time> Chat::nextDue() const
{
    std::optional<Time> due;
    if (!m_delayed.empty())
        due = m_delayed.front().due;
    if (!m_held.empty() && (!due || m_held.front().due < *due))
        due = m_held.front().due;
    return due;
}

void Chat::flush(Time now)
{
    for (; !m_delayed.empty() && m_delayed.front().due <= now; m_delayed.pop_front()) {
        const Delayed &delayed = m_delayed.front();
        markDirty(*delayed.room);
        delayed.room->parts.push_back(
            {delayed.room->frames.size(), delayed.frame.size(), delayed.seq, delayed.sender});
        delayed.room->frames += delayed.frame;
    }
    for (Room *room : m_dirtyRooms) {
        deliver(*room, now);
        room->parts.clear();
        room->frames.clear();
    }
    m_dirtyRooms.clear();
    for (; !m_held.empty() && m_held.front().due <= now; m_held.pop_front()) {
        if (const auto membership = m_held.front().membership.lock();
            membership && membership->lane.holds() == m_held.front().hold) {
            m_counts.deliveries += membership->lane.release(membership->client->out);
            markDirty(*membership->client);
        }
    }
    for (Client *client : m_dirtyClients) {
        client->isDirty = false;
        if (!client->out.empty())
            client->peer.send(client->out, {});
        client->out.clear();
    }
    m_dirtyClients.clear();
}

std::optional<Fault> Chat::faultOf(const Membership &membership, const Room &room, std::uint64_t seq,
                                   Time now) const
{
    if (const auto planned = m_plan.planned(seq, membership.number))
        return planned;
    if (now < membership.since + m_options.afterJoin)
        return std::nullopt;
    return m_plan.drawn(room.number, seq, membership.number);
}

bool Chat::isPlain(const Membership &membership, const Room &room, Time now) const
{
    if (room.parts.front().seq <= membership.joinedAt || membership.lane.isHolding())
        return false;
    return m_plan.isEmpty() || std::ranges::none_of(room.parts, [&](const Room::Part &part) {
               return faultOf(membership, room, part.seq, now).has_value();
           });
}

/// Most receivers get the room's bytes as they are.
void Chat::deliver(Room &room, Time now)
{
    for (const auto &membership : room.members) {
        Client &client = *membership->client;
        if (!isPlain(*membership, room, now)) {
            deliverByLane(*membership, room, now);
            continue;
        }
        m_counts.deliveries += room.parts.size();
        client.peer.send(client.out, room.frames);
        client.out.clear();
    }
}

void Chat::deliverByLane(Membership &membership, const Room &room, Time now)
{
    Client &client = *membership.client;
    const Lane::Order order = client.isV2 ? Lane::Order::OfRoom : Lane::Order::OfSender;
    const std::uint64_t before = membership.lane.holds();
    for (const Room::Part &part : room.parts) {
        if (part.seq > membership.joinedAt) {
            m_counts.deliveries += membership.lane.deliver(
                room.delivery(part), faultOf(membership, room, part.seq, now), order, client.out, m_done);
        }
    }
    note(room, membership, now);
    markDirty(client);
    if (membership.lane.holds() != before)
        m_held.push_back({now + kHold, room.members[membership.place], membership.lane.holds()});
}

void Chat::note(const Room &room, const Membership &membership, Time now)
{
    for (const Committed &each : m_done) {
        ++m_counts.faults[static_cast<std::size_t>(each.fault)];
        m_log.add(now, room.name, membership.number, each);
    }
    m_done.clear();
}

} // namespace parlor::cli::sink
