// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/generatorhealth.h"
#include "client-cli/load/loadoptions.h"
#include "client-cli/load/measurements.h"
#include "client-cli/load/thresholds.h"

namespace parlor::cli::load {

enum class Verdict : std::uint8_t {
    Passed,
    NeverReached,
    Incorrect,
    Interrupted,
    Incomplete, ///< what was measured is right, but not all that was planned was sent and answered
    ThresholdFailed,
};

/// All that a run has to say; the reports are made of it alone.
struct RunResult
{
    LoadOptions options;
    std::vector<Phase> phases;
    Measurements measurements{0};
    std::vector<ThresholdResult> thresholds;
    GeneratorHealth health;
    std::vector<std::string> limits; ///< why the generator cannot be trusted; empty: it can
    Offset duration{};
    std::uint32_t peakUsers = 0;
    std::string begun; ///< wall time, ISO 8601
    bool isInterrupted = false;
    Verdict verdict = Verdict::Passed;
};

/// Evaluates the thresholds and the generator, and says how the run went. The worst counts: never reached,
/// then incorrect, then interrupted, then incomplete, then a threshold.
void judge(RunResult &result);
[[nodiscard]] std::string_view toString(Verdict verdict);
[[nodiscard]] int exitCodeOf(Verdict verdict);

} // namespace parlor::cli::load
