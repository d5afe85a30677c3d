// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parlor::cli::load {

/// As Prometheus knows them.
enum class MetricType : std::uint8_t { Counter, Gauge, Histogram };
[[nodiscard]] std::string_view toString(MetricType type);

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

struct MetricSample
{
    std::string_view suffix{}; ///< of the family's name: "_bucket", "_sum", "_count"
    MetricLabels labels{};
    double value = 0;
};

/// A metric with all its series at one moment.
struct MetricFamily
{
    std::string_view name; ///< with its prefix
    MetricType type = MetricType::Gauge;
    std::string_view help;
    std::vector<MetricSample> samples{};
};

/// All metrics of a run at one moment. Made once and read by several threads.
struct MetricsSnapshot
{
    std::vector<MetricFamily> families;
    std::int64_t timestamp = 0; ///< ms since 1970
};
using SharedMetrics = std::shared_ptr<const MetricsSnapshot>;

} // namespace parlor::cli::load
