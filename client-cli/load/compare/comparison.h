// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/compare/correctness.h"

#include <optional>

namespace parlor::cli::load::compare {

struct ComparisonOptions
{
    double tolerance = 0.1; ///< the part of the base's figure that a smaller difference counts as none
    bool isForced = false;  ///< runs of different loads are compared all the same
};

/// A figure of both sides.
struct FigureChange
{
    const Figure *figure = nullptr;
    std::vector<double> base{}; ///< of each run that has it
    std::vector<double> changed{};
    double baseMedian = 0;
    double changedMedian = 0;
    std::optional<double> part{}; ///< by which it grew, of the base's; nothing where that is 0
    std::optional<double> p{};    ///< of the test that decided; nothing where there was none
    Change change = Change::None;
    std::string why{}; ///< a clause about the test, or about its lack; empty within the tolerance
};

struct Comparison
{
    ComparisonOptions options;
    std::vector<Mismatch> mismatches{}; ///< with force; else there is none
    std::vector<std::string> notices{};
    std::vector<FaultChange> faults{};
    /// Those that one side has at least; of a watched process those that both have.
    std::vector<FigureChange> figures{};
    Change change = Change::None; ///< of all, the first of Worse, PerhapsWorse, Better, Unclear and None
};

/// Below it a difference is one.
inline constexpr double kSignificance = 0.01;
/// Below it a difference may be one: "perhaps".
inline constexpr double kHint = 0.05;

/// What is different between two sides. A figure has changed if the medians of its runs differ by more than
/// the tolerance, and by more than chance makes of runs of one server:
/// - One run a side: testBlocks() says so. That is a hint, as two runs do not tell how runs differ.
/// - From 4 and 6, or 5 and 5 runs on: Mann and Whitney's test says so, with p < 0.01.
/// - Of 3 runs a side and more, up to there: ranks alone cannot say so (of 3 and 3 the least p is 0.1). The
/// sides
///   must not overlap, and Student's t test of the logarithms must say so, with p < 0.01.
///   Both tests must say with p < 0.05, too, that the difference is beyond the tolerance: else medians that
///   are barely so, as those of a machine with moods are now and then, are a change.
/// - Else a difference between sides that do not overlap is never more than "perhaps".
/// Medians that differ by more than the tolerance, but not by more than chance, are Unclear.
/// The error: runs that cannot be compared. Pure.
[[nodiscard]] Result<Comparison> compareSides(const Sides &sides, const ComparisonOptions &options);

} // namespace parlor::cli::load::compare
