// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"

#include <optional>
#include <queue>

namespace parlor::cli::load {

/// Something that is due at a time. What is no longer wanted is not taken out: its ticket is out of date.
struct Appointment
{
    enum class Kind : std::uint8_t {
        Come,            ///< a user
        Go,              ///< a user
        Speak,           ///< a user
        Retry,           ///< a user connects again
        AttemptDeadline, ///< of a user that connects and joins
        DrainDeadline,   ///< of a user that goes
        CloseDeadline,   ///< of a user's Close
        Settled,         ///< a user has been in its rooms for long enough
        SessionEnd,      ///< of a user's
        Admit,           ///< the door lets the next one in
        Sweep,           ///< the run looks after those who go
        Second,          ///< what was measured is handed over
    };
    Offset at{};
    Kind kind = Kind::Second;
    std::uint32_t user = 0;
    std::uint32_t ticket = 0;
};

/// All that is due, in the order of time; at the same time, in the order of adding. One a thread.
class Agenda
{
public:
    void add(const Appointment &appointment) { m_entries.push({appointment, m_added++}); }
    [[nodiscard]] std::optional<Offset> next() const
    {
        return m_entries.empty() ? std::nullopt : std::optional(m_entries.top().appointment.at);
    }
    /// The first one that is due, and it is out.
    [[nodiscard]] std::optional<Appointment> take(Offset now)
    {
        if (m_entries.empty() || m_entries.top().appointment.at > now)
            return std::nullopt;
        const Appointment due = m_entries.top().appointment;
        m_entries.pop();
        return due;
    }

private:
    struct Entry
    {
        Appointment appointment;
        std::uint64_t order;
        bool operator<(const Entry &other) const // the queue's top is its greatest
        {
            return appointment.at != other.appointment.at ? appointment.at > other.appointment.at
                                                          : order > other.order;
        }
    };
    std::priority_queue<Entry> m_entries;
    std::uint64_t m_added = 0;
};

} // namespace parlor::cli::load
