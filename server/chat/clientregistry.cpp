// SPDX-License-Identifier: MIT
#include "server/chat/clientregistry.h"

namespace parlor {

ClientRegistry::Place ClientRegistry::add(const Ulid &id)
{
    const std::lock_guard lock(m_mutex);
    if (m_free.empty()) {
        m_ids.push_back(id);
        return static_cast<Place>(m_ids.size() - 1);
    }
    const Place place = m_free.back();
    m_free.pop_back();
    m_ids[place] = id;
    return place;
}

void ClientRegistry::replace(Place place, const Ulid &id)
{
    const std::lock_guard lock(m_mutex);
    m_ids[place] = id;
}

void ClientRegistry::remove(Place place)
{
    const std::lock_guard lock(m_mutex);
    m_ids[place] = {};
    m_free.push_back(place);
}

Ulid ClientRegistry::at(Place place) const
{
    const std::lock_guard lock(m_mutex);
    return m_ids[place];
}

std::vector<std::string> ClientRegistry::ids(std::size_t limit) const
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> found;
    for (auto at = m_ids.begin(); at != m_ids.end() && found.size() < limit; ++at) {
        if (!at->isNull())
            found.push_back(at->toString());
    }
    return found;
}

} // namespace parlor
