// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"
#include "server/engine/roomtable.h"
#include "server/engine/sessiondirectory.h"

namespace parlor {

/// What engines whose rooms live in this process share: coming and going, rosters, lists. How messages are
/// kept is up to them. Requests run on the caller's thread, under the lock of one room.
class LocalEngine : public Engine
{
public:
    [[nodiscard]] std::uint64_t attach(const Caller &caller) final { return m_directory.attach(caller); }
    void detach(const Caller &caller) final { m_directory.detach(caller); }

    void enter(const Caller &caller, EnterRequest request) final;
    void leave(const Caller &caller, const std::string &room, RequestId rid, std::string_view reason) final;
    void suspend(const Caller &caller, std::span<const RoomName> rooms) final;
    void expire(const Caller &caller, std::span<const RoomName> rooms, std::string_view reason) final;
    void typing(const Caller &caller, const std::string &room, bool on) final;
    void rename(const Caller &caller, std::span<const RoomName> rooms) final;
    void members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                 std::uint32_t limit) final;

    [[nodiscard]] std::uint64_t roomCount() const final { return m_rooms.count(); }
    [[nodiscard]] std::uint64_t historyBytes() const final { return m_rooms.historyBytes(); }

protected:
    LocalEngine(const RoomLimits &limits, WallClock clock, std::string epoch, RoomTable::Loader loader);
    ~LocalEngine() override = default;

    /// The session comes into this room, whose lock is held.
    virtual void admit(LockedRoom &room, const Caller &caller, EnterRequest request) = 0;

    void enterNow(const Caller &caller, EnterRequest request);
    static void refuse(const Caller &caller, RequestId rid, Error error, std::string room,
                       std::string cid = {}, bool entering = false);
    /// The rooms in memory, as an answer lists them.
    [[nodiscard]] std::vector<delivery::RoomsListed::Entry>
    listed(const std::string &prefix, const std::string &after, std::size_t limit) const;

    const WallClock m_clock;
    SessionDirectory m_directory;
    RoomTable m_rooms;
};

} // namespace parlor
