// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/run/surroundings.h"
#include "client-cli/load/run/user.h"

#include <memory>

namespace parlor::cli::load {

/// One run, from its first user to its last: an epoll loop, all its users, and what they share. It lives in
/// one thread and knows of no other, so that several can run side by side and be merged.
class LoadRun
{
public:
    /// `interrupts`: a descriptor with a byte to read each time that the person wants an end.
    /// `watchers` outlive it.
    LoadRun(const Settings &settings, Target target, std::vector<Address> addresses, int interrupts,
            std::vector<RunWatcher *> watchers);

    /// The error: the system gives no way to wait for sockets.
    [[nodiscard]] Result<RunRecord> execute();

private:
    /// Reads the interrupts: the first one ends the plan, the second the waiting.
    class InterruptWatch final : public Pollable
    {
    public:
        InterruptWatch(LoadRun &run, int descriptor)
            : m_run(run)
            , m_descriptor(descriptor)
        {
        }
        void onEvents(std::uint32_t events) override;

    private:
        LoadRun &m_run;
        int m_descriptor;
    };

    void keepAppointments();
    void keep(const Appointment &due);
    void admit();
    void second();
    [[nodiscard]] std::vector<RoomSplit> splits();
    void judgeRooms();
    [[nodiscard]] double sampleCpu(Offset now);
    void forgetMessages(Offset now);
    void endPlan();
    void interrupt();
    [[nodiscard]] bool isOver() const;

    const Settings &m_settings;
    Target m_target;
    Plan m_plan;
    AddressBook m_addresses;
    std::vector<RunWatcher *> m_watchers;
    RunClock m_clock;
    Poller m_poller;
    Agenda m_agenda;
    Random m_random;
    std::uint16_t m_runId;
    std::unique_ptr<Dialect> m_dialect;
    std::vector<RoomLedger> m_ledgers;
    Measurements m_measurements;
    Second m_lately; ///< as the last second ended: totals
    Histogram m_recentLatency;
    ConnectQueue m_connectQueue;
    std::size_t m_present = 0;
    std::size_t m_members = 0;
    std::vector<char> m_readBuffer;
    Surroundings m_surroundings;
    std::vector<std::unique_ptr<User>> m_users;
    InterruptWatch m_interruptWatch;
    RunRecord m_record;
    ThreadHealth m_health;
    Offset m_lastSecond{};
    std::chrono::nanoseconds m_lastCpu{};
    int m_failure = 0;       ///< errno of what ended the run
    bool m_isEnding = false; ///< the plan is over, or no longer followed
    bool m_isInterrupted = false;
};

} // namespace parlor::cli::load
