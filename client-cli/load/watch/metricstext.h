// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/watch/metricfamily.h"

#include <span>
#include <string>

namespace parlor::cli::load {

/// Prometheus' text format, version 0.0.4. Pure.
[[nodiscard]] std::string metricsText(std::span<const MetricFamily> families);
inline constexpr std::string_view kMetricsTextType = "text/plain; version=0.0.4; charset=utf-8";

} // namespace parlor::cli::load
