// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"

#include <string>
#include <vector>

namespace parlor::cli::load {

/// A parameter that two runs have not in common.
struct SettingsDifference
{
    std::string key;  ///< as in run.json: "parameters.profiles[0].rate_per_user"
    std::string left; ///< its value as JSON; "nothing" where the run has no such parameter
    std::string right;
    bool operator==(const SettingsDifference &) const = default;
};

/// All of them, by their keys. Pure.
[[nodiscard]] std::vector<SettingsDifference> differencesOf(const Settings &left, const Settings &right);

} // namespace parlor::cli::load
