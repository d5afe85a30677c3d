// SPDX-License-Identifier: MIT
#include "server/engine/memoryengine.h"

#include "server/engine/erasure.h"
#include "server/moderation/sanctionbook.h"
#include "shared/protocol/ulid.h"

#include <utility>

namespace parlor {

MemoryEngine::MemoryEngine(const RoomLimits &limits, const WallClock &clock)
    : RoomEngine(limits, clock, UlidSource().next(clock()).toString(), {})
    , m_clock(clock)
{
    m_rooms.makePermanent();
}

void MemoryEngine::admit(LockedRoom &room, const Caller &caller, EnterRequest request)
{
    room.room.enter(caller, request);
}

void MemoryEngine::sendPage(LockedRoom &room, const Caller &caller, const SyncPage &last, std::uint64_t entry)
{
    room.room.catchUp(caller, last, entry);
}

void MemoryEngine::keep(LockedRoom &locked, const Caller &caller, PublishRequest request)
{
    Room &room = locked.room;
    if (request.erasure) {
        auto [refusal, duplicateOf] =
            erasure::judge(room.history().find(request.erasure->target.seq), caller, *request.erasure);
        if (refusal)
            return refuse(caller, request.rid, *std::move(refusal), *room.name());
        if (duplicateOf) {
            duplicateOf->durable = false;
            return caller.port->deliver(Room::done(caller, std::move(request), *duplicateOf));
        }
    }
    auto entry = History::compose(*room.name(), caller, request, room.history().top().seq + 1, m_clock());
    room.add(caller, std::move(request), std::move(entry), false);
    caller.port->notify();
    room.roster().forEachPort([](DeliveryPort *port) { port->notify(); });
}

void MemoryEngine::readHistory(LockedRoom &room, const Caller &caller, RequestId rid,
                               const HistoryRange &range)
{
    room.room.answerHistory(caller, rid, room.room.history().page(range));
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

void MemoryEngine::moderate(const Caller &caller, RequestId rid, Act act)
{
    const std::lock_guard lock(m_moderating);
    auto change = sanctionbook::apply(act, *m_ports.sanctions());
    if (!change)
        return tellModerated(caller, rid, act, change.error());
    if (change->after)
        m_ports.tell(std::move(change->after));
    else
        m_ports.tell(delivery::Kicked{act.user, act.rank, act.reason});
    tellModerated(caller, rid, act, {});
}

} // namespace parlor
