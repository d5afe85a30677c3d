// SPDX-License-Identifier: MIT
#include "server/chat/session.h"

#include "shared/protocol/encoder.h"

#include <algorithm>

namespace parlor {

Session::Session(SessionContext &context, const Newcomer &newcomer)
    : m_context(context)
    , m_peer(newcomer.peer)
    , m_place(newcomer.place)
{
    m_caller.port = &context.port;
    m_caller.session = newcomer.key;
    m_caller.identity = std::make_shared<const Identity>(context.clients.at(m_place).toString());
}

Session::~Session()
{
    for (const auto &each : m_rooms)
        endLive(*each);
}

void Session::attach()
{
    m_caller.attachment = m_context.engine.nextAttachment();
    m_context.engine.attach(m_caller);
}

void Session::assume(IdentityPtr identity)
{
    m_context.engine.detach(m_caller);
    m_caller.identity = std::move(identity);
    attach();
    if (const auto id = Ulid::parse(m_caller.identity->clientId()))
        m_context.clients.replace(m_place, *id);
}

void Session::resume(IdentityPtr identity)
{
    assume(std::move(identity));
    m_context.engine.takeOver(m_caller);
}

void Session::onBinary()
{
    m_peer.close(CloseCode::UnsupportedData, "only text frames are understood");
}

void Session::onReplaced()
{
    m_peer.close(CloseCode::Replaced, "replaced by a newer connection of the same session");
}

// ---- sending

void Session::take(const Slice &slice, Route route)
{
    // Another of its rooms may have something too, and what leaves together is one send.
    m_peer.deliver(slice, m_rooms.size() > 1 ? Route::Queued : route);
}

void Session::pinRooms()
{
    for (const auto &each : m_rooms) {
        if (each->room)
            each->room->fanout.pin(each->index);
    }
}

void Session::sendJson(std::string_view json)
{
    pinRooms();
    m_context.metrics.messagesOut.add();
    m_peer.sendText(json);
}

void Session::dismiss(CloseCode code, std::string_view reason)
{
    pinRooms();
    m_peer.close(code, reason);
}

void Session::send(const frame::Any &any)
{
    std::string json;
    encode(json, any);
    sendJson(json);
}

bool Session::charge(double cost, RequestId rid, std::string_view room, std::string_view cid)
{
    const auto refusal = m_requests.charge(m_context.limits.requests, cost, m_context.now());
    if (!refusal)
        return true;
    m_context.metrics.rateLimited.add();
    sendError(rid,
              Error{ErrorCode::RateLimited, "too many requests: wait before the next one", refusal->retry},
              room, cid);
    if (refusal->enough)
        m_peer.close(CloseCode::RateLimit, "too many requests");
    return false;
}

// ---- rooms

std::vector<RoomName> Session::roomNames() const
{
    std::vector<RoomName> names;
    names.reserve(m_rooms.size());
    for (const auto &each : m_rooms)
        names.push_back(each->name);
    return names;
}

accesslog::Visitor Session::visitor() const
{
    accesslog::Visitor visitor{m_caller.identity->clientId(), m_caller.identity->username(), {}};
    for (const auto &each : m_rooms)
        visitor.rooms += (visitor.rooms.empty() ? "" : ",") + *each->name;
    return visitor;
}

Session::Membership *Session::membership(std::string_view room)
{
    const auto found = std::find_if(m_rooms.begin(), m_rooms.end(),
                                    [room](const auto &each) { return *each->name == room; });
    return found == m_rooms.end() ? nullptr : found->get();
}

Session::Membership &Session::addMembership(RoomName room)
{
    return *m_rooms.emplace_back(std::make_unique<Membership>(std::move(room)));
}

void Session::dropIfDone(Membership &membership)
{
    if (membership.present || membership.entered || membership.entering != 0 || membership.leaving != 0)
        return;
    endLive(membership);
    std::erase_if(m_rooms, [&membership](const auto &each) { return each.get() == &membership; });
}

void Session::goLive(Membership &membership)
{
    if (membership.room)
        return;
    membership.room = &m_context.hub.room(membership.name);
    membership.index = membership.room->fanout.add(*this, dialect());
}

void Session::endLive(Membership &membership)
{
    if (HubRoom *const room = std::exchange(membership.room, nullptr))
        m_context.hub.remove(*room, membership.index);
}

void Session::onMoved(Fanout &fanout, std::uint32_t index)
{
    for (const auto &each : m_rooms) {
        if (each->room && &each->room->fanout == &fanout)
            each->index = index;
    }
}

} // namespace parlor
