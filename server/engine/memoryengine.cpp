// SPDX-License-Identifier: MIT
#include "server/engine/memoryengine.h"

#include "shared/protocol/ulid.h"

#include <array>
#include <queue>
#include <utility>

namespace parlor {

namespace {

constexpr std::array<std::string_view, 3> kPermanentRooms{"general", "support", "random"};

void refuse(const Caller &caller, RequestId rid, Error error, std::string room, std::string cid = {},
            bool entering = false)
{
    caller.port->deliver(
        delivery::Refused{caller.session, rid, std::move(error), std::move(room), std::move(cid), entering});
}

Error notInRoom(const std::string &room)
{
    return {ErrorCode::NotInRoom, "join \"" + room + "\" first"};
}

} // namespace

struct MemoryEngine::LockedRoom
{
    LockedRoom(RoomName name, std::string epoch, bool isPermanent)
        : room(std::move(name), std::move(epoch))
        , permanent(isPermanent)
    {
    }

    /// False if the room was freed while the caller waited for its lock: look it up again.
    template <typename Use>
    bool use(Use &&with)
    {
        const std::lock_guard lock(mutex);
        if (freed)
            return false;
        with(room);
        used = true;
        mayPark.store(isEmpty() && (room.seq() == 0 || !parked.load(std::memory_order_relaxed)),
                      std::memory_order_relaxed);
        return true;
    }

    [[nodiscard]] bool isEmpty() const { return !permanent && room.memberCount() == 0; }

    std::mutex mutex;
    Room room;
    const bool permanent;
    bool freed = false; ///< no longer in the map
    bool used = false;  ///< since it was parked, or looked at there
    /// Both are hints; the truth needs both locks.
    std::atomic<bool> mayPark{false};
    std::atomic<bool> parked{false};
};

MemoryEngine::MemoryEngine(const Config &config, WallClock clock)
    : m_config(config)
    , m_clock(std::move(clock))
    , m_epoch(UlidSource().next(m_clock()).toString())
{
    for (std::string_view name : kPermanentRooms) {
        m_rooms.emplace(
            name, std::make_shared<LockedRoom>(std::make_shared<const std::string>(name), m_epoch, true));
    }
}

MemoryEngine::~MemoryEngine() = default;

// ---- rooms

MemoryEngine::RoomPointer MemoryEngine::find(const std::string &name) const
{
    const std::shared_lock lock(m_roomsMutex);
    const auto found = m_rooms.find(name);
    return found == m_rooms.end() ? nullptr : found->second;
}

Result<MemoryEngine::RoomPointer> MemoryEngine::findOrMake(const std::string &name)
{
    if (RoomPointer room = find(name))
        return room;
    if (m_config.fixedRooms)
        return Error{ErrorCode::RoomUnknown,
                     "there is no room \"" + name + "\", and this server makes no new ones"};
    const std::unique_lock lock(m_roomsMutex);
    if (const auto found = m_rooms.find(name); found != m_rooms.end())
        return found->second;
    if (m_config.maxRooms != 0 && m_rooms.size() >= m_config.maxRooms && !evictOne())
        return Error{ErrorCode::TooManyRooms, "this server has all the rooms it may have"};
    auto room = std::make_shared<LockedRoom>(std::make_shared<const std::string>(name), m_epoch, false);
    m_rooms.emplace(name, room);
    return room;
}

template <typename Use>
bool MemoryEngine::with(const std::string &name, Use &&use)
{
    while (const RoomPointer locked = find(name)) {
        if (!locked->use(use))
            continue;
        parkIfEmpty(locked);
        return true;
    }
    return false;
}

template <typename Use>
std::optional<Error> MemoryEngine::withMade(const std::string &name, Use &&use)
{
    while (true) {
        const auto made = findOrMake(name);
        if (!made)
            return made.error();
        if (!(*made)->use(use))
            continue;
        parkIfEmpty(*made);
        return std::nullopt;
    }
}

/// Where nothing was ever said there is nothing to keep: such a room is freed at once, and comes back with
/// the same epoch, so that {epoch,0} still resumes. Any other stays until its place is needed.
void MemoryEngine::parkIfEmpty(const RoomPointer &locked)
{
    if (!locked->mayPark.load(std::memory_order_relaxed))
        return;
    const std::unique_lock mapLock(m_roomsMutex);
    const std::lock_guard roomLock(locked->mutex);
    if (locked->freed || !locked->isEmpty())
        return;
    if (locked->room.seq() == 0)
        return free(*locked);
    if (locked->parked.exchange(true, std::memory_order_relaxed))
        return;
    locked->used = false;
    m_parked.push_back(locked);
}

/// Frees the room that has been empty and untouched for longest. Whoever makes a room of its name anew must
/// not take old positions for its own: rooms that are made from now on have another epoch.
bool MemoryEngine::evictOne()
{
    while (!m_parked.empty()) {
        const RoomPointer oldest = std::move(m_parked.front());
        m_parked.pop_front();
        const std::lock_guard roomLock(oldest->mutex);
        if (!oldest->isEmpty()) {
            oldest->parked.store(false, std::memory_order_relaxed);
            continue;
        }
        if (std::exchange(oldest->used, false)) {
            m_parked.push_back(oldest);
            continue;
        }
        free(*oldest);
        m_epoch = UlidSource().next(m_clock()).toString();
        return true;
    }
    return false;
}

/// Both locks are held.
void MemoryEngine::free(LockedRoom &locked)
{
    HistoryRing &ring = locked.room.ring();
    m_historyBytes.fetch_sub(ring.bytes(), std::memory_order_relaxed);
    while (!ring.isEmpty())
        ring.dropOldest();
    locked.freed = true;
    m_rooms.erase(*locked.room.name());
}

std::uint64_t MemoryEngine::roomCount() const
{
    const std::shared_lock lock(m_roomsMutex);
    return m_rooms.size();
}

// ---- coming and going

void MemoryEngine::enter(const Caller &caller, EnterRequest request)
{
    const std::string name = request.room;
    const RequestId rid = request.rid;
    if (request.leave) {
        // Nobody leaves a room for one that cannot be entered.
        if (const auto made = findOrMake(name); !made)
            return refuse(caller, rid, made.error(), name, {}, true);
        leave(caller, *request.leave, std::nullopt, departure::kLeft);
    }
    const auto error = withMade(name, [&](Room &room) { room.enter(caller, request); });
    if (error)
        refuse(caller, rid, *error, name, {}, true);
}

void MemoryEngine::catchUp(const Caller &caller, const RoomName &room, const SyncPage &last)
{
    with(*room, [&](Room &r) { r.catchUp(caller, last); });
}

void MemoryEngine::leave(const Caller &caller, const std::string &room, RequestId rid,
                         std::string_view reason)
{
    // Whoever leaves a room that is not there has left it, too: its join may have been refused a moment ago.
    if (!with(room, [&](Room &r) { r.leave(caller, rid, reason); }))
        caller.port->deliver(delivery::Left{caller.session, std::make_shared<const std::string>(room), rid});
}

void MemoryEngine::suspend(const Caller &caller, std::span<const RoomName> rooms)
{
    for (const RoomName &name : rooms)
        with(*name, [&](Room &room) { room.suspend(caller); });
}

void MemoryEngine::expire(const Caller &caller, std::span<const RoomName> rooms, std::string_view reason)
{
    for (const RoomName &name : rooms)
        with(*name, [&](Room &room) { room.expire(caller, reason); });
}

void MemoryEngine::rename(const Caller &caller, std::span<const RoomName> rooms)
{
    for (const RoomName &name : rooms)
        with(*name, [&](Room &room) { room.rename(caller); });
}

void MemoryEngine::typing(const Caller &caller, const std::string &room, bool on)
{
    with(room, [&](Room &r) { r.typing(caller, on); });
}

// ---- messages

void MemoryEngine::publish(const Caller &caller, PublishRequest request)
{
    const auto now = m_clock();
    const RoomName name = request.room;
    const RequestId rid = request.rid;
    bool member = true;
    std::uint64_t total = 0;
    const auto use = [&](Room &room) {
        member = request.enterFirst || room.has(caller);
        if (!member)
            return;
        const std::uint64_t before = room.ring().bytes();
        room.publish(caller, std::move(request), now);
        const std::uint64_t grown = room.ring().bytes() - before; // modulo 2^64: the ring may have shrunk
        total = m_historyBytes.fetch_add(grown, std::memory_order_relaxed) + grown;
    };
    if (request.enterFirst) {
        if (const auto error = withMade(*name, use))
            return refuse(caller, rid, *error, *name, {}, true);
    } else if (!with(*name, use)) {
        member = false;
    }
    if (!member)
        return refuse(caller, rid, notInRoom(*name), *name, std::move(request.cid));
    if (total > m_config.historyBytes)
        trimHistory();
}

/// Drops the oldest messages of all rooms until a sixteenth of the memory is free again, so that it runs
/// rarely.
void MemoryEngine::trimHistory()
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
            const std::shared_lock lock(m_roomsMutex);
            for (const auto &entry : m_rooms)
                all.push_back(entry.second);
        }
        for (const RoomPointer &each : all) {
            const std::lock_guard lock(each->mutex);
            if (!each->room.ring().isEmpty())
                rooms.emplace(each->room.ring().oldest().time, each);
        }
    }
    const std::uint64_t target = m_config.historyBytes - m_config.historyBytes / 16;
    while (!rooms.empty() && m_historyBytes.load(std::memory_order_relaxed) > target) {
        const RoomPointer oldest = rooms.top().second;
        rooms.pop();
        const std::lock_guard lock(oldest->mutex);
        HistoryRing &ring = oldest->room.ring();
        if (ring.isEmpty())
            continue;
        const std::size_t before = ring.bytes();
        ring.dropOldest();
        m_historyBytes.fetch_sub(before - ring.bytes(), std::memory_order_relaxed);
        if (!ring.isEmpty())
            rooms.emplace(ring.oldest().time, oldest);
    }
}

void MemoryEngine::history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range)
{
    if (!with(room, [&](Room &r) { r.history(caller, rid, range); }))
        refuse(caller, rid, notInRoom(room), room);
}

// ---- lists

void MemoryEngine::members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                           std::uint32_t limit)
{
    if (!with(room, [&](Room &r) { r.members(caller, rid, after, limit); }))
        refuse(caller, rid, notInRoom(room), room);
}

void MemoryEngine::rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
                         std::uint32_t limit)
{
    std::vector<RoomPointer> chosen;
    bool more = false;
    {
        const std::shared_lock lock(m_roomsMutex);
        auto at = after < prefix ? m_rooms.lower_bound(prefix) : m_rooms.upper_bound(after);
        for (; at != m_rooms.end() && at->first.starts_with(prefix); ++at) {
            if (chosen.size() == limit) {
                more = true;
                break;
            }
            chosen.push_back(at->second);
        }
    }
    std::vector<delivery::RoomsListed::Entry> entries;
    entries.reserve(chosen.size());
    for (const RoomPointer &each : chosen) {
        const std::lock_guard lock(each->mutex);
        entries.push_back({*each->room.name(), each->room.memberCount(), each->room.seq()});
    }
    caller.port->deliver(delivery::RoomsListed{caller.session, rid, std::move(entries), more});
}

} // namespace parlor
