// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/runfile/settingsdifference.h"

#include <string>
#include <vector>

namespace parlor::cli::load::compare {

/// What two runs have not in common, in words of the command line: "--rate 1/s and 2/s". What no flag of
/// `load` says has its key: "parameters.verify_sample is 1 and 10". `differences`: of left and right. Pure.
[[nodiscard]] std::vector<std::string> inFlags(const std::vector<SettingsDifference> &differences,
                                               const Settings &left, const Settings &right);

} // namespace parlor::cli::load::compare
