// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/metricfamily.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load {

/// Whose names metrics have besides their own.
enum class MetricNames : std::uint8_t { Own, AndK6 };

/// By metric: which names that servers made up have a series of their own. The first ones keep it, so that no
/// count goes from the series of all others to one of its own.
using NamesInSeries = std::map<std::string_view, std::set<std::string>>;

/// The metrics of docs/load-metrics.md. Counters never go back while a run lasts: what may still come is in
/// none of them. `shown` is the run's, from its first call to its last; nothing else is changed.
[[nodiscard]] std::vector<MetricFamily> metricFamilies(const RunStatus &status, MetricNames names,
                                                       NamesInSeries &shown);

/// The label that a tag of a run (--tag) becomes: `tag_` and its name, with `_` for what no label may have.
[[nodiscard]] std::string labelOfTag(std::string_view tag);

} // namespace parlor::cli::load
