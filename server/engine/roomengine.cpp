// SPDX-License-Identifier: MIT
#include "server/engine/roomengine.h"

#include "server/ops/auditlog.h"
#include "shared/protocol/ulid.h"

#include <array>
#include <utility>

namespace parlor {

namespace {

/// Not only because somebody asks for it now.
bool isThere(const LockedRoom &locked)
{
    return locked.permanent || locked.room.roster().size() != 0 || locked.room.history().top().seq != 0;
}

Error mayNotMake(const std::string &room)
{
    return {ErrorCode::Forbidden, "there is no room \"" + room + "\", and you may not make it"};
}

Error tooSoon(std::chrono::milliseconds interval, std::chrono::milliseconds wait)
{
    using namespace std::chrono_literals;
    const std::string time = interval % 1s == 0ms ? std::to_string(interval / 1s) + " s"
                                                  : std::to_string(interval.count()) + " ms";
    return {ErrorCode::RateLimited, "the room is in slow mode: one message of each member in " + time, wait};
}

} // namespace

RoomEngine::RoomEngine(const RoomLimits &limits, const WallClock &clock, std::string epoch,
                       RoomTable::Past past)
    : m_rooms(limits, clock, epoch, std::move(past))
    , m_chat(std::move(epoch) + '/' + UlidSource().next(clock()).toString())
{
}

void RoomEngine::refuse(const Caller &caller, RequestId rid, Error error, std::string room, std::string cid,
                        bool entering)
{
    caller.port->deliver(
        delivery::Refused{caller.session, rid, std::move(error), std::move(room), std::move(cid), entering});
}

/// Here, since the caller may be gone by now. The admin API writes its own line.
void RoomEngine::tellModerated(const Caller &caller, RequestId rid, const Act &act, const Result<void> &done)
{
    if (caller.kind == Caller::Kind::Session)
        auditlog::write({std::string(toString(act.action)), subjectOf(act), act.by, auditlog::Way::Chat,
                         done ? "done" : std::string(toString(done.error().code)), act.reason});
    if (done)
        caller.port->deliver(delivery::Moderated{caller.session, rid, act});
    else
        refuse(caller, rid, done.error(), act.room);
}

/// The server looks into rooms that nobody has entered since the start: they are read from the store.
template <typename Callable>
void RoomEngine::withRoomFor(const Caller &caller, const std::string &room, Callable request)
{
    if (caller.kind == Caller::Kind::Server)
        m_rooms.withMade(room, std::move(request));
    else
        m_rooms.with(room, std::move(request));
}

// ---- coming and going

void RoomEngine::enter(const Caller &caller, EnterRequest request)
{
    if (!request.leave)
        return enterNow(caller, std::move(request));
    // Nobody leaves a room for one that cannot be entered. Never both locks: the one room is left in between.
    const std::string name = request.room;
    m_rooms.whenLoaded(name, [this, caller, request = std::move(request)](const Error *why) {
        if (why)
            return refuse(caller, request.rid, *why, request.room, {}, true);
        if (!mayEnter(request))
            return refuse(caller, request.rid, mayNotMake(request.room), request.room, {}, true);
        leave(caller, *request.leave, std::nullopt);
        enterNow(caller, request);
    });
}

void RoomEngine::enterNow(const Caller &caller, EnterRequest request)
{
    const std::string name = request.room;
    m_rooms.withMade(
        name, [this, caller, request = std::move(request)](LockedRoom *room, const Error *why) mutable {
            if (!room)
                return refuse(caller, request.rid, *why, request.room, {}, true);
            if (!request.mayMake && !isThere(*room))
                return refuse(caller, request.rid, mayNotMake(request.room), request.room, {}, true);
            admit(*room, caller, std::move(request));
        });
}

/// Of a room that was loaded a moment ago.
bool RoomEngine::mayEnter(const EnterRequest &request)
{
    const RoomPointer room = request.mayMake ? nullptr : m_rooms.find(request.room);
    if (!room)
        return request.mayMake;
    bool may = false;
    {
        const std::lock_guard lock(room->mutex);
        may = isThere(*room);
        room->noteUse();
    }
    m_rooms.settle(room);
    return may;
}

void RoomEngine::catchUp(const Caller &caller, const RoomName &room, const SyncPage &last)
{
    m_rooms.with(*room, [this, caller, last](LockedRoom *locked, const Error *) {
        if (locked)
            sendPage(*locked, caller, last, locked->room.entryOf(caller));
    });
}

void RoomEngine::leave(const Caller &caller, const std::string &room, RequestId rid)
{
    m_rooms.with(room, [caller, room, rid](LockedRoom *locked, const Error *) {
        if (locked)
            return locked->room.leave(caller, rid);
        // Whoever leaves a room that is not there has left it, too: its join may have been refused a moment
        // ago.
        caller.port->deliver(delivery::Left{caller.session, std::make_shared<const std::string>(room), rid});
    });
}

void RoomEngine::suspend(const Caller &caller, std::vector<RoomName> rooms, SteadyTime graceEnd)
{
    // First, so that whoever enters too late finds it.
    m_graces.begin(graceEnd, {caller, rooms});
    for (const RoomName &name : rooms) {
        m_rooms.with(*name, [caller](LockedRoom *locked, const Error *) {
            if (locked)
                locked->room.suspend(caller);
        });
    }
}

void RoomEngine::depart(const Caller &caller, std::span<const RoomName> rooms, Departure reason)
{
    for (const RoomName &name : rooms) {
        m_rooms.with(*name, [caller, reason](LockedRoom *locked, const Error *) {
            if (locked)
                locked->room.depart(caller, reason);
        });
    }
}

void RoomEngine::enteredTooLate(const Caller &caller, const RoomName &room)
{
    if (!m_graces.has(caller))
        return depart(caller, std::array{room}, Departure::Closed);
    m_rooms.with(*room, [caller](LockedRoom *locked, const Error *) {
        if (locked)
            locked->room.suspend(caller);
    });
}

void RoomEngine::tick(SteadyTime now)
{
    for (const Graces::Grace &ended : m_graces.takeEnded(now))
        depart(ended.caller, ended.rooms, Departure::Lost);
}

void RoomEngine::rename(const Caller &caller, std::span<const RoomName> rooms)
{
    for (const RoomName &name : rooms) {
        m_rooms.with(*name, [caller](LockedRoom *locked, const Error *) {
            if (locked)
                locked->room.rename(caller);
        });
    }
}

void RoomEngine::typing(const Caller &caller, const std::string &room, bool on)
{
    m_rooms.with(room, [caller, on](LockedRoom *locked, const Error *) {
        if (locked)
            locked->room.typing(caller, on);
    });
}

// ---- messages

void RoomEngine::publish(const Caller &caller, PublishRequest request)
{
    const RoomName name = request.room;
    const bool isMade = request.enterFirst != nullptr || caller.kind == Caller::Kind::Server;
    auto post = [this, caller, request = std::move(request)](LockedRoom *locked, const Error *why) mutable {
        const bool entering = request.enterFirst != nullptr;
        if (!locked)
            return refuse(caller, request.rid, *why, *request.room, request.cid, entering);
        if (!entering && caller.kind == Caller::Kind::Session && !locked->room.roster().contains(caller))
            return refuse(caller, request.rid, notInRoom(*request.room), *request.room, request.cid);
        // Where servers share the room the store answers: it knows what replicas have.
        const bool isOurs = !locked->room.isShared();
        if (auto receipt = isOurs ? locked->room.history().receiptFor(caller, request) : std::nullopt) {
            caller.port->deliver(Room::done(caller, std::move(request), *receipt));
            return;
        }
        if (request.interval.count() != 0) {
            const auto wait = locked->slowMode.wait(caller.identity->user(), request.cid, request.interval,
                                                    request.id.time());
            if (wait)
                return refuse(caller, request.rid, tooSoon(request.interval, *wait), *request.room,
                              request.cid, entering);
        }
        keep(*locked, caller, std::move(request));
    };
    if (isMade)
        m_rooms.withMade(*name, std::move(post));
    else
        m_rooms.with(*name, std::move(post));
}

void RoomEngine::erase(const Caller &caller, EraseRequest request)
{
    const std::string name = request.room;
    m_rooms.withMade(name, [this, caller, request = std::move(request)](LockedRoom *room, const Error *why) {
        if (!room)
            return refuse(caller, request.rid, *why, request.room);
        keep(*room, caller, {room->room.name(), request.rid, request.id, {}, {}, {}, request.erasure});
    });
}

void RoomEngine::history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range)
{
    withRoomFor(caller, room, [this, caller, room, rid, range](LockedRoom *locked, const Error *why) {
        if (!locked)
            return refuse(caller, rid, *why, room);
        readHistory(*locked, caller, rid, range);
    });
}

// ---- lists

void RoomEngine::members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                         std::uint32_t limit)
{
    withRoomFor(caller, room,
                [caller, room, rid, after = std::move(after), limit](LockedRoom *locked, const Error *why) {
                    if (!locked)
                        return refuse(caller, rid, *why, room);
                    locked->room.listMembers(caller, rid, after, limit);
                });
}

std::vector<delivery::RoomsListed::Entry>
RoomEngine::listed(const std::string &prefix, const std::string &after, std::size_t limit) const
{
    std::vector<delivery::RoomsListed::Entry> entries;
    for (const RoomPointer &each : m_rooms.list(prefix, after, limit)) {
        const std::lock_guard lock(each->mutex);
        const Room &room = each->room;
        entries.push_back({*room.name(), room.roster().size(), room.history().top().seq});
    }
    return entries;
}

} // namespace parlor
