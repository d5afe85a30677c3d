// SPDX-License-Identifier: MIT
#include "server/engine/roster.h"

#include <algorithm>
#include <utility>

namespace parlor {

std::optional<Roster::Came> Roster::enter(const Caller &caller, Presence presence)
{
    const auto [at, isNew] = m_places.try_emplace(caller.identity->clientId());
    Place &place = at->second;
    if (!isNew && place.attachment > caller.attachment)
        return std::nullopt;
    Came came = Came::New;
    if (!isNew) {
        change(place, Presence::Suspended); // whatever connection it had the place from
        const bool isRenamed = place.identity->username() != caller.identity->username();
        came = isRenamed ? Came::AgainRenamed : Came::Again;
    }
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
    Place *const mine = findMutable(caller);
    if (!mine)
        return nullptr;
    change(*mine, Presence::Suspended);
    IdentityPtr who = mine->identity;
    m_places.erase(caller.identity->clientId());
    return who;
}

std::vector<IdentityPtr> Roster::after(std::string_view clientId, std::uint32_t limit) const
{
    std::vector<IdentityPtr> result;
    result.reserve(std::min<std::size_t>(limit, m_places.size()));
    for (auto at = m_places.upper_bound(clientId); at != m_places.end() && result.size() < limit; ++at)
        result.push_back(at->second.identity);
    return result;
}

bool Roster::hasMoreThan(const std::vector<IdentityPtr> &members) const
{
    return !m_places.empty() && !members.empty() && members.back()->clientId() != m_places.rbegin()->first;
}

} // namespace parlor
