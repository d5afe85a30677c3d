// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/runresult.h"
#include "client-cli/load/surroundings.h"
#include "client-cli/load/user.h"

#include <functional>

namespace parlor::cli::load {

/// How a run stands, once a second.
struct RunStatus
{
    Offset now{};
    Offset end{};
    std::string_view phase;
    std::uint32_t wanted = 0; ///< users, by the plan
    std::size_t members = 0;
    std::uint64_t sentLately = 0;       ///< in the last second
    std::uint64_t receivedLately = 0;   ///< the same
    const Histogram *latency = nullptr; ///< of the last second's deliveries
    const Measurements *all = nullptr;  ///< since the beginning
    /// What the report would say of messages and deliveries if all that is under way now never came.
    MessageCounts messages{};
    DeliveryCounts deliveries{};   ///< without what is outstanding
    std::uint64_t outstanding = 0; ///< deliveries that may still be under way
    bool isDraining = false;
};

/// One run, from its first user to its last: an epoll loop, all its users, and what they share. It lives in
/// one thread and knows of no other, so that several can run side by side and be merged.
class LoadRun
{
public:
    using StatusSink = std::function<void(const RunStatus &)>;

    /// `interrupts`: a descriptor with a byte to read each time that the person wants an end.
    LoadRun(const LoadOptions &options, std::vector<Address> addresses, int interrupts, StatusSink sink);

    /// The error: the system gives no way to wait for sockets.
    [[nodiscard]] Result<RunResult> execute();

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
    void sampleCpu(Offset now);
    void forgetMessages(Offset now);
    void endPlan();
    void interrupt();
    [[nodiscard]] bool isOver() const;

    const LoadOptions &m_options;
    Plan m_plan;
    AddressBook m_addresses;
    StatusSink m_sink;
    RunClock m_clock;
    Poller m_poller;
    Agenda m_agenda;
    Random m_random;
    std::uint16_t m_runId;
    std::unique_ptr<Dialect> m_dialect;
    std::vector<RoomLedger> m_ledgers;
    Measurements m_measurements;
    Histogram m_recentLatency;
    ConnectQueue m_connectQueue;
    std::size_t m_present = 0;
    std::size_t m_members = 0;
    std::vector<char> m_readBuffer;
    Surroundings m_surroundings;
    std::vector<std::unique_ptr<User>> m_users;
    InterruptWatch m_interruptWatch;
    GeneratorHealth m_health;
    Offset m_lastSecond{};
    std::chrono::nanoseconds m_lastCpu{};
    std::uint64_t m_lastSent = 0;
    int m_failure = 0;       ///< errno of what ended the run
    bool m_isEnding = false; ///< the plan is over, or no longer followed
    bool m_isInterrupted = false;
};

} // namespace parlor::cli::load
