// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/quotas.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace parlor {

/// What the connections of each user have used together, on all workers. Thread-safe; asked once a session
/// has said who it is, and told once it ends.
class UserQuotas
{
public:
    /// A connection of a user. Its destructor gives it back; the UserQuotas must outlive it.
    class Place
    {
    public:
        Place(Place &&other) noexcept
            : m_owner(std::exchange(other.m_owner, nullptr))
            , m_user(std::move(other.m_user))
            , m_quota(other.m_quota)
        {
        }
        Place &operator=(Place &&) = delete;
        ~Place()
        {
            if (m_owner)
                m_owner->leave(m_user, *m_quota);
        }
        /// What all connections of this user have asked for. Any thread.
        [[nodiscard]] SharedBucket &requests() const { return m_quota->requests; }

    private:
        friend class UserQuotas;
        Place(UserQuotas &owner, std::string user, Quota &quota)
            : m_owner(&owner)
            , m_user(std::move(user))
            , m_quota(&quota)
        {
        }
        UserQuotas *m_owner;
        std::string m_user;
        Quota *m_quota;
    };

    /// nullopt: the user has `most` connections already. 0: no limit.
    [[nodiscard]] std::optional<Place> enter(const std::string &user, std::uint64_t most,
                                             TokenBucket::Time now)
    {
        const std::lock_guard lock(m_mutex);
        Quota &quota = m_users.at(user, now);
        if (most != 0 && quota.connections >= most)
            return std::nullopt;
        ++quota.connections;
        return Place(*this, user, quota);
    }

private:
    void leave(const std::string &user, Quota &quota)
    {
        const std::lock_guard lock(m_mutex);
        if (--quota.connections == 0)
            m_users.left(user, quota);
    }

    std::mutex m_mutex;
    QuotaTable<std::string, Quota, std::hash<std::string>> m_users;
};

} // namespace parlor
