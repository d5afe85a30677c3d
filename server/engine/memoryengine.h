// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"
#include "server/engine/room.h"
#include "server/engine/sessiondirectory.h"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace parlor {

/// Everything in this process' memory: one order for all its workers, nothing survives the process. Requests
/// run on the caller's thread, under the lock of one room.
class MemoryEngine final : public Engine
{
public:
    struct Config
    {
        std::uint64_t historyBytes = 256ULL << 20; ///< of all rooms together; the oldest messages go first
        std::uint64_t maxRooms = 100'000;          ///< 0: none; empty rooms make place for new ones
        bool fixedRooms = false;                   ///< no other rooms than those that exist from the start
    };

    MemoryEngine(const Config &config, WallClock clock);
    ~MemoryEngine() override;

    [[nodiscard]] std::uint64_t attach(const Caller &caller) override { return m_directory.attach(caller); }
    void detach(const Caller &caller) override { m_directory.detach(caller); }

    void enter(const Caller &caller, EnterRequest request) override;
    void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) override;
    void leave(const Caller &caller, const std::string &room, RequestId rid,
               std::string_view reason) override;
    void suspend(const Caller &caller, std::span<const RoomName> rooms) override;
    void expire(const Caller &caller, std::span<const RoomName> rooms, std::string_view reason) override;
    void publish(const Caller &caller, PublishRequest request) override;
    void typing(const Caller &caller, const std::string &room, bool on) override;
    void rename(const Caller &caller, std::span<const RoomName> rooms) override;
    void history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range) override;
    void members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                 std::uint32_t limit) override;
    void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
               std::uint32_t limit) override;

    [[nodiscard]] std::uint64_t roomCount() const override;
    [[nodiscard]] std::uint64_t historyBytes() const override
    {
        return m_historyBytes.load(std::memory_order_relaxed);
    }

private:
    struct LockedRoom;
    using RoomPointer = std::shared_ptr<LockedRoom>;

    [[nodiscard]] RoomPointer find(const std::string &name) const;
    [[nodiscard]] Result<RoomPointer> findOrMake(const std::string &name);
    /// Calls `use(Room &)` under the room's lock; false if there is no such room.
    template <typename Use>
    bool with(const std::string &name, Use &&use);
    /// Calls `use(Room &)` for the room, made if need be; or says why it cannot be.
    template <typename Use>
    std::optional<Error> withMade(const std::string &name, Use &&use);
    void parkIfEmpty(const RoomPointer &room);
    [[nodiscard]] bool evictOne();
    void free(LockedRoom &room);
    void trimHistory();

    const Config m_config;
    const WallClock m_clock;
    SessionDirectory m_directory;

    mutable std::shared_mutex m_roomsMutex; ///< taken before the lock of a room
    std::map<std::string, RoomPointer, std::less<>> m_rooms;
    std::deque<RoomPointer> m_parked; ///< were left empty, the longest ago first; some have members again
    std::string m_epoch;              ///< of the rooms that are made from now on

    std::atomic<std::uint64_t> m_historyBytes{0};
    std::mutex m_trimMutex;
};

} // namespace parlor
