// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/measurements.h"

#include <string>

namespace parlor::cli::load {

/// A condition that a run must meet, as `delivery_latency p(99)<500ms`. Pure.
struct Threshold
{
    enum class Figure : std::uint8_t { Rate, Count, Average, Least, Most, Percentile };
    enum class Comparison : std::uint8_t { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual };

    std::string text;       ///< as given
    std::size_t metric = 0; ///< its place in the list of metrics
    Figure figure = Figure::Count;
    double percent = 0; ///< of Percentile
    Comparison comparison = Comparison::Less;
    double bound = 0; ///< a share, a count, or microseconds
};

struct ThresholdResult
{
    std::string text;
    std::string
        measured; ///< with its unit; "no samples", "too few samples (9)" where nothing could be judged
    bool passed = false;
};

/// A metric without samples fails its threshold: nothing was shown. So does a percentile that fewer than ten
/// samples lie above; p(100) is the largest.
[[nodiscard]] ThresholdResult evaluate(const Threshold &threshold, const Measurements &measurements);

} // namespace parlor::cli::load
