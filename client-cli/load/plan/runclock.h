// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/stage.h"

#include <chrono>

namespace parlor::cli::load {

/// Time since the run began, from the monotonic clock (CLOCK_MONOTONIC): nobody sets it, so a latency is a
/// latency.
class RunClock
{
public:
    RunClock() = default;
    /// The run begins so late from now: until then now() is negative.
    explicit RunClock(Offset in)
        : m_begin(std::chrono::steady_clock::now() + in)
    {
    }

    [[nodiscard]] Offset now() const
    {
        return std::chrono::duration_cast<Offset>(std::chrono::steady_clock::now() - m_begin);
    }

private:
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

} // namespace parlor::cli::load
