// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/watch/metricfamily.h"

#include <span>
#include <string_view>

namespace parlor::cli::load {

/// One metric, as docs/load-metrics.md describes it.
struct MetricDescription
{
    std::string_view name; ///< with its prefix
    MetricType type;
    std::string_view unit;   ///< "1" of what is counted
    std::string_view labels; ///< besides those that all have, by commas
    std::string_view help;
};

/// All metrics of a run, in the order of the document.
[[nodiscard]] std::span<const MetricDescription> metricCatalogue();
/// Those that `--prom-compat k6` adds.
[[nodiscard]] std::span<const MetricDescription> k6Catalogue();

} // namespace parlor::cli::load
