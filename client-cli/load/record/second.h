// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/record/coarsehistogram.h"

#include <cstdint>

namespace parlor::cli::load {

/// What happened in one second of a run; of all threads and processes together.
struct Second
{
    Offset end{};               ///< since the run began
    std::uint32_t wanted = 0;   ///< users, by the plan, at its end
    std::uint32_t members = 0;  ///< users that are in their rooms, at its end
    std::uint32_t open = 0;     ///< connections, at its end
    std::uint64_t connects = 0; ///< upgraded to a WebSocket
    std::uint64_t failures = 0; ///< attempts to connect or to join that came to nothing
    std::uint64_t losses = 0;   ///< connections that were lost
    std::uint64_t planned = 0;  ///< messages
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t received = 0; ///< deliveries
    std::uint64_t faults = 0;   ///< deliveries that were lost, doubled, out of order, corrupt or unexpected
    CoarseHistogram latency;    ///< of its deliveries, planned → received
    double cpu = 0;             ///< of the busiest thread, as a part of one core
    Offset sendLag{};           ///< the longest
    Offset loopLag{};           ///< the longest
    double watchedCpu = 0;      ///< cores that the watched process took
    std::uint64_t watchedMemory = 0; ///< bytes, resident

    /// The same second of another thread, process or generator.
    void merge(const Second &other);
    bool operator==(const Second &) const = default;
};

} // namespace parlor::cli::load
