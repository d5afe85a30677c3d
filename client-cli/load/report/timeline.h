// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/second.h"

#include <vector>

namespace parlor::cli::load::html {

/// One or more seconds of a run, one after the other, told as one.
struct Window
{
    std::size_t first = 0; ///< its seconds, both included
    std::size_t last = 0;
    Offset begin{};
    /// Counts are added, latencies merged; of people and connections it has those at the end, of CPU, lag and
    /// memory the highest.
    Second all{};

    [[nodiscard]] Offset middle() const { return begin + (all.end - begin) / 2; }
    [[nodiscard]] double perSecond(std::uint64_t count) const;
};

/// The whole run in at most `most` windows, all of the same number of seconds but the last.
[[nodiscard]] std::vector<Window> windowsOf(const std::vector<Second> &seconds, std::size_t most);

} // namespace parlor::cli::load::html
