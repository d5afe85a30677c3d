// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace parlor {

/// What a store has done since its start.
struct StoreFigures
{
    static constexpr std::array<double, 10> kCommitBoundsSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                                                 0.01,   0.05,    0.25,   1.0,   5.0};

    std::uint64_t commits = 0;
    std::uint64_t messages = 0; ///< committed
    std::uint64_t failures = 0; ///< commits that failed
    std::uint64_t retentionFailures = 0;
    std::uint64_t refused = 0; ///< messages that found the queue full
    std::uint64_t waiting = 0; ///< messages that are not yet committed
    std::uint64_t reads = 0;
    std::uint64_t bytes = 0; ///< of the database's file
    std::uint64_t logBytes = 0;
    std::uint64_t freeBytes = 0; ///< on its disk
    std::uint64_t dropped = 0;   ///< messages that grew too old or too many
    /// How long commits took; not cumulative, the last entry is those past every bound.
    std::array<std::uint64_t, kCommitBoundsSeconds.size() + 1> commitBuckets{};
    double commitSeconds = 0; ///< of all commits together

    bool isShared = false;        ///< with other servers, through Redis; what follows is told only then
    bool isUp = false;            ///< both connections to Redis
    std::uint64_t repairs = 0;    ///< holes in what Redis told, read from the stream
    std::uint64_t diverged = 0;   ///< rooms whose history went another way than what was told here
    std::uint64_t reconnects = 0; ///< connections to Redis that came back
};

} // namespace parlor
