// SPDX-License-Identifier: MIT
#include "server/engine/sessiondirectory.h"

namespace parlor {

void SessionDirectory::attach(const Caller &caller)
{
    const std::lock_guard lock(m_mutex);
    const std::string_view id = caller.identity->clientId();
    const Connection mine{caller.identity, caller.port, caller.session, caller.attachment};
    auto known = m_connections.extract(id);
    if (!known) {
        m_connections.try_emplace(id, mine);
        return;
    }
    const bool isNewer = known.mapped().attachment < mine.attachment;
    const Connection &older = isNewer ? known.mapped() : mine;
    older.port->deliver(delivery::Replaced{older.session});
    if (isNewer) {
        known.key() = id; // the newer identity holds it from now on
        known.mapped() = mine;
    }
    m_connections.insert(std::move(known));
}

void SessionDirectory::detach(const Caller &caller)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_connections.find(caller.identity->clientId());
    if (found != m_connections.end() && found->second.attachment == caller.attachment)
        m_connections.erase(found);
}

void SessionDirectory::replaceByOther(const std::string &clientId)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_connections.find(clientId);
    if (found == m_connections.end())
        return;
    found->second.port->deliver(delivery::Replaced{found->second.session});
    m_connections.erase(found);
}

bool SessionDirectory::hasConnection(const std::string &clientId) const
{
    const std::lock_guard lock(m_mutex);
    return m_connections.contains(clientId);
}

bool SessionDirectory::isAttached(const Caller &caller) const
{
    if (caller.attachment == 0)
        return true;
    const std::lock_guard lock(m_mutex);
    const auto found = m_connections.find(caller.identity->clientId());
    return found != m_connections.end() && found->second.attachment == caller.attachment;
}

} // namespace parlor
