// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/thresholds.h"
#include "client-cli/load/record/runrecord.h"

#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// How one rate went.
enum class StepVerdict : std::uint8_t {
    Passed,
    Failed,           ///< a goal was missed, or not all was delivered as it should be
    TooFewSamples,    ///< it was not missed, but it was not shown either: a longer run can say more
    GeneratorLimited, ///< it failed while the generator did not keep up, so that nothing is known of the
                      ///< server
    NeverReached,
    Interrupted,
};
[[nodiscard]] std::string_view toString(StepVerdict verdict);

/// One run at one rate.
struct Step
{
    double rate = 0; ///< messages a second of all users, as asked for
    Offset length{}; ///< of what was measured
    StepVerdict verdict = StepVerdict::Failed;
    std::string why{};   ///< it did not pass; or, of one that did, what is to be known besides; may be empty
    double sent = 0;     ///< messages a second, while it was measured
    double received = 0; ///< deliveries a second, verified
    std::optional<Offset> p50{};
    std::optional<Offset> p99{};   ///< of the delivery latency; nullopt: too few samples
    double cpu = 0;                ///< of the generator's busiest thread, as a part of one core
    std::uint64_t rateLimited = 0; ///< messages that the server refused, as there were too many
    std::vector<ThresholdResult> goals{};
};

/// Judges a run by its own thresholds, the goals, and by what every run must be: correct, complete, and such
/// that the server keeps up. Where it takes less than is sent, what waits for it grows, and the latency with
/// it: by so much of the time that passes as more is sent than is taken. More than `tolerance` is a failure,
/// if it is more than 10 ms. The measured phases are compared; a run of one such phase is not judged in this
/// way. Whether the generator kept up is judged by its CPU time and its loop lag alone: a message that left
/// late by half of a small latency is in that latency, and no reason to doubt it. Pure.
[[nodiscard]] Step judgeStep(double rate, const RunRecord &record, double tolerance);

} // namespace parlor::cli::load
