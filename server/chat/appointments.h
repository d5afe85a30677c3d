// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"
#include "server/peer/application.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <queue>
#include <unordered_map>
#include <vector>

namespace parlor {

/// When a worker's connections are to be looked at again: no token has come, or one has ended. A connection
/// that is gone by then, or has more time by then, is the caller's to notice. Worker's thread.
class Appointments
{
public:
    /// Later ones come earlier, to be made again then: so what is gone does not stay for long.
    static constexpr std::chrono::hours kLongest{1};

    /// Of a connection the earliest counts.
    void add(SteadyTime now, std::chrono::milliseconds after, SessionKey connection)
    {
        const SteadyTime at = now + std::min<std::chrono::milliseconds>(after, kLongest);
        const auto [known, isNew] = m_next.try_emplace(number(connection), at);
        if (!isNew && known->second <= at)
            return;
        known->second = at;
        m_queue.push({at, connection});
    }
    [[nodiscard]] std::vector<SessionKey> takeDue(SteadyTime now)
    {
        std::vector<SessionKey> due;
        for (; !m_queue.empty() && m_queue.top().at <= now; m_queue.pop()) {
            const auto &[at, connection] = m_queue.top();
            const auto next = m_next.find(number(connection));
            if (next == m_next.end() || next->second != at)
                continue; // an earlier one took its place
            m_next.erase(next);
            due.push_back(connection);
        }
        return due;
    }

private:
    struct Appointment
    {
        SteadyTime at;
        SessionKey connection;
        bool operator<(const Appointment &other) const { return at > other.at; } ///< the earliest is the top
    };
    static std::uint64_t number(SessionKey connection)
    {
        return std::uint64_t(connection.slot) << 32 | connection.generation;
    }

    std::priority_queue<Appointment> m_queue;
    std::unordered_map<std::uint64_t, SteadyTime> m_next; ///< by number()
};

} // namespace parlor
