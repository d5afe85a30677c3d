// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/record/measurements.h"

#include <string>
#include <vector>

namespace parlor::cli::load {

/// A condition that a run must meet, as `delivery_latency p(99)<500ms`, or one of its phases, as
/// `delivery_latency{phase:hold 100} p(99)<250ms`. Pure.
struct Threshold
{
    enum class Figure : std::uint8_t { Rate, Count, Average, Least, Most, Percentile };
    enum class Comparison : std::uint8_t { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual };

    std::string text;       ///< as given
    std::size_t metric = 0; ///< its place in the list of metrics
    std::string phase{};    ///< its name; empty: the whole run
    Figure figure = Figure::Count;
    double percent = 0; ///< of Percentile
    Comparison comparison = Comparison::Less;
    double bound = 0; ///< a share, a count, or microseconds
};

struct ThresholdResult
{
    std::string text;
    std::string measured; ///< with its unit; "no samples", "too few samples (9)", "no such phase", "no
                          ///< delivery was checked" where nothing could be judged
    bool passed = false;
    bool isJudged = true; ///< false: there was nothing to judge, or too little; then it has not passed
};

/// A metric without samples fails its threshold: nothing was shown. So does a percentile that fewer than ten
/// samples lie above; p(100) is the largest. `phases` are those of `measurements`; of several with the name
/// of the threshold's all count together, also those that are not measured.
[[nodiscard]] ThresholdResult evaluate(const Threshold &threshold, const Measurements &measurements,
                                       const std::vector<Phase> &phases);
/// False: the threshold is about a phase that is not there.
[[nodiscard]] bool hasPhase(const Threshold &threshold, const std::vector<Phase> &phases);

} // namespace parlor::cli::load
