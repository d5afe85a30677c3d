// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/compare/change.h"
#include "client-cli/load/compare/comparability.h"

namespace parlor::cli::load::compare {

/// How often something went wrong that must never happen, in all runs of a side.
struct FaultChange
{
    std::string_view key; ///< in JSON
    std::string_view name;
    std::uint64_t base = 0;
    std::uint64_t baseOf = 0; ///< of so many
    std::uint64_t changed = 0;
    std::uint64_t changedOf = 0;
    Change change = Change::None;
};

/// Each kind of fault. One that the base never had is worse, however rare: here nothing is left to chance or
/// tolerance. Where the base has it, too, shares are compared: `tolerance` as in ComparisonOptions. Pure.
[[nodiscard]] std::vector<FaultChange> compareFaults(const Sides &sides, double tolerance);

} // namespace parlor::cli::load::compare
