// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/forecast.h"
#include "client-cli/load/plan/settings.h"

#include <string>

namespace parlor::cli::load {

/// The thresholds that no run of this forecast can meet, since it would have too few samples for them; lines
/// for people. Empty: there is none. Pure.
[[nodiscard]] std::string thresholdWarnings(const Settings &settings, const Forecast &forecast);

} // namespace parlor::cli::load
