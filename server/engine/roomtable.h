// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"
#include "server/engine/lockedroom.h"

#include <array>
#include <list>
#include <map>
#include <shared_mutex>

namespace parlor {

struct RoomLimits
{
    std::uint64_t historyBytes = 256ULL << 20; ///< of all rings together; the oldest messages go first
    std::uint64_t maxRooms = 100'000;          ///< 0: none; deserted rooms make place for new ones
    bool fixedRooms = false;                   ///< no other rooms than those that exist from the start
};

[[nodiscard]] Error notInRoom(const std::string &room);

/// The rooms that are in memory: finds and makes them, frees those that are deserted, bounds the memory of
/// their rings. Thread-safe; owned by an engine.
class RoomTable
{
public:
    /// Begins to read a room's past; loaded() or loadFailed() follows. Called under the table's lock.
    using Loader = std::function<void(const RoomPointer &room)>;

    /// What keeps the rooms' past.
    struct Past
    {
        Loader load{};
        /// The room is freed. Called under the table's lock and its own.
        std::function<void(const std::string &name)> release = [](const std::string &) {};
        Cluster *cluster = nullptr; ///< null: no other server has these rooms
    };
    /// `epoch` is that of rooms without a past. Without a loader rooms have none, and one that gives its
    /// place to another is forgotten.
    RoomTable(const RoomLimits &limits, WallClock clock, std::string epoch, Past past);

    /// They exist from the start; by name.
    static constexpr std::array<std::string_view, 3> kPermanentRooms{"general", "random", "support"};
    void makePermanent();
    /// No others can be entered, even if a store has them.
    [[nodiscard]] bool isFixed() const { return m_limits.fixedRooms; }
    [[nodiscard]] Result<RoomPointer> findOrMake(const std::string &name);
    /// Calls `request(LockedRoom *, const Error *)` for the room, under its lock, as soon as it is loaded;
    /// with null and the reason if there is no such room, or if it cannot be loaded.
    template <typename Callable>
    void with(const std::string &name, Callable request);
    /// The same, and the room is made if need be.
    template <typename Callable>
    void withMade(const std::string &name, Callable request);

    /// Makes the room if need be, and calls `then` without a lock as soon as it is loaded.
    void whenLoaded(const std::string &name, LockedRoom::Loaded then);

    void loaded(const RoomPointer &room, StoredRoom stored);
    void loadFailed(const RoomPointer &room, const Error &why);
    /// After a use of the room that did not come through with() or withMade(); without its lock.
    void settle(const RoomPointer &room);

    /// Those whose name begins with `prefix` and is greater than `after`, `limit` at most.
    [[nodiscard]] std::vector<RoomPointer> list(const std::string &prefix, const std::string &after,
                                                std::size_t limit) const;
    [[nodiscard]] RoomPointer find(const std::string &name) const;
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] std::uint64_t historyBytes() const
    {
        return m_historyBytes.load(std::memory_order_relaxed);
    }

private:
    [[nodiscard]] RoomPointer make(std::string_view name, bool isPermanent);
    void parkIfDeserted(const RoomPointer &room);
    [[nodiscard]] bool evictOne();
    void free(LockedRoom &room);
    void trim();

    const RoomLimits m_limits;
    const WallClock m_clock;
    const Past m_past;

    std::atomic<std::uint64_t> m_historyBytes{0}; ///< rooms refer to it
    mutable std::shared_mutex m_mutex;            ///< taken before the lock of a room
    std::map<std::string, RoomPointer, std::less<>> m_rooms;
    std::list<RoomPointer> m_parked; ///< were deserted, the longest ago first; some have members again
    std::string m_epoch;             ///< of the rooms that are made from now on

    std::mutex m_trimMutex;
};

template <typename Callable>
void RoomTable::with(const std::string &name, Callable request)
{
    while (const RoomPointer room = find(name)) {
        if (!room->use(request))
            continue;
        settle(room);
        return;
    }
    const Error why = notInRoom(name);
    request(nullptr, &why);
}

template <typename Callable>
void RoomTable::withMade(const std::string &name, Callable request)
{
    while (true) {
        const auto made = findOrMake(name);
        if (!made)
            return request(nullptr, &made.error());
        if (!(*made)->use(request))
            continue;
        settle(*made);
        return;
    }
}

} // namespace parlor
