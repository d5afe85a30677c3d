// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <mutex>
#include <unordered_map>

namespace parlor {

/// Which connection each session has at present. Thread-safe; used when one opens and when it ends.
class SessionDirectory
{
public:
    /// Of two connections of one session the older gets Replaced, whichever comes first.
    void attach(const Caller &caller);
    void detach(const Caller &caller);
    /// The session's connection gets Replaced: a newer one goes to another server.
    void replaceByOther(const std::string &clientId);
    [[nodiscard]] bool hasConnection(const std::string &clientId) const;
    /// Whether this is the session's connection at present; so it is of a session that nobody can take over.
    [[nodiscard]] bool isAttached(const Caller &caller) const;

private:
    struct Connection
    {
        IdentityPtr identity; ///< holds the key
        DeliveryPort *port;
        SessionKey session;
        std::uint64_t attachment;
    };
    mutable std::mutex m_mutex;
    std::unordered_map<std::string_view, Connection> m_connections; ///< by client id
};

} // namespace parlor
