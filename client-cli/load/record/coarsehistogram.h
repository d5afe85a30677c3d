// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/histogram.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace parlor::cli::load {

/// A second's durations, small enough that one is kept for every second of hours: only buckets that hold
/// something, each at most 1/32 as wide as its values. The maximum is exact. Merged by adding counts.
class CoarseHistogram
{
public:
    using Duration = Histogram::Duration;
    /// A bucket's place (placeOf()) and how many it holds; places ascend.
    using Cell = std::pair<std::uint16_t, std::uint64_t>;

    CoarseHistogram() = default;
    explicit CoarseHistogram(const Histogram &exact);
    /// From a file. `cells` ascend and hold at least one each.
    CoarseHistogram(std::vector<Cell> cells, Duration max);

    void merge(const CoarseHistogram &other);

    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] Duration max() const { return m_max; }
    /// The upper end of the bucket with the value that `percent` of all do not exceed, and never more than
    /// max(). Zero if there are none.
    [[nodiscard]] Duration percentile(double percent) const;
    [[nodiscard]] const std::vector<Cell> &cells() const { return m_cells; }

    [[nodiscard]] static std::uint16_t placeOf(Duration value);
    [[nodiscard]] static Duration lowOf(std::uint16_t place);
    [[nodiscard]] static Duration highOf(std::uint16_t place)
    {
        return lowOf(static_cast<std::uint16_t>(place + 1)) - Duration(1);
    }
    static constexpr std::uint16_t kPlaces = 28 * 32; ///< of values up to 71 minutes

    bool operator==(const CoarseHistogram &) const = default;

private:
    std::vector<Cell> m_cells;
    Duration m_max{};
};

} // namespace parlor::cli::load
