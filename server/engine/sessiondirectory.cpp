// SPDX-License-Identifier: MIT
#include "server/engine/sessiondirectory.h"

namespace parlor {

std::uint64_t SessionDirectory::attach(const Caller &caller)
{
    const std::lock_guard lock(m_mutex);
    const std::uint64_t attachment = ++m_lastAttachment;
    const std::string_view id = caller.identity->clientId();
    if (auto older = m_connections.extract(id)) {
        older.mapped().port->deliver(delivery::Replaced{older.mapped().session});
        older.key() = id; // the newer identity holds it from now on
        older.mapped() = {caller.identity, caller.port, caller.session, attachment};
        m_connections.insert(std::move(older));
    } else {
        m_connections.try_emplace(id, Connection{caller.identity, caller.port, caller.session, attachment});
    }
    return attachment;
}

void SessionDirectory::detach(const Caller &caller)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_connections.find(caller.identity->clientId());
    if (found != m_connections.end() && found->second.attachment == caller.attachment)
        m_connections.erase(found);
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
