// SPDX-License-Identifier: MIT
#include "server/engine/room.h"

#include "shared/protocol/encoder.h"
#include "shared/protocol/values.h"

#include <algorithm>

namespace parlor {

using Changed = delivery::PresenceChanged;

// ---- roster

/// The caller's place, if it is this connection's and no newer one's.
Room::Place *Room::place(const Caller &caller)
{
    const auto found = m_roster.find(caller.identity->clientId());
    return found == m_roster.end() || found->second.attachment != caller.attachment ? nullptr
                                                                                    : &found->second;
}

/// Keeps count of the live members behind each port: one without any hears nothing of the room.
void Room::setPresence(Place &place, Presence presence)
{
    const bool was = place.presence == Presence::Live;
    const bool is = presence == Presence::Live;
    place.presence = presence;
    if (was == is)
        return;
    const auto listener = std::find_if(m_listeners.begin(), m_listeners.end(),
                                       [&place](const Listener &l) { return l.port == place.port; });
    if (is && listener == m_listeners.end())
        m_listeners.push_back({place.port, 1});
    else if (is)
        ++listener->members;
    else if (--listener->members == 0)
        m_listeners.erase(listener);
}

void Room::remove(Roster::iterator at, std::string_view reason)
{
    setPresence(at->second, Presence::Suspended);
    const IdentityPtr who = at->second.identity;
    m_roster.erase(at);
    deliverToAll(Changed{m_name, who, Changed::What::Left, reason, m_roster.size()});
}

void Room::deliverToAll(const Delivery &event, const DeliveryPort *except) const
{
    for (const Listener &listener : m_listeners) {
        if (listener.port != except)
            listener.port->deliver(event);
    }
}

void Room::enter(const Caller &caller, const EnterRequest &request)
{
    const auto [at, isNew] = m_roster.try_emplace(caller.identity->clientId());
    Place &place = at->second;
    if (!isNew && place.attachment > caller.attachment) {
        // Sent on a connection that the session has left behind: the place is the newer connection's.
        caller.port->deliver(
            delivery::Refused{caller.session,
                              request.rid,
                              {ErrorCode::Unavailable, "a newer connection has this session"},
                              *m_name,
                              {},
                              true});
        return;
    }
    if (!isNew)
        setPresence(place, Presence::Suspended); // whatever connection it had the place from
    const bool renamed = !isNew && place.identity->username() != caller.identity->username();
    SyncPage page = firstPage(request);
    place = Place{caller.identity, caller.port, caller.attachment, Presence::Suspended};
    setPresence(place, page.more ? Presence::CatchingUp : Presence::Live);

    std::optional<Changed::What> announced;
    if (isNew)
        announced = Changed::What::Joined;
    else if (request.announceAgain)
        announced = Changed::What::JoinedAgain;
    caller.port->deliver(delivery::Entered{caller.session, caller.identity, request.rid, m_name,
                                           membersAfter({}, limits::kMembersPage), m_roster.size(),
                                           std::move(page), announced});
    if (announced)
        deliverToAll(Changed{m_name, caller.identity, *announced, {}, m_roster.size()}, caller.port);
    if (renamed)
        deliverToAll(delivery::Renamed{m_name, caller.identity});
}

void Room::leave(const Caller &caller, RequestId rid, std::string_view reason)
{
    Place *const mine = place(caller);
    if (mine)
        setPresence(*mine, Presence::Suspended);
    caller.port->deliver(delivery::Left{caller.session, m_name, rid});
    if (mine)
        remove(m_roster.find(caller.identity->clientId()), reason);
}

void Room::suspend(const Caller &caller)
{
    if (Place *mine = place(caller))
        setPresence(*mine, Presence::Suspended);
}

void Room::expire(const Caller &caller, std::string_view reason)
{
    if (place(caller))
        remove(m_roster.find(caller.identity->clientId()), reason);
}

void Room::rename(const Caller &caller)
{
    Place *mine = place(caller);
    if (!mine)
        return;
    mine->identity = caller.identity;
    deliverToAll(delivery::Renamed{m_name, caller.identity});
}

std::vector<IdentityPtr> Room::membersAfter(std::string_view after, std::uint32_t limit) const
{
    std::vector<IdentityPtr> result;
    result.reserve(std::min<std::size_t>(limit, m_roster.size()));
    for (auto at = m_roster.upper_bound(after); at != m_roster.end() && result.size() < limit; ++at)
        result.push_back(at->second.identity);
    return result;
}

void Room::members(const Caller &caller, RequestId rid, const std::string &after, std::uint32_t limit) const
{
    auto list = membersAfter(after, limit);
    const bool truncated = !m_roster.empty() && limit > 0 && !list.empty() &&
                           list.back()->clientId() != m_roster.rbegin()->first;
    caller.port->deliver(
        delivery::MembersListed{caller.session, rid, m_name, std::move(list), m_roster.size(), truncated});
}

// ---- messages

void Room::publish(const Caller &caller, PublishRequest request, std::chrono::milliseconds now)
{
    std::string key = request.cid.empty() ? std::string()
                                          : HistoryRing::idempotencyKey(caller.identity->user(), request.cid);
    const auto answer = [&](const delivery::PublishDone::Receipt &receipt) {
        caller.port->deliver(delivery::PublishDone{caller.session, request.rid, m_name,
                                                   std::move(request.cid), std::move(request.content),
                                                   receipt});
    };
    if (const HistoryRing::Entry *first = key.empty() ? nullptr : m_ring.find(key))
        return answer({first->id, first->seq, first->time, true, false});

    const std::uint64_t seq = ++m_seq;
    const auto id = request.id.text();
    const auto timestamp = values::timestamp(now);
    std::string json;
    json.reserve(256 + request.content.size());
    encode(json,
           frame::Message{*m_name, seq, id, request.cid, caller.identity->clientId(), caller.identity->user(),
                          caller.identity->username(), Content{{}, request.content}, timestamp});
    SharedBytes bytes(json);
    m_ring.append({seq, now, request.id, std::move(key), bytes});
    answer({request.id, seq, now, false, false});
    if (request.enterFirst)
        enter(caller, *request.enterFirst);
    deliverToAll(delivery::Published{m_name, std::move(bytes)});
}

void Room::typing(const Caller &caller, bool on)
{
    if (place(caller))
        deliverToAll(delivery::TypingChanged{m_name, caller.identity, on});
}

// ---- history

SyncPage Room::newestPage(std::optional<frame::SyncReason> reason, std::uint32_t limit) const
{
    HistoryRing::Page page = m_ring.before(m_seq + 1, limit);
    return {m_epoch, m_seq, false, reason, std::move(page.events), false, m_seq};
}

SyncPage Room::pageAfter(std::uint64_t seq, bool recovered, std::optional<frame::SyncReason> reason) const
{
    HistoryRing::Page page = m_ring.after(seq, limits::kHistoryPage);
    const std::uint64_t last = page.events.empty() ? seq : page.lastSeq;
    return {m_epoch, m_seq, recovered, reason, std::move(page.events), last < m_seq, last};
}

SyncPage Room::firstPage(const EnterRequest &request) const
{
    using enum frame::SyncReason;
    if (!request.since)
        return newestPage(std::nullopt, std::min(request.history, limits::kHistoryPage));
    const std::uint64_t since = request.since->seq;
    if (request.since->epoch != m_epoch)
        return newestPage(Epoch, limits::kHistoryPage);
    if (since > m_seq)
        return newestPage(Ahead, limits::kHistoryPage);
    if (m_seq - since > limits::kResumeMessages)
        return newestPage(TooMany, limits::kHistoryPage);
    if (since < m_seq && (m_ring.isEmpty() || m_ring.oldest().seq > since + 1))
        return newestPage(TooOld, limits::kHistoryPage);
    return pageAfter(since, true, std::nullopt);
}

void Room::catchUp(const Caller &caller, const SyncPage &last)
{
    Place *mine = place(caller);
    if (!mine || mine->presence != Presence::CatchingUp)
        return;
    // What the next page needs may have fallen out of the ring while this one was on its way.
    const bool lost = m_ring.isEmpty() || m_ring.oldest().seq > last.lastSeq + 1;
    SyncPage page = lost ? newestPage(frame::SyncReason::TooOld, limits::kHistoryPage)
                         : pageAfter(last.lastSeq, last.recovered, last.reason);
    if (!page.more)
        setPresence(*mine, Presence::Live);
    caller.port->deliver(delivery::CaughtUp{caller.session, m_name, membersAfter({}, limits::kMembersPage),
                                            m_roster.size(), std::move(page)});
}

void Room::history(const Caller &caller, RequestId rid, const Engine::HistoryRange &range) const
{
    const std::size_t limit = std::min(range.limit, limits::kHistoryPage);
    HistoryRing::Page page = range.after ? m_ring.after(*range.after, limit)
                                         : m_ring.before(range.before.value_or(m_seq + 1), limit);
    bool more = false;
    if (!page.events.empty())
        more = range.after ? page.lastSeq < m_seq : page.firstSeq > m_ring.oldest().seq;
    SyncPage answer{m_epoch, m_seq, false, std::nullopt, std::move(page.events), more, page.lastSeq};
    caller.port->deliver(delivery::HistoryRead{caller.session, rid, m_name, std::move(answer)});
}

} // namespace parlor
