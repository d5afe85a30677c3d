// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"
#include "server/peer/application.h"

#include <queue>
#include <utility>
#include <vector>

namespace parlor {

/// When a worker's connections are to be looked at again: no token has come, or one has ended. A connection
/// that is gone by then, or has more time by then, is the caller's to notice. Worker's thread.
class Appointments
{
public:
    void add(SteadyTime at, SessionKey connection) { m_queue.push({at, connection}); }
    [[nodiscard]] std::vector<SessionKey> takeDue(SteadyTime now)
    {
        std::vector<SessionKey> due;
        for (; !m_queue.empty() && m_queue.top().at <= now; m_queue.pop())
            due.push_back(m_queue.top().connection);
        return due;
    }

private:
    struct Appointment
    {
        SteadyTime at;
        SessionKey connection;
        bool operator<(const Appointment &other) const { return at > other.at; } ///< the earliest is the top
    };
    std::priority_queue<Appointment> m_queue;
};

} // namespace parlor
