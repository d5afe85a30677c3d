// SPDX-License-Identifier: MIT
#include "server/engine/room.h"

#include "server/ops/auditlog.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace parlor {

using Changed = delivery::PresenceChanged;

void Room::deliverToAll(const Delivery &event, const DeliveryPort *except) const
{
    m_roster.forEachPort([&event, except](DeliveryPort *port) {
        if (port != except)
            port->deliver(event);
    });
}

// ---- coming and going

std::uint64_t Room::entryOf(const Caller &caller) const
{
    const Roster::Place *const mine = m_roster.find(caller);
    return mine ? mine->entry : 0;
}

void Room::enter(const Caller &caller, const EnterRequest &request)
{
    SyncPage page = m_history.firstPage(request);
    const auto came =
        m_roster.enter(caller, page.more ? Roster::Presence::CatchingUp : Roster::Presence::Live);
    if (!came) {
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
    std::optional<Changed::What> announced;
    if (*came == Roster::Came::New)
        announced = Changed::What::Joined;
    else if (request.announceAgain)
        announced = Changed::What::JoinedAgain;
    if (m_cluster)
        m_cluster->came(m_name, caller.identity);
    caller.port->deliver(delivery::Entered{caller.session, caller.identity, request.rid, m_name,
                                           m_roster.after({}, limits::kMembersPage), m_roster.size(),
                                           std::move(page), announced, caller.attachment});
    if (announced)
        deliverToAll(Changed{m_name, caller.identity, *announced, {}, m_roster.size()}, caller.port);
    if (*came == Roster::Came::AgainRenamed)
        deliverToAll(delivery::Renamed{m_name, caller.identity});
}

void Room::catchUp(const Caller &caller, const SyncPage &last, std::uint64_t entry)
{
    const Roster::Place *const mine = m_roster.find(caller);
    if (!mine || mine->entry != entry || mine->presence != Roster::Presence::CatchingUp)
        return;
    SyncPage page = m_history.nextPage(last);
    if (!page.more)
        m_roster.setPresence(caller, Roster::Presence::Live);
    caller.port->deliver(delivery::CaughtUp{caller.session, m_name, m_roster.after({}, limits::kMembersPage),
                                            m_roster.size(), std::move(page)});
}

void Room::leave(const Caller &caller, RequestId rid)
{
    m_roster.setPresence(caller, Roster::Presence::Suspended);
    caller.port->deliver(delivery::Left{caller.session, m_name, rid});
    depart(caller, Departure::Left);
}

void Room::suspend(const Caller &caller)
{
    m_roster.setPresence(caller, Roster::Presence::Suspended);
}

void Room::depart(const Caller &caller, Departure reason)
{
    const IdentityPtr who = m_roster.remove(caller);
    if (!who)
        return;
    if (m_cluster)
        m_cluster->went(m_name, who, reason);
    if (!m_roster.isElsewhere(who->clientId()))
        deliverToAll(Changed{m_name, who, Changed::What::Left, reason, m_roster.size()});
}

void Room::rename(const Caller &caller)
{
    if (!m_roster.rename(caller))
        return;
    if (m_cluster)
        m_cluster->came(m_name, caller.identity);
    deliverToAll(delivery::Renamed{m_name, caller.identity});
}

void Room::typing(const Caller &caller, bool on)
{
    if (!m_roster.find(caller))
        return;
    if (m_cluster)
        m_cluster->typing(m_name, caller.identity, on);
    deliverToAll(delivery::TypingChanged{m_name, caller.identity, on});
}

void Room::listMembers(const Caller &caller, RequestId rid, const std::string &after,
                       std::uint32_t limit) const
{
    auto list = m_roster.after(after, limit);
    const bool truncated = m_roster.hasMoreThan(list);
    caller.port->deliver(
        delivery::MembersListed{caller.session, rid, m_name, std::move(list), m_roster.size(), truncated});
}

// ---- the same, on other servers

void Room::cameElsewhere(const MemberElsewhere &member)
{
    const auto [came, moved] = m_roster.enterElsewhere(member);
    if (moved && m_cluster)
        m_cluster->went(m_name, moved, Departure::Closed);
    switch (came) {
    case Roster::Came::New:
        deliverToAll(Changed{m_name, member.who, Changed::What::Joined, {}, m_roster.size()});
        break;
    case Roster::Came::AgainRenamed:
        deliverToAll(delivery::Renamed{m_name, member.who});
        break;
    case Roster::Came::Again:
        break;
    }
}

void Room::wentElsewhere(const Ulid &server, const std::string &clientId, Departure reason)
{
    if (const IdentityPtr who = m_roster.removeElsewhere(server, clientId))
        deliverToAll(Changed{m_name, who, Changed::What::Left, reason, m_roster.size()});
}

void Room::serverLost(const Ulid &server)
{
    for (const MemberElsewhere &each : m_roster.elsewhere()) {
        if (each.server == server)
            wentElsewhere(server, each.who->clientId(), Departure::Lost);
    }
}

void Room::setElsewhere(const std::vector<MemberElsewhere> &members, const std::vector<Ulid> *servers)
{
    const auto key = [](const MemberElsewhere &member) {
        return std::pair(member.server, std::string_view(member.who->clientId()));
    };
    std::set<std::pair<Ulid, std::string_view>> present;
    for (const MemberElsewhere &each : members) {
        present.insert(key(each));
        cameElsewhere(each);
    }
    for (const MemberElsewhere &each : m_roster.elsewhere()) {
        const bool isTold = !servers || std::ranges::find(*servers, each.server) != servers->end();
        if (isTold && !present.contains(key(each)))
            wentElsewhere(each.server, each.who->clientId(), Departure::Lost);
    }
}

void Room::typingElsewhere(const IdentityPtr &who, bool on)
{
    deliverToAll(delivery::TypingChanged{m_name, who, on});
}

// ---- messages

Delivery Room::done(const Caller &caller, PublishRequest &&request, const History::Receipt &receipt)
{
    if (request.erasure)
        return delivery::EraseDone{caller.session, request.rid, request.room, request.erasure->target.id,
                                   receipt};
    return delivery::PublishDone{
        caller.session, request.rid, request.room, std::move(request.cid), std::move(request.content),
        receipt};
}

delivery::Published Room::published(const HistoryRing::Entry &entry) const
{
    return {m_name, entry.frame, entry.id.time(), entry.erases == 0};
}

void Room::add(const Caller &caller, PublishRequest request, HistoryRing::Entry entry, bool isDurable)
{
    // Here, since the caller may be gone by now. The admin API writes its own line.
    if (request.erasure && request.erasure->mayEraseOthers && caller.kind == Caller::Kind::Session)
        auditlog::write({"delete", "room:" + *m_name + " message:" + request.erasure->target.id.toString(),
                         caller.identity->user(), auditlog::Way::Chat});
    const delivery::Published event = published(entry);
    caller.port->queue(done(caller, std::move(request), {entry.id, entry.seq, entry.time, false, isDurable}));
    m_history.append(std::move(entry));
    if (request.enterFirst)
        enter(caller, *request.enterFirst);
    m_roster.forEachPort([&](DeliveryPort *port) { port->queue(event); });
}

void Room::add(HistoryRing::Entry entry)
{
    const delivery::Published event = published(entry);
    m_history.append(std::move(entry));
    m_roster.forEachPort([&](DeliveryPort *port) { port->queue(event); });
}

void Room::diverge(StoredRoom now, frame::SyncReason reason)
{
    m_history.replace(std::move(now));
    m_roster.makeAllLive();
    deliverToAll(delivery::Diverged{m_name, m_roster.after({}, limits::kMembersPage), m_roster.size(),
                                    m_history.newestPage(reason, limits::kHistoryPage)});
}

void Room::answerHistory(const Caller &caller, RequestId rid, SyncPage page) const
{
    caller.port->deliver(delivery::HistoryRead{caller.session, rid, m_name, std::move(page)});
}

} // namespace parlor
