// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/crew.h"
#include "client-cli/load/run/runbasis.h"
#include "shared/process/poller.h"
#include "shared/protocol/result.h"

#include <memory>
#include <string>
#include <sys/types.h>

namespace parlor::cli::load {

/// Processes, forked from this one, each with a thread for each of its parts. They hear of the end from here
/// alone: Ctrl-C, which a terminal sends to all of them, is ignored there. One that ends before its parts do
/// is told in their last intervals, and the others go on. If this process ends, they do.
class ProcessCrew final : public Crew
{
public:
    /// `basis` outlives it.
    explicit ProcessCrew(const RunBasis &basis);
    ~ProcessCrew() override;

    /// Called once: forks. No other thread of this process may hold a lock then that forked code needs.
    /// Parts are dealt in turn to so many processes. The error: the system gives no process.
    [[nodiscard]] Result<void> start(std::vector<Part> parts, std::size_t processes);
    void stop(StopSignal::Level level) override;
    [[nodiscard]] std::vector<Interval> take() override;
    void giveBack(Measurements &&) override {}

    [[nodiscard]] int descriptor() const override { return m_poller.descriptor(); }

private:
    /// One of the processes, seen from here.
    class Worker final : public Pollable
    {
    public:
        Worker(ProcessCrew &crew, std::string name, std::vector<Part> parts)
            : m_crew(crew)
            , m_name(std::move(name))
            , m_parts(std::move(parts))
        {
        }
        ~Worker();
        Worker(const Worker &) = delete;
        Worker &operator=(const Worker &) = delete;

        [[nodiscard]] Result<void> fork();
        void stop(StopSignal::Level level);
        void closeSocket();
        void onEvents(std::uint32_t events) override;

    private:
        void takeIntervals();
        /// It has ended, or says what nobody understands.
        void lose(const std::string &how);
        [[nodiscard]] std::string waitForEnd();

        ProcessCrew &m_crew;
        std::string m_name;        ///< "process 2 of 3"
        std::vector<Part> m_parts; ///< that are not over
        std::string m_received;    ///< of the next interval
        pid_t m_pid = -1;
        int m_socket = -1;
    };

    const RunBasis &m_basis;
    Poller m_poller;
    std::vector<std::unique_ptr<Worker>> m_workers;
    std::vector<Interval> m_taken;
};

} // namespace parlor::cli::load
