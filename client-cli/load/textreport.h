// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/runresult.h"

namespace parlor::cli::load {

/// A run for people: the verdict first, then what it rests on. Pure.
[[nodiscard]] std::string textReport(const RunResult &result);

} // namespace parlor::cli::load
