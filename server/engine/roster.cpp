// SPDX-License-Identifier: MIT
#include "server/engine/roster.h"

#include <algorithm>
#include <utility>

namespace parlor {

namespace {

Roster::Came cameAs(const IdentityPtr &before, const IdentityPtr &now)
{
    if (!before)
        return Roster::Came::New;
    return before->username() == now->username() ? Roster::Came::Again : Roster::Came::AgainRenamed;
}

} // namespace

std::optional<Roster::Came> Roster::enter(const Caller &caller, Presence presence)
{
    const auto [at, isNew] = m_places.try_emplace(caller.identity->clientId());
    Place &place = at->second;
    if (!isNew && place.attachment > caller.attachment)
        return std::nullopt;
    IdentityPtr before = place.identity;
    if (!isNew) {
        change(place, Presence::Suspended); // whatever connection it had the place from
    } else if (const auto there = m_elsewhere.find(caller.identity->clientId()); there != m_elsewhere.end()) {
        before = there->second.front().who;
        --m_onlyElsewhere;
    }
    const Came came = cameAs(before, caller.identity);
    place = Place{caller.identity, caller.port, caller.attachment, ++m_lastEntry, Presence::Suspended};
    change(place, presence);
    return came;
}

const Roster::Place *Roster::find(const Caller &caller) const
{
    const auto found = m_places.find(caller.identity->clientId());
    return found == m_places.end() || found->second.attachment != caller.attachment ? nullptr
                                                                                    : &found->second;
}

Roster::Place *Roster::findMutable(const Caller &caller)
{
    return const_cast<Place *>(std::as_const(*this).find(caller));
}

void Roster::setPresence(const Caller &caller, Presence presence)
{
    if (Place *const mine = findMutable(caller))
        change(*mine, presence);
}

/// Keeps count of the connected members, and of the live ones behind each port.
void Roster::change(Place &place, Presence presence)
{
    if (place.presence == Presence::Suspended && presence != Presence::Suspended)
        ++m_connected;
    else if (place.presence != Presence::Suspended && presence == Presence::Suspended)
        --m_connected;
    const bool was = place.presence == Presence::Live;
    const bool is = presence == Presence::Live;
    place.presence = presence;
    if (was == is)
        return;
    const auto listener = std::ranges::find(m_listeners, place.port, &Listener::port);
    if (is && listener == m_listeners.end())
        m_listeners.push_back({place.port, 1});
    else if (is)
        ++listener->members;
    else if (--listener->members == 0)
        m_listeners.erase(listener);
}

bool Roster::rename(const Caller &caller)
{
    Place *const mine = findMutable(caller);
    if (mine)
        mine->identity = caller.identity;
    return mine != nullptr;
}

IdentityPtr Roster::remove(const Caller &caller)
{
    if (!find(caller))
        return nullptr;
    const auto mine = m_places.find(caller.identity->clientId());
    IdentityPtr who = mine->second.identity;
    erase(mine);
    return who;
}

void Roster::erase(Places::iterator at)
{
    change(at->second, Presence::Suspended);
    if (isElsewhere(at->first))
        ++m_onlyElsewhere;
    m_places.erase(at);
}

void Roster::makeAllLive()
{
    for (auto &[clientId, place] : m_places) {
        if (place.presence == Presence::CatchingUp)
            change(place, Presence::Live);
    }
}

// ---- on other servers

Roster::Elsewhere Roster::enterElsewhere(const MemberElsewhere &member)
{
    const std::string &id = member.who->clientId();
    const auto place = m_places.find(id);
    auto &there = m_elsewhere[id];
    IdentityPtr before = there.empty() ? nullptr : there.front().who;
    if (there.empty() && place == m_places.end())
        ++m_onlyElsewhere;
    std::erase_if(there, [&member](const MemberElsewhere &each) { return each.server == member.server; });
    there.insert(there.begin(), member); // the newest is the one that is shown
    if (place == m_places.end())
        return {cameAs(before, member.who), nullptr};
    before = place->second.identity;
    if (place->second.presence != Presence::Suspended)
        return {Came::Again, nullptr};
    erase(place);
    return {cameAs(before, member.who), before};
}

IdentityPtr Roster::removeElsewhere(const Ulid &server, const std::string &clientId)
{
    const auto found = m_elsewhere.find(clientId);
    if (found == m_elsewhere.end())
        return nullptr;
    auto &there = found->second;
    const auto at = std::ranges::find(there, server, &MemberElsewhere::server);
    if (at == there.end())
        return nullptr;
    IdentityPtr who = at->who;
    there.erase(at);
    if (!there.empty())
        return nullptr;
    m_elsewhere.erase(found);
    if (m_places.contains(clientId))
        return nullptr;
    --m_onlyElsewhere;
    return who;
}

std::vector<MemberElsewhere> Roster::elsewhere() const
{
    std::vector<MemberElsewhere> all;
    for (const auto &[clientId, members] : m_elsewhere)
        all.insert(all.end(), members.begin(), members.end());
    return all;
}

// ---- lists

std::vector<IdentityPtr> Roster::after(std::string_view clientId, std::uint32_t limit) const
{
    std::vector<IdentityPtr> result;
    result.reserve(std::min<std::size_t>(limit, size()));
    auto here = m_places.upper_bound(clientId);
    auto there = m_elsewhere.upper_bound(clientId);
    while (result.size() < limit && (here != m_places.end() || there != m_elsewhere.end())) {
        const bool isHere =
            there == m_elsewhere.end() || (here != m_places.end() && here->first <= there->first);
        if (isHere && there != m_elsewhere.end() && there->first == here->first)
            ++there;
        result.push_back(isHere ? (here++)->second.identity : (there++)->second.front().who);
    }
    return result;
}

bool Roster::hasMoreThan(const std::vector<IdentityPtr> &members) const
{
    if (members.empty())
        return false;
    const std::string &last = members.back()->clientId();
    return m_places.upper_bound(last) != m_places.end() || m_elsewhere.upper_bound(last) != m_elsewhere.end();
}

} // namespace parlor
