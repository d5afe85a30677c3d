// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/forecast.h"
#include "client-cli/load/plan/settings.h"
#include "client-cli/load/resources/findings.h"

#include <string>
#include <vector>

/// What a machine has and a load needs, for people. Pure.
namespace parlor::cli::load {

/// "OK       descriptors of a process   1,036 of 20,000", and the commands that mend it below where it is
/// not.
[[nodiscard]] std::string findingLines(const std::vector<Finding> &findings);
/// All that a run lacks and cannot do without, with what to do; empty: nothing. Several lines.
[[nodiscard]] std::string lackText(const std::vector<Finding> &findings);
/// What --dry-run prints.
[[nodiscard]] std::string dryRunText(const Settings &settings, const Forecast &forecast,
                                     const std::vector<Finding> &findings);

} // namespace parlor::cli::load
