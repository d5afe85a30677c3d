// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"

#include <cstdint>

namespace parlor::cli::load {

[[nodiscard]] Machine thisMachine();

/// The time of all processors since the machine started, in ticks.
struct ProcessorTimes
{
    std::uint64_t all = 0;
    std::uint64_t stolen = 0; ///< that the machine's host gave to others
};

/// From /proc/stat; zeros: it cannot be read.
[[nodiscard]] ProcessorTimes processorTimes();
/// Of the time between two moments, the part that was stolen.
[[nodiscard]] double stolenShare(const ProcessorTimes &from, const ProcessorTimes &to);

} // namespace parlor::cli::load
