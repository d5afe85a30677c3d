// SPDX-License-Identifier: MIT
#include "server/engine/sessiondirectory.h"

namespace parlor {

std::uint64_t SessionDirectory::attach(const Caller &caller)
{
    const std::lock_guard lock(m_mutex);
    const std::uint64_t attachment = ++m_lastAttachment;
    const Connection connection{caller.port, caller.session, attachment};
    const auto [at, isNew] = m_connections.try_emplace(caller.identity->clientId, connection);
    if (!isNew) {
        at->second.port->deliver(delivery::Replaced{at->second.session});
        at->second = connection;
    }
    return attachment;
}

void SessionDirectory::detach(const Caller &caller)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_connections.find(caller.identity->clientId);
    if (found != m_connections.end() && found->second.attachment == caller.attachment)
        m_connections.erase(found);
}

std::vector<std::string> SessionDirectory::clientIds(std::size_t limit) const
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> ids;
    for (auto at = m_connections.begin(); at != m_connections.end() && ids.size() < limit; ++at)
        ids.push_back(at->first);
    return ids;
}

} // namespace parlor
