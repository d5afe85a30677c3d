// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/room.h"
#include "server/engine/slowmode.h"

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace parlor {

/// A room with its lock, and with the requests that wait until it has been loaded. Shared by a RoomTable and
/// whoever works for the room at present. Lock order: the table's, then this one; never two of these.
struct LockedRoom : std::enable_shared_from_this<LockedRoom>
{
    enum class State : std::uint8_t {
        Loading, ///< its past is being read; requests wait, in order
        Ready,
        Freed, ///< no longer in the table
    };
    /// Called under the lock, or with null and the reason, and without the lock.
    using Request = std::function<void(LockedRoom *room, const Error *why)>;
    /// Called without a lock, once the room is loaded; `why`: it cannot be.
    using Loaded = std::function<void(const Error *why)>;
    struct Reader
    {
        Caller caller;
        /// Called under the lock; `why`: there was nothing to be read.
        std::function<void(LockedRoom &room, const Error *why)> done;
    };

    /// `sum`: of all rooms' bytes; outlives the room.
    LockedRoom(Room made, State startState, bool isPermanent, std::atomic<std::uint64_t> &sum)
        : room(std::move(made))
        , state(startState)
        , permanent(isPermanent)
        , m_sum(sum)
    {
    }

    /// Calls `request` now, or once the room is loaded. False if it was freed while the caller waited for its
    /// lock: look it up again.
    template <typename Callable>
    bool use(Callable &request)
    {
        const std::lock_guard lock(mutex);
        if (state == State::Freed)
            return false;
        if (state == State::Loading) {
            waiting.emplace_back(std::move(request));
            return true;
        }
        request(this, nullptr);
        noteUse();
        return true;
    }
    /// After each use, under the lock.
    void noteUse()
    {
        used = true;
        countBytes();
        mayPark.store(isDeserted() && (isUnused() || !isParked.load(std::memory_order_relaxed)),
                      std::memory_order_relaxed);
    }
    /// After each change of what is remembered, under the lock.
    void countBytes()
    {
        const std::size_t now = state == State::Freed ? 0 : room.history().bytes();
        if (now != m_countedBytes) // modulo 2^64: the sum goes down, too
            m_sum.fetch_add(now - std::exchange(m_countedBytes, now), std::memory_order_relaxed);
    }
    /// Nobody is connected to it: at most it has members in their grace.
    [[nodiscard]] bool isDeserted() const
    {
        return state == State::Ready && !permanent && room.roster().connectedCount() == 0 && pins == 0;
    }
    /// Nobody will come back, and nothing was ever said, or other servers go on with the room: to hear of it
    /// costs more than to read it again.
    [[nodiscard]] bool isUnused() const
    {
        return room.roster().placeCount() == 0 && (room.isShared() || room.history().top().seq == 0);
    }

    std::mutex mutex;
    Room room;
    State state;
    const bool permanent;
    std::vector<Request> waiting;
    std::vector<Loaded> whenLoaded;
    unsigned pins = 0; ///< what is under way for it elsewhere: it must not be freed
    bool used = false; ///< since it was parked, or looked at there

    SlowMode slowMode;

    std::vector<Reader> readers; ///< wait for the read that is under way
    bool reading = false;

    /// Both are hints; the truth needs both locks.
    std::atomic<bool> mayPark{false};
    std::atomic<bool> isParked{false};
    std::list<std::shared_ptr<LockedRoom>>::iterator parkedAt{}; ///< while it is; under the table's lock

private:
    std::atomic<std::uint64_t> &m_sum;
    std::size_t m_countedBytes = 0; ///< in the sum
};
} // namespace parlor
