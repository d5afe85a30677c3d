// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/compare/figure.h"
#include "client-cli/load/runfile/settingsdifference.h"
#include "shared/protocol/result.h"

#include <string>
#include <vector>

namespace parlor::cli::load::compare {

/// What is compared.
struct Sides
{
    std::vector<NamedRun> base;
    std::vector<NamedRun> changed;
};

/// Of which every side has one run at least and this many at most.
inline constexpr std::size_t kMostRuns = 50;

/// What the first run and another one have not in common of what decides the load. Address, seed, tags,
/// thresholds and what the generator is made of may differ.
struct Mismatch
{
    std::string first; ///< their names
    std::string other;
    std::vector<SettingsDifference> differences; ///< one at least
    std::vector<std::string> clauses;            ///< the same for people, see inFlags()
};

/// For each run that does not match the first of `base`. Pure.
[[nodiscard]] std::vector<Mismatch> mismatchesOf(const Sides &sides);
/// "a.json and b.json: --drain 5s and 1s"
[[nodiscard]] std::string toText(const Mismatch &mismatch);

/// Why there is nothing to compare: a base without a run that reached its server, or one run that is there
/// twice. Pure.
[[nodiscard]] Result<void> checkSides(const Sides &sides);

/// What a reader must know of the runs before they believe the figures; a sentence each. Pure.
[[nodiscard]] std::vector<std::string> noticesOf(const Sides &sides);

} // namespace parlor::cli::load::compare
