// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/plan/runclock.h"
#include "client-cli/load/run/agenda.h"

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
    /// The first one that is due, and it is out.
    [[nodiscard]] std::optional<Appointment> take(Offset now) { return m_agenda.take(now); }

    [[nodiscard]] std::optional<Offset> next() const { return m_agenda.next(); }
    [[nodiscard]] Offset now() const { return m_clock.now(); }
    [[nodiscard]] const RunClock &clock() const { return m_clock; }
    [[nodiscard]] const Plan &plan() const { return m_plan; }

private:
    const Plan &m_plan;
    const RunClock &m_clock;
    Agenda m_agenda;
};

} // namespace parlor::cli::load
