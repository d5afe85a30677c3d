// SPDX-License-Identifier: MIT
#include "server/chat/hub.h"

#include "server/chat/syncframe.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"

#include <algorithm>

namespace parlor {

namespace {

/// Members on this worker from which on a room's flushes are paced.
constexpr std::size_t kLargeFanout = 64;

} // namespace

HubRoom *Hub::find(const RoomName &name)
{
    const auto found = m_rooms.find(*name);
    return found == m_rooms.end() ? nullptr : found->second.get();
}

HubRoom &Hub::room(const RoomName &name)
{
    if (HubRoom *known = find(name))
        return *known;
    auto made = std::make_unique<HubRoom>(name, m_metrics.queueBytes);
    return *m_rooms.emplace(*made->name, std::move(made)).first->second;
}

void Hub::list(HubRoom &room)
{
    if (!std::exchange(room.listed, true))
        m_toFlush.push_back(&room);
}

void Hub::remove(HubRoom &room, std::uint32_t index)
{
    room.fanout.remove(index);
    list(room); // flush() frees it if it was the last one
}

void Hub::append(HubRoom &room, Dialect dialect, std::string_view payload)
{
    const std::size_t receivers = room.fanout.append(dialect, payload);
    if (receivers == 0)
        return;
    m_metrics.deliveries.add(receivers);
    ++room.waiting[static_cast<std::size_t>(dialect)];
    list(room);
}

void Hub::publish(const delivery::Published &message)
{
    HubRoom *const room = find(message.room);
    if (!room)
        return;
    m_metrics.messagesOut.add();
    if (message.isMessage)
        append(*room, Dialect::V1, message.frame.view());
    append(*room, Dialect::V2, message.frame.view());
    if (room->listed)
        room->taken.push_back(message.taken);
}

/// A v1 client knows neither numbers nor pages: it goes on with what comes.
void Hub::diverged(const delivery::Diverged &event)
{
    HubRoom *const room = find(event.room);
    if (!room)
        return;
    m_json.clear();
    encodeSync(m_json, *event.room, event.page);
    append(*room, Dialect::V2, m_json);
}

bool Hub::presenceChanged(const delivery::PresenceChanged &change)
{
    HubRoom *const room = find(change.room);
    if (!room)
        return false;
    if (room->presence.isEmpty() && room->presenceFrames == 0)
        m_withPresence.push_back(room->name);
    room->presence.note(change);
    const bool isRepeated = change.what == delivery::PresenceChanged::What::JoinedAgain;
    if (change.count > limits::kMembersPage &&
        (isRepeated || room->presenceFrames == PresenceDelta::kMostInCrowd))
        return false;
    ++room->presenceFrames;
    m_json.clear();
    if (change.what == delivery::PresenceChanged::What::Left)
        encode(m_json, frame::Any(frame::UserLeft{change.who->clientId(), change.who->username()}));
    else
        encode(m_json, frame::Any(frame::UserJoined{change.who->clientId(), change.who->username()}));
    append(*room, Dialect::V1, m_json);
    return true;
}

void Hub::noteSnapshot(const RoomName &name)
{
    if (HubRoom *const room = find(name))
        room->presence.noteSnapshot();
}

void Hub::typingChanged(const delivery::TypingChanged &change)
{
    HubRoom *const room = find(change.room);
    if (!room)
        return;
    m_json.clear();
    encode(m_json, frame::Any(frame::Typing{*change.room, change.who->clientId(), change.who->username(),
                                            change.on}));
    append(*room, Dialect::V2, m_json);
}

void Hub::renamed(const delivery::Renamed &change)
{
    HubRoom *const room = find(change.room);
    if (!room)
        return;
    m_json.clear();
    encode(m_json,
           frame::Any(frame::UserUpdated{*change.room, change.who->clientId(), change.who->username()}));
    append(*room, Dialect::V2, m_json);
}

void Hub::tick()
{
    for (const RoomName &name : std::exchange(m_withPresence, {})) {
        HubRoom *const room = find(name);
        if (!room)
            continue;
        room->presenceFrames = 0;
        if (const std::string json = room->presence.take(*name); !json.empty())
            append(*room, Dialect::V2, json);
    }
}

Application::Flushed Hub::flush(std::size_t sends, SteadyTime now)
{
    Application::Flushed outcome;
    const std::size_t budget = sends;
    std::vector<HubRoom *> rest;
    for (HubRoom *room : m_toFlush) {
        if (room->heldUntil > now) {
            rest.push_back(room);
            outcome.resumeAt = std::min(outcome.resumeAt.value_or(room->heldUntil), room->heldUntil);
            continue;
        }
        if (!room->fanout.isFlushing())
            room->joined = std::ranges::max(std::exchange(room->waiting, {}));
        const std::size_t before = sends;
        const bool finished = room->fanout.flush(sends);
        if (room->fanout.size() >= kLargeFanout)
            m_flushed.push_back({room, before - sends, finished});
        if (!finished) {
            rest.push_back(room);
            outcome.unfinished = true;
            continue;
        }
        room->listed = false;
        m_sent.insert(m_sent.end(), room->taken.begin(), room->taken.end());
        room->taken.clear();
        if (room->fanout.size() == 0)
            m_rooms.erase(*room->name);
    }
    m_toFlush = std::move(rest);
    m_sends += budget - sends;
    return outcome;
}

void Hub::onFlushed(std::chrono::nanoseconds took, SteadyTime now)
{
    for (const Part &part : m_flushed) {
        part.room->spent += took * static_cast<std::int64_t>(part.sends) /
                            static_cast<std::int64_t>(std::max<std::size_t>(m_sends, 1));
        if (!part.last)
            continue;
        if (part.room->joined > 1)
            part.room->heldUntil = now + part.room->spent / 2;
        part.room->spent = {};
    }
    m_flushed.clear();
    m_sends = 0;
}

void Hub::observeSent(const WallClock &clock)
{
    if (m_sent.empty())
        return;
    const auto now = clock();
    for (const auto taken : m_sent)
        m_metrics.delivery.observe(std::max(now - taken, std::chrono::milliseconds(0)));
    m_sent.clear();
}

} // namespace parlor
