// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"
#include "server/ops/storefigures.h"
#include "shared/protocol/limits.h"

#include <atomic>
#include <functional>
#include <span>

namespace parlor {

/// Milliseconds since 1970, UTC.
using WallClock = std::function<std::chrono::milliseconds()>;

/// What all workers share about rooms: order, history, roster, idempotency. Every request is asynchronous:
/// its outcome, or a Refused, comes to the caller's port, and events to the ports of all workers with
/// members. Thread-safe. A port must outlive the sessions that it serves, and their graces.
class Engine
{
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Engine() = default;
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;
    virtual ~Engine() = default;

    /// For Caller::attachment: greater than all before it.
    [[nodiscard]] std::uint64_t nextAttachment() { return m_attachments.fetch_add(1) + 1; }
    /// What concerns all sessions is delivered to this port, too, until stop(). SanctionsChanged, with what
    /// is in force, comes at once.
    virtual void addPort(DeliveryPort & /*port*/) {}
    /// Registers a session's connection. Of two connections with one client id the older gets Replaced; its
    /// places in the rosters stay, suspended. Needed only where another connection may come with the same
    /// client id.
    virtual void attach(const Caller &caller) = 0;
    /// The session is resumed here: it has no connection to another server of the chat any more. Called
    /// before its new connection attaches, so that what another server said of the session earlier cannot end
    /// it.
    virtual void takeOver(const IdentityPtr & /*who*/) {}
    /// The connection is over. Does nothing if a newer one has taken the session over.
    virtual void detach(const Caller &caller) = 0;

    /// Entered, and PresenceChanged for the room, unless the session is in its roster already.
    virtual void enter(const Caller &caller, EnterRequest request) = 0;
    /// The page after `last`: CaughtUp, and PageDelayed before it whenever it cannot be read.
    virtual void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) = 0;
    /// Left, and PresenceChanged for the room.
    virtual void leave(const Caller &caller, const std::string &room, RequestId rid) = 0;
    /// The connection is gone and may come back: nothing more is delivered to it, and its places stay for the
    /// grace. Then the session leaves those of the rooms that it has not entered again.
    virtual void suspend(const Caller &caller, std::vector<RoomName> rooms, SteadyTime graceEnd) = 0;
    /// The connection is gone for good: the session leaves the rooms.
    virtual void depart(const Caller &caller, std::span<const RoomName> rooms, Departure reason) = 0;
    /// Entered has come for a session that is gone. Its place in the room stays for its grace, if it has one.
    virtual void enteredTooLate(const Caller &caller, const RoomName &room) = 0;
    /// Ends the graces that are over. Each worker calls it at its ticks.
    virtual void tick(SteadyTime now) = 0;

    /// PublishDone, then Published for the room; for both to come, flush() must follow.
    virtual void publish(const Caller &caller, PublishRequest request) = 0;
    /// Deletes a message: EraseDone, then Published for the room; for both to come, flush() must follow. The
    /// caller need not be in the room.
    virtual void erase(const Caller &caller, EraseRequest request) = 0;
    /// TypingChanged for the room.
    virtual void typing(const Caller &caller, const std::string &room, bool on) = 0;
    /// `caller.identity` is the new one: Renamed for each room.
    virtual void rename(const Caller &caller, std::span<const RoomName> rooms) = 0;

    struct HistoryRange
    {
        std::optional<std::uint64_t> before{}; ///< exclusive
        std::optional<std::uint64_t> after{};  ///< exclusive
        std::uint32_t limit = limits::kHistoryPage;
    };
    /// HistoryRead.
    virtual void history(const Caller &caller, const std::string &room, RequestId rid,
                         HistoryRange range) = 0;
    /// MembersListed: those with a client id greater than `after`.
    virtual void members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                         std::uint32_t limit) = 0;
    /// RoomsListed: those whose name begins with `prefix` and is greater than `after`.
    virtual void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
                       std::uint32_t limit) = 0;

    /// Moderated, once it is kept and holds on this server, or Refused: the caller's rights are not asked
    /// for. What is imposed or lifted is delivered to all ports as SanctionsChanged, a kick as Kicked, on all
    /// servers.
    virtual void moderate(const Caller &caller, RequestId rid, Act act) = 0;

    /// A worker's turn is over: what was published in it may go on together.
    virtual void flush() = 0;
    /// Nothing is delivered from the engine's own threads any more: ports may go. What was accepted is kept.
    virtual void stop() = 0;
    /// Names the chat: servers that share it say the same, and all others something else.
    [[nodiscard]] virtual std::string chat() const = 0;
    /// nullopt: there is no store.
    [[nodiscard]] virtual std::optional<StoreFigures> storeFigures() const = 0;

    [[nodiscard]] virtual std::uint64_t roomCount() const = 0;
    [[nodiscard]] virtual std::uint64_t historyBytes() const = 0;

private:
    std::atomic<std::uint64_t> m_attachments{0};
};

} // namespace parlor
