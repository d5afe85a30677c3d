// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/crew.h"
#include "client-cli/load/run/intervalqueue.h"
#include "client-cli/load/run/runbasis.h"
#include "shared/protocol/result.h"

#include <thread>

namespace parlor::cli::load {

/// A thread of this process for each part.
class ThreadCrew final : public Crew
{
public:
    /// `basis` outlives it.
    explicit ThreadCrew(const RunBasis &basis)
        : m_basis(basis)
    {
    }
    ~ThreadCrew() override;

    /// Called once. The error: the system gives no thread, or no descriptors.
    [[nodiscard]] Result<void> start(std::vector<Part> parts);
    void stop(StopSignal::Level level) override { m_stop.raise(level); }
    [[nodiscard]] std::vector<Interval> take() override { return m_queue.take(); }
    void giveBack(Measurements &&measurements) override { m_queue.giveBack(std::move(measurements)); }

    [[nodiscard]] int descriptor() const override { return m_queue.descriptor(); }

private:
    const RunBasis &m_basis;
    StopSignal m_stop;
    IntervalQueue m_queue;
    std::vector<Part> m_parts;
    std::vector<std::thread> m_threads;
};

} // namespace parlor::cli::load
