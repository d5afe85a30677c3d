// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/thresholds.h"
#include "shared/protocol/result.h"

#include <string_view>

namespace parlor::cli::load {

/// METRIC FIGURE COMPARISON BOUND, as `delivery_latency p(99)<500ms`, or METRIC{phase:NAME} in place of
/// METRIC; the error says in which column it does not understand. Whether there is such a phase, hasPhase()
/// says. Pure.
[[nodiscard]] Result<Threshold> parseThreshold(std::string_view text);

} // namespace parlor::cli::load
