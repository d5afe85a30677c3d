// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/intervalqueue.h"
#include "client-cli/load/run/runbasis.h"
#include "client-cli/load/run/share.h"
#include "client-cli/load/run/stopsignal.h"
#include "client-cli/load/run/user.h"

#include <memory>

namespace parlor::cli::load {

/// Once a second all users are asked what they still need and what is under way for them; a few a turn,
/// so that nothing that is due waits for it. Then the second's interval is posted.
struct Round
{
    Interval interval;
    Offset begun{};
    std::vector<std::uint64_t> floors; ///< of each room's ledger: what is older is needed no more
    std::size_t asked = 0;             ///< users
};

/// One thread's part of a run, from its first user to its last: an epoll loop, its users, and what they
/// share. Once a second it posts what it measured. Made, executed and destroyed in that thread; it knows of
/// no other.
class ShareRun
{
public:
    /// All of these outlive it.
    ShareRun(const RunBasis &basis, const Share &share, std::uint32_t part, const StopSignal &stop,
             IntervalQueue &queue);

    /// Returns when its last interval is posted.
    void execute();

private:
    /// Tells when the run is to end.
    class StopWatch final : public Pollable
    {
    public:
        explicit StopWatch(ShareRun &run)
            : m_run(run)
        {
        }
        void onEvents(std::uint32_t) override { m_run.obeyStop(); }

    private:
        ShareRun &m_run;
    };

    void obeyStop();
    void keepAppointments();
    void keep(const Appointment &due);
    /// Each moment counts once, however many appointments waited for it: those that fell due before the last
    /// one that counted was kept, add nothing.
    void noteLag(const Appointment &due, Offset now);
    /// What was measured since the last one. Without what is under way: that takes a round.
    [[nodiscard]] Interval takeInterval(Offset end);
    void endPlan();
    [[nodiscard]] double sampleCpu(Offset now);
    void beginRound(Interval &&interval);
    void continueRound();
    void finishRound();
    [[nodiscard]] bool isOver() const;

    const RunBasis &m_basis;
    const Share &m_share;
    const std::uint32_t m_part;
    const StopSignal &m_stop;
    IntervalQueue &m_queue;
    Poller m_poller;
    Random m_random;
    std::vector<char> m_readBuffer;
    Books m_books;
    Timetable m_timetable;
    Speech m_speech;
    Door m_door;
    UserContext m_context;
    std::vector<std::unique_ptr<User>> m_users; ///< by number; nullptr: another thread's
    StopWatch m_stopWatch;
    StopSignal::Level m_obeyed = StopSignal::Level::None;
    std::optional<Round> m_round;
    Offset m_lagNotedAt{};
    Offset m_sampledAt{};
    std::chrono::nanoseconds m_sampledCpu{};
    int m_failure = 0; ///< errno of what ended this part
};

} // namespace parlor::cli::load
