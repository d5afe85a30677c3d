// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/metrics.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace parlor {

/// Tells whether all workers' event loops turn over: each has ticked since the last look. One thread.
class Pulse
{
public:
    /// The first look at so many workers finds them well.
    [[nodiscard]] bool isThere(std::span<const WorkerMetrics *const> workers)
    {
        std::vector<std::uint64_t> ticks;
        for (const WorkerMetrics *worker : workers)
            ticks.push_back(worker->ticks.value());
        const std::vector<std::uint64_t> before = std::exchange(m_ticks, std::move(ticks));
        return before.size() != m_ticks.size() ||
               std::ranges::equal(before, m_ticks, std::ranges::not_equal_to());
    }

private:
    std::vector<std::uint64_t> m_ticks; ///< of each worker, at the last look
};

} // namespace parlor
