// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace parlor::cli::load {

/// Counts durations in buckets whose width is at most a thousandth of their value: log-linear, as large as
/// its largest value needs, however many are recorded. Minimum, maximum and sum are exact. Histograms of
/// several threads or processes are merged by adding counts; percentiles are never averaged. One thread.
class Histogram
{
public:
    using Duration = std::chrono::microseconds;

    /// A bucket that is not empty: it holds the values from `low` to `high`, both included.
    struct Bucket
    {
        Duration low;
        Duration high;
        std::uint64_t count;
    };

    Histogram() = default;
    /// From a file. Of the buckets `low` and `count` count: each begins one (beginsBucket()), they ascend and
    /// hold at least one each. `min` lies in the first and `max` in the last.
    Histogram(const std::vector<Bucket> &buckets, Duration min, Duration max, Duration sum);
    [[nodiscard]] static bool beginsBucket(Duration value);

    /// A negative duration is a clock's mistake and the caller's to count: it asserts. Past the last bucket
    /// (71 minutes) values share that one.
    void record(Duration value);
    void merge(const Histogram &other);
    void clear();

    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] bool empty() const { return m_count == 0; }
    [[nodiscard]] Duration min() const { return m_count == 0 ? Duration{} : m_min; }
    [[nodiscard]] Duration max() const { return m_max; }
    [[nodiscard]] Duration mean() const;
    [[nodiscard]] Duration sum() const { return m_sum; }
    /// The value that `percent` of all values do not exceed (nearest rank). Zero if there are none.
    [[nodiscard]] Duration percentile(double percent) const;
    /// The same, unless fewer than ten values lie above it: then it says more about chance than about the
    /// server.
    [[nodiscard]] std::optional<Duration> soundPercentile(double percent) const;
    [[nodiscard]] std::vector<Bucket> buckets() const;

    /// As many values in each bucket, and the same minimum, maximum and sum.
    bool operator==(const Histogram &other) const;

private:
    void makePlaceFor(std::size_t index);

    std::vector<std::uint64_t> m_counts; ///< of all buckets up to the largest value's, and some more
    std::uint64_t m_count = 0;
    Duration m_sum{};
    Duration m_min{};
    Duration m_max{};
};

} // namespace parlor::cli::load
