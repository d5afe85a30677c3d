// SPDX-License-Identifier: MIT
#include "server/engine/localengine.h"

namespace parlor {

LocalEngine::LocalEngine(const RoomLimits &limits, WallClock clock, std::string epoch,
                         RoomTable::Loader loader)
    : m_clock(clock)
    , m_rooms(limits, std::move(clock), std::move(epoch), std::move(loader))
{
}

void LocalEngine::refuse(const Caller &caller, RequestId rid, Error error, std::string room, std::string cid,
                         bool entering)
{
    caller.port->deliver(
        delivery::Refused{caller.session, rid, std::move(error), std::move(room), std::move(cid), entering});
}

// ---- coming and going

void LocalEngine::enter(const Caller &caller, EnterRequest request)
{
    if (!request.leave)
        return enterNow(caller, std::move(request));
    // Nobody leaves a room for one that cannot be entered. Never both locks: the one room is left in between.
    const std::string name = request.room;
    m_rooms.whenLoaded(name, [this, caller, request = std::move(request)](const Error *why) {
        if (why)
            return refuse(caller, request.rid, *why, request.room, {}, true);
        leave(caller, *request.leave, std::nullopt, departure::kLeft);
        enterNow(caller, request);
    });
}

void LocalEngine::enterNow(const Caller &caller, EnterRequest request)
{
    const std::string name = request.room;
    m_rooms.withMade(
        name, [this, caller, request = std::move(request)](LockedRoom *room, const Error *why) mutable {
            if (!room)
                return refuse(caller, request.rid, *why, request.room, {}, true);
            admit(*room, caller, std::move(request));
        });
}

void LocalEngine::leave(const Caller &caller, const std::string &room, RequestId rid, std::string_view reason)
{
    m_rooms.with(room, [caller, room, rid, reason](LockedRoom *locked, const Error *) {
        if (locked)
            return locked->room.leave(caller, rid, reason);
        // Whoever leaves a room that is not there has left it, too: its join may have been refused a moment
        // ago.
        caller.port->deliver(delivery::Left{caller.session, std::make_shared<const std::string>(room), rid});
    });
}

void LocalEngine::suspend(const Caller &caller, std::span<const RoomName> rooms)
{
    for (const RoomName &name : rooms) {
        m_rooms.with(*name, [caller](LockedRoom *locked, const Error *) {
            if (locked)
                locked->room.suspend(caller);
        });
    }
}

void LocalEngine::expire(const Caller &caller, std::span<const RoomName> rooms, std::string_view reason)
{
    for (const RoomName &name : rooms) {
        m_rooms.with(*name, [caller, reason](LockedRoom *locked, const Error *) {
            if (locked)
                locked->room.expire(caller, reason);
        });
    }
}

void LocalEngine::rename(const Caller &caller, std::span<const RoomName> rooms)
{
    for (const RoomName &name : rooms) {
        m_rooms.with(*name, [caller](LockedRoom *locked, const Error *) {
            if (locked)
                locked->room.rename(caller);
        });
    }
}

void LocalEngine::typing(const Caller &caller, const std::string &room, bool on)
{
    m_rooms.with(room, [caller, on](LockedRoom *locked, const Error *) {
        if (locked)
            locked->room.typing(caller, on);
    });
}

// ---- lists

void LocalEngine::members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                          std::uint32_t limit)
{
    m_rooms.with(room,
                 [caller, room, rid, after = std::move(after), limit](LockedRoom *locked, const Error *why) {
                     if (!locked)
                         return refuse(caller, rid, *why, room);
                     locked->room.members(caller, rid, after, limit);
                 });
}

std::vector<delivery::RoomsListed::Entry>
LocalEngine::listed(const std::string &prefix, const std::string &after, std::size_t limit) const
{
    std::vector<delivery::RoomsListed::Entry> entries;
    for (const RoomPointer &each : m_rooms.list(prefix, after, limit)) {
        const std::lock_guard lock(each->mutex);
        entries.push_back({*each->room.name(), each->room.memberCount(), each->room.seq()});
    }
    return entries;
}

} // namespace parlor
