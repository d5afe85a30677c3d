// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/measurements.h"
#include "client-cli/load/record/second.h"

#include <cstdint>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// What is under way at a moment.
struct Outstanding
{
    std::uint64_t unanswered = 0; ///< messages
    std::uint64_t rejected = 0;   ///< messages that were refused by errors that named none
    std::uint64_t holes = 0;      ///< deliveries that a later one overtook
    std::uint64_t awaited = 0;    ///< deliveries that may still come

    void merge(const Outstanding &other)
    {
        unanswered += other.unanswered;
        rejected += other.rejected;
        holes += other.holes;
        awaited += other.awaited;
    }
    bool operator==(const Outstanding &) const = default;
};

/// What one part of a run (a Share) tells of one second. A part's intervals come in the order of its seconds.
struct Interval
{
    std::uint32_t part = 0;
    Offset end{};
    bool isLast = false;       ///< the part is over
    bool isLost = false;       ///< its process is gone: this says nothing of its rooms and its users
    Measurements measurements; ///< of this second alone, but for `splits`: as known at its end
    Outstanding outstanding;
    std::uint32_t members = 0; ///< users that are in their rooms, at its end
    std::uint32_t open = 0;    ///< connections, at its end
    double cpu = -1; ///< of the thread, as a part of one core; negative: the second was too short to say
    std::string failure{}; ///< why the whole run cannot go on; empty: it can
    std::string note{};    ///< for the record's notes; empty: none
};

/// An interval as its second's row. Without `wanted`, which is the plan's.
[[nodiscard]] Second secondOf(const Interval &interval);

} // namespace parlor::cli::load
