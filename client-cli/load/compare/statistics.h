// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

/// Tests of whether two groups of numbers differ by more than chance. All are two-sided, and return the
/// probability of a difference at least as large if there were none. Pure.
namespace parlor::cli::load::compare {

/// Of an even number the middle of the two in the middle. `values` has one at least.
[[nodiscard]] double median(std::vector<double> values);

/// Over how many neighbours in time a series remembers: 1 where none depends on another, else 1 + 2 × the sum
/// of its autocorrelations, up to where a pair of them is not positive (Geyer's initial positive sequence).
/// What the series' own mean hides of slow changes is added back.
[[nodiscard]] double correlationTime(std::span<const double> series);

/// Whether the mean of differences is 0: over all ways to turn their signs, exactly. At most 20 of them.
[[nodiscard]] double signFlipTest(std::span<const double> differences);

/// Mann and Whitney's test, exactly and with ties. Each group has one value at least, and at most 50.
[[nodiscard]] double rankTest(std::span<const double> left, std::span<const double> right);
/// The least that rankTest() says of groups of these sizes: of two that do not overlap.
[[nodiscard]] double leastOfRankTest(std::size_t left, std::size_t right);

/// Student's t test of the means: where nothing has changed, both groups vary by as much. Each group has two
/// values at least.
[[nodiscard]] double studentTest(std::span<const double> left, std::span<const double> right);

} // namespace parlor::cli::load::compare
