// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"
#include "server/engine/storefigures.h"
#include "shared/protocol/limits.h"

#include <functional>
#include <span>

namespace parlor {

/// What a departing session left behind, word for word on the wire.
namespace departure {
inline constexpr std::string_view kLeft = "left";       ///< asked to leave, or went to another room
inline constexpr std::string_view kClosed = "closed";   ///< ended its session
inline constexpr std::string_view kLost = "lost";       ///< was gone for longer than the grace
inline constexpr std::string_view kRemoved = "removed"; ///< was put out by the server
} // namespace departure

/// Milliseconds since 1970, UTC.
using WallClock = std::function<std::chrono::milliseconds()>;

/// What all workers, and later all instances, share about rooms: order, history, roster, idempotency. Every
/// request is asynchronous: its outcome, or a Refused, comes to the caller's port, and events to the ports of
/// all workers with members. Thread-safe; ports must outlive the sessions that they serve.
class Engine
{
public:
    virtual ~Engine() = default;

    /// Registers a session's connection and returns its attachment, the caller's from now on. An older
    /// connection of the same client id gets Replaced; its places in the rosters stay, suspended. Needed only
    /// where another connection may come with the same client id.
    [[nodiscard]] virtual std::uint64_t attach(const Caller &caller) = 0;
    /// The connection is over. Does nothing if a newer one has taken the session over.
    virtual void detach(const Caller &caller) = 0;

    /// Entered, and PresenceChanged for the room, unless the session is in its roster already.
    virtual void enter(const Caller &caller, EnterRequest request) = 0;
    /// The page after `last`: CaughtUp, and PageDelayed before it whenever it cannot be read.
    virtual void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) = 0;
    /// Left, and PresenceChanged for the room.
    virtual void leave(const Caller &caller, const std::string &room, RequestId rid,
                       std::string_view reason) = 0;
    /// The connection is gone and may come back: no more deliveries for it, its places stay until expire().
    virtual void suspend(const Caller &caller, std::span<const RoomName> rooms) = 0;
    /// The grace is over: the session leaves those of the rooms that it has not entered again since
    /// suspend().
    virtual void expire(const Caller &caller, std::span<const RoomName> rooms, std::string_view reason) = 0;

    /// PublishDone, then Published for the room; for both to come, flush() must follow.
    virtual void publish(const Caller &caller, PublishRequest request) = 0;
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

    /// A worker's turn is over: what was published in it may go on together.
    virtual void flush() {}
    /// Nothing is delivered from the engine's own threads any more: ports may go. What was accepted is kept.
    virtual void stop() {}
    /// nullopt: there is no store.
    [[nodiscard]] virtual std::optional<StoreFigures> storeFigures() const { return std::nullopt; }

    [[nodiscard]] virtual std::uint64_t roomCount() const = 0;
    [[nodiscard]] virtual std::uint64_t historyBytes() const = 0;
};

} // namespace parlor
