// SPDX-License-Identifier: MIT
#include "server/engine/memoryengine.h"

#include "shared/protocol/ulid.h"

#include <utility>

namespace parlor {

MemoryEngine::MemoryEngine(const RoomLimits &limits, const WallClock &clock)
    : LocalEngine(limits, clock, UlidSource().next(clock()).toString(), {})
{
    m_rooms.makePermanent();
}

MemoryEngine::~MemoryEngine() = default;

void MemoryEngine::admit(LockedRoom &room, const Caller &caller, EnterRequest request)
{
    room.room.enter(caller, request);
}

void MemoryEngine::catchUp(const Caller &caller, const RoomName &room, const SyncPage &last)
{
    m_rooms.with(*room, [&](LockedRoom *locked, const Error *) {
        if (locked)
            locked->room.catchUp(caller, last, locked->room.entryOf(caller));
    });
}

void MemoryEngine::publish(const Caller &caller, PublishRequest request)
{
    const auto now = m_clock();
    const auto add = [&](LockedRoom *locked, const Error *why) {
        if (!locked)
            return refuse(caller, request.rid, *why, *request.room, request.cid,
                          request.enterFirst != nullptr);
        Room &room = locked->room;
        if (!request.enterFirst && !room.has(caller))
            return refuse(caller, request.rid, notInRoom(*request.room), *request.room, request.cid);
        if (auto receipt = room.receiptFor(caller, request)) {
            caller.port->deliver(Room::done(caller, std::move(request), *receipt));
            return;
        }
        auto entry = Room::compose(*room.name(), caller, request, room.seq() + 1, now);
        room.add(caller, std::move(request), std::move(entry));
        caller.port->notify();
        room.forEachPort([](DeliveryPort *port) { port->notify(); });
    };
    const RoomName name = request.room;
    if (request.enterFirst)
        m_rooms.withMade(*name, add);
    else
        m_rooms.with(*name, add);
}

void MemoryEngine::history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range)
{
    m_rooms.with(room, [&](LockedRoom *locked, const Error *why) {
        if (!locked)
            return refuse(caller, rid, *why, room);
        locked->room.history(caller, rid, range);
    });
}

void MemoryEngine::rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
                         std::uint32_t limit)
{
    auto entries = listed(prefix, after, std::size_t(limit) + 1);
    const bool more = entries.size() > limit;
    if (more)
        entries.pop_back();
    caller.port->deliver(delivery::RoomsListed{caller.session, rid, std::move(entries), more});
}

} // namespace parlor
