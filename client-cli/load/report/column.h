// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/report/axis.h"
#include "client-cli/load/report/timeline.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load::html {

/// One kind of number that every window of a run has: a line of a chart, and a column of its table.
struct Column
{
    std::string_view name; ///< for people
    Unit unit;
    std::string_view path; ///< what it is, after the unit's form: "latency.p99"
    /// Not a number: nothing was measured in this window.
    double (*value)(const Window &);

    /// "time latency.p99"
    [[nodiscard]] std::string figure() const;
};

enum class ColumnId : std::uint8_t {
    P50,
    P90,
    P99,
    Max,
    Wanted,
    Members,
    Open,
    Connects,
    Failures,
    Losses,
    Planned,
    Sent,
    Answered,
    Received,
    Faults,
    Cpu,
    SendLag,
    LoopLag,
    WatchedCpu,
    WatchedMemory,
};
inline constexpr std::size_t kColumns = 20;

[[nodiscard]] const Column &columnOf(ColumnId id);

/// The columns' values in all windows, for the report's script: an object in JSON that may stand in a
/// <script> element.
[[nodiscard]] std::string pointsOf(const std::vector<Window> &windows);

} // namespace parlor::cli::load::html
