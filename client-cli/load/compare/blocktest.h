// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/compare/figure.h"

namespace parlor::cli::load::compare {

/// What the course of two runs over time says of a figure.
struct BlockTest
{
    std::size_t seconds = 0; ///< that both runs measured
    double correlation = 1;  ///< seconds over which the difference remembers (correlationTime())
    std::size_t blocks = 0;  ///< 0: the runs are too short to tell
    double p = 1;            ///< that there is no difference beyond the tolerance; 1 without blocks
    double step = 0; ///< the mean difference of the blocks' logarithms; above 0: the changed run has more
};

inline constexpr std::size_t kFewestBlocks = 8; ///< of 8 the least p is 2 / 2^8 = 0.008
inline constexpr std::size_t kMostBlocks = 12;
/// A block lasts so many times the correlation time: what is left of the dependence between neighbours is
/// 0.07 then, of a series that forgets exponentially.
inline constexpr double kCorrelationTimesPerBlock = 4;

/// Whether one run a side differs from the other by more than the tolerance and by more than both vary by in
/// time. A second of one run is paired with the same of the other: the plan, which both have, thus cancels
/// out. The pairs are cut into blocks, long enough to be about independent: as neighbouring seconds are not,
/// a test over them takes a machine's mood for a change. What is left of a block's difference beyond the
/// tolerance has its sign by chance where there is no more than the tolerance: this stands for how runs
/// differ, which two runs cannot tell. A mood that lasts as long as the runs looks like a change all the
/// same. `figure` has ofSeconds. Pure.
[[nodiscard]] BlockTest testBlocks(const Figure &figure, const RunRecord &base, const RunRecord &changed,
                                   double tolerance);

} // namespace parlor::cli::load::compare
