// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/engine.h"
#include "server/engine/graces.h"
#include "server/engine/ports.h"
#include "server/engine/roomtable.h"
#include "server/engine/sessiondirectory.h"

namespace parlor {

/// What all engines share: sessions and their graces, coming and going, rosters, lists. How messages are kept
/// is up to the engines. Requests run on the caller's thread, under the lock of one room.
class RoomEngine : public Engine
{
public:
    void addPort(DeliveryPort &port) final { m_ports.add(port); }
    void attach(const Caller &caller) final { m_directory.attach(caller); }
    void detach(const Caller &caller) final { m_directory.detach(caller); }

    void enter(const Caller &caller, EnterRequest request) final;
    void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) final;
    void leave(const Caller &caller, const std::string &room, RequestId rid) final;
    void suspend(const Caller &caller, std::vector<RoomName> rooms, SteadyTime graceEnd) final;
    void depart(const Caller &caller, std::span<const RoomName> rooms, Departure reason) final;
    void enteredTooLate(const Caller &caller, const RoomName &room) final;
    void tick(SteadyTime now) final;
    void publish(const Caller &caller, PublishRequest request) final;
    void erase(const Caller &caller, EraseRequest request) final;
    void typing(const Caller &caller, const std::string &room, bool on) final;
    void rename(const Caller &caller, std::span<const RoomName> rooms) final;
    void history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range) final;
    void members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                 std::uint32_t limit) final;

    [[nodiscard]] std::string chat() const override { return m_chat; }
    [[nodiscard]] std::uint64_t roomCount() const final { return m_rooms.count(); }
    [[nodiscard]] std::uint64_t historyBytes() const final { return m_rooms.historyBytes(); }

protected:
    RoomEngine(const RoomLimits &limits, const WallClock &clock, std::string epoch, RoomTable::Past past);

    /// The session comes into this room. This and what follows: the room's lock is held.
    virtual void admit(LockedRoom &room, const Caller &caller, EnterRequest request) = 0;
    /// A session that entered as `entry` gets its next page.
    virtual void sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last,
                          std::uint64_t entry) = 0;
    /// It is done, or refused: the audit log has it, and the caller is told.
    static void tellModerated(const Caller &caller, RequestId rid, const Act &act, const Result<void> &done);
    /// The message is new, as far as memory tells, and its sender may say it. Whether a deletion is new, and
    /// may be, is not known yet.
    virtual void keep(LockedRoom &room, const Caller &caller, PublishRequest request) = 0;
    virtual void readHistory(LockedRoom &room, const Caller &caller, RequestId rid,
                             const HistoryRange &range) = 0;

    static void refuse(const Caller &caller, RequestId rid, Error error, std::string room,
                       std::string cid = {}, bool entering = false);
    /// The rooms in memory, as an answer lists them.
    [[nodiscard]] std::vector<delivery::RoomsListed::Entry>
    listed(const std::string &prefix, const std::string &after, std::size_t limit) const;

    Ports m_ports;
    SessionDirectory m_directory;
    RoomTable m_rooms;

private:
    void enterNow(const Caller &caller, EnterRequest request);
    [[nodiscard]] bool mayEnter(const EnterRequest &request);
    template <typename Callable>
    void withRoomFor(const Caller &caller, const std::string &room, Callable request);

    const std::string
        m_chat; ///< of this process alone: a copied store has the same epoch, and is another chat
    Graces m_graces;
};

} // namespace parlor
