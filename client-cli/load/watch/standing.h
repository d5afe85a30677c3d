// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/record/runstatus.h"

#include <cstdint>

namespace parlor::cli::load {

/// What would be said of the run if it ended now, and nothing of what is under way ever came. Pure.
[[nodiscard]] Judgement judgementSoFar(const RunStatus &status);

/// How a threshold stands while a run lasts.
enum class Standing : std::uint8_t {
    Open, ///< there are too few samples to say
    Met,
    Broken,
};
[[nodiscard]] Standing standingOf(const ThresholdResult &result);

} // namespace parlor::cli::load
