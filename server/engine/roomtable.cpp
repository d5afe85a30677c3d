// SPDX-License-Identifier: MIT
#include "server/engine/roomtable.h"

#include "shared/protocol/ulid.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace parlor {

Error notInRoom(const std::string &room)
{
    return {ErrorCode::NotInRoom, "join \"" + room + "\" first"};
}

RoomTable::RoomTable(const RoomLimits &limits, WallClock clock, std::string epoch, Past past)
    : m_limits(limits)
    , m_clock(std::move(clock))
    , m_past(std::move(past))
    , m_epoch(std::move(epoch))
{
}

void RoomTable::makePermanent()
{
    const std::unique_lock lock(m_mutex);
    for (std::string_view name : kPermanentRooms)
        (void)make(name, true);
}

RoomPointer RoomTable::find(const std::string &name) const
{
    const std::shared_lock lock(m_mutex);
    const auto found = m_rooms.find(name);
    return found == m_rooms.end() ? nullptr : found->second;
}

Result<RoomPointer> RoomTable::findOrMake(const std::string &name)
{
    if (RoomPointer room = find(name))
        return room;
    const bool isPermanent = std::ranges::find(kPermanentRooms, name) != kPermanentRooms.end();
    if (m_limits.fixedRooms && !isPermanent)
        return Error{ErrorCode::RoomUnknown,
                     "there is no room \"" + name + "\", and this server makes no new ones"};
    const std::unique_lock lock(m_mutex);
    if (const auto found = m_rooms.find(name); found != m_rooms.end())
        return found->second;
    if (m_limits.maxRooms != 0 && m_rooms.size() >= m_limits.maxRooms && !isPermanent && !evictOne())
        return Error{ErrorCode::TooManyRooms, "this server has all the rooms it may have"};
    return make(name, isPermanent);
}

/// Under the table's lock.
RoomPointer RoomTable::make(std::string_view name, bool isPermanent)
{
    auto room = std::make_shared<LockedRoom>(
        Room(std::make_shared<const std::string>(name), m_epoch,
             m_past.load ? History::Keeping::InStore : History::Keeping::InMemory, m_past.cluster),
        m_past.load ? LockedRoom::State::Loading : LockedRoom::State::Ready, isPermanent, m_historyBytes);
    m_rooms.emplace(name, room);
    if (m_past.load)
        m_past.load(room);
    return room;
}

void RoomTable::whenLoaded(const std::string &name, LockedRoom::Loaded then)
{
    while (true) {
        const auto made = findOrMake(name);
        if (!made)
            return then(&made.error());
        LockedRoom &locked = **made;
        {
            const std::lock_guard lock(locked.mutex);
            if (locked.state == LockedRoom::State::Freed)
                continue;
            if (locked.state == LockedRoom::State::Loading) {
                locked.whenLoaded.push_back(std::move(then));
                return;
            }
        }
        return then(nullptr);
    }
}

void RoomTable::loaded(const RoomPointer &locked, StoredRoom stored)
{
    std::vector<LockedRoom::Loaded> then;
    {
        const std::lock_guard lock(locked->mutex);
        locked->room.history().restore(std::move(stored));
        locked->state = LockedRoom::State::Ready;
        for (const LockedRoom::Request &request : std::exchange(locked->waiting, {}))
            request(locked.get(), nullptr);
        then.swap(locked->whenLoaded);
        locked->noteUse();
    }
    for (const LockedRoom::Loaded &each : then)
        each(nullptr);
    settle(locked);
}

void RoomTable::loadFailed(const RoomPointer &locked, const Error &why)
{
    std::vector<LockedRoom::Request> waiting;
    std::vector<LockedRoom::Loaded> then;
    {
        const std::unique_lock mapLock(m_mutex);
        const std::lock_guard roomLock(locked->mutex);
        waiting.swap(locked->waiting);
        then.swap(locked->whenLoaded);
        free(*locked); // whoever asks next has it read anew
    }
    for (const LockedRoom::Request &request : waiting)
        request(nullptr, &why);
    for (const LockedRoom::Loaded &each : then)
        each(&why);
}

void RoomTable::settle(const RoomPointer &locked)
{
    if (locked->mayPark.load(std::memory_order_relaxed))
        parkIfDeserted(locked);
    if (historyBytes() > m_limits.historyBytes)
        trim();
}

/// What nobody would miss is freed at once; a room in which nothing was ever said comes back with the same
/// epoch, so that {epoch,0} still resumes. Any other stays until its place is needed, and so does
/// one whose members are all in their grace: else few connections that come and go would hold all rooms.
void RoomTable::parkIfDeserted(const RoomPointer &locked)
{
    const std::unique_lock mapLock(m_mutex);
    const std::lock_guard roomLock(locked->mutex);
    if (!locked->isDeserted())
        return;
    if (locked->isUnused())
        return free(*locked);
    if (locked->isParked.exchange(true, std::memory_order_relaxed))
        return;
    locked->used = false;
    locked->parkedAt = m_parked.insert(m_parked.end(), locked);
}

/// Frees the room that has been deserted and untouched for longest. If its past is gone with it, whoever
/// makes a room of its name anew must not take old positions for its own: rooms that are made from now on
/// have another epoch.
bool RoomTable::evictOne()
{
    while (!m_parked.empty()) {
        const RoomPointer oldest = m_parked.front();
        const std::lock_guard roomLock(oldest->mutex);
        if (!oldest->isDeserted()) {
            oldest->isParked.store(false, std::memory_order_relaxed);
            m_parked.pop_front();
            continue;
        }
        if (std::exchange(oldest->used, false)) {
            m_parked.splice(m_parked.end(), m_parked, m_parked.begin());
            continue;
        }
        free(*oldest);
        if (!m_past.load)
            m_epoch = UlidSource().next(m_clock()).toString();
        return true;
    }
    return false;
}

/// Both locks are held.
void RoomTable::free(LockedRoom &locked)
{
    locked.state = LockedRoom::State::Freed;
    locked.countBytes();
    if (locked.isParked.exchange(false, std::memory_order_relaxed))
        m_parked.erase(locked.parkedAt);
    m_rooms.erase(*locked.room.name());
    m_past.release(*locked.room.name());
}

std::vector<RoomPointer> RoomTable::list(const std::string &prefix, const std::string &after,
                                         std::size_t limit) const
{
    std::vector<RoomPointer> chosen;
    const std::shared_lock lock(m_mutex);
    auto at = after < prefix ? m_rooms.lower_bound(prefix) : m_rooms.upper_bound(after);
    for (; at != m_rooms.end() && at->first.starts_with(prefix) && chosen.size() < limit; ++at)
        chosen.push_back(at->second);
    return chosen;
}

std::uint64_t RoomTable::count() const
{
    const std::shared_lock lock(m_mutex);
    return m_rooms.size();
}

// ---- memory

/// Drops the oldest messages of all rooms until a sixteenth of the memory is free again, so that it runs
/// rarely. Not of a room for which a store is being read: what is read has to adjoin what is there.
void RoomTable::trim()
{
    const std::unique_lock trimLock(m_trimMutex, std::try_to_lock);
    if (!trimLock)
        return; // another thread is at it
    using Oldest = std::pair<std::chrono::milliseconds, RoomPointer>;
    const auto later = [](const Oldest &a, const Oldest &b) { return a.first > b.first; };
    std::priority_queue<Oldest, std::vector<Oldest>, decltype(later)> rooms(later);
    {
        std::vector<RoomPointer> all;
        {
            const std::shared_lock lock(m_mutex);
            for (const auto &entry : m_rooms)
                all.push_back(entry.second);
        }
        for (const RoomPointer &each : all) {
            const std::lock_guard lock(each->mutex);
            if (const auto time = each->room.history().oldestTime(); time && !each->reading)
                rooms.emplace(*time, each);
        }
    }
    const std::uint64_t target = m_limits.historyBytes - m_limits.historyBytes / 16;
    while (!rooms.empty() && historyBytes() > target) {
        const RoomPointer oldest = rooms.top().second;
        rooms.pop();
        const std::lock_guard lock(oldest->mutex);
        if (oldest->reading)
            continue;
        oldest->room.history().dropOldest();
        oldest->countBytes();
        if (const auto time = oldest->room.history().oldestTime())
            rooms.emplace(*time, oldest);
    }
}

} // namespace parlor
