// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/plan/runclock.h"
#include "client-cli/load/run/agenda.h"

#include <algorithm>

namespace parlor::cli::load {

/// When a thread's users act: the run's plan and clock, which outlive it and which all threads read, and what
/// is due next in this thread. One a thread.
class Timetable
{
public:
    Timetable(const Plan &plan, const RunClock &clock)
        : m_plan(plan)
        , m_clock(clock)
    {
    }

    void add(const Appointment &appointment) { m_agenda.add(appointment); }
    /// The first one that is due, and it is out. The plan's turns are due without being added: those of all
    /// users, other threads' among them.
    [[nodiscard]] std::optional<Appointment> take(Offset now)
    {
        const auto turn = nextTurn();
        if (!turn || *turn > now || m_agenda.next().value_or(now) < *turn)
            return m_agenda.take(now);
        const Plan::Change &change = m_plan.changes()[m_turns++];
        return Appointment{change.at,
                           change.turn == Plan::Turn::Comes ? Appointment::Kind::Come : Appointment::Kind::Go,
                           change.user, 0};
    }

    [[nodiscard]] std::optional<Offset> next() const
    {
        const auto turn = nextTurn();
        const auto added = m_agenda.next();
        return turn && added ? std::min(*turn, *added) : turn ? turn : added;
    }
    /// The plan's time is over, and all its turns are out.
    [[nodiscard]] bool isPlanOver() const { return !nextTurn() && now() >= m_plan.end(); }
    [[nodiscard]] Offset now() const { return m_clock.now(); }
    [[nodiscard]] const RunClock &clock() const { return m_clock; }
    [[nodiscard]] const Plan &plan() const { return m_plan; }

private:
    [[nodiscard]] std::optional<Offset> nextTurn() const
    {
        return m_turns == m_plan.changes().size() ? std::nullopt
                                                  : std::optional(m_plan.changes()[m_turns].at);
    }

    const Plan &m_plan;
    const RunClock &m_clock;
    std::size_t m_turns = 0; ///< of the plan, that are out
    Agenda m_agenda;
};

} // namespace parlor::cli::load
