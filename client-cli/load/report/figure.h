// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/record/histogram.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::cli::load::html {

/// A number as the report prints it, and what it is, so that a script can compute it again from the run's
/// file: "FORM EXPRESSION", as `time delivery_latency.p99` (tests/integration/load_report/recompute.py knows
/// all forms and names).
struct Figure
{
    std::string path;
    std::string text;
};

[[nodiscard]] Figure countOf(std::string_view path, std::uint64_t value);
/// Absent: "–".
[[nodiscard]] Figure timeOf(std::string_view path, std::optional<Offset> value);
[[nodiscard]] Figure bytesOf(std::string_view path, std::uint64_t value);
/// A part of a whole; "–" of nothing.
[[nodiscard]] Figure shareOf(std::string_view part, std::string_view whole, std::uint64_t some,
                             std::uint64_t all);
[[nodiscard]] Figure partOf(std::string_view path, double value);
/// A part of a core.
[[nodiscard]] Figure cpuOf(std::string_view path, double value);
/// A count by time.
[[nodiscard]] Figure rateOf(std::string_view path, std::uint64_t value, Offset during);
/// How much more than in the baseline: "+12.5 %"; "–" where there is nothing to compare.
[[nodiscard]] Figure changeOf(std::string_view path, std::optional<double> now, std::optional<double> before);

/// Nothing where fewer than ten values lie above it.
[[nodiscard]] std::optional<Offset> percentileOf(const Histogram &histogram, double percent);
/// 50 → "p50", 99.9 → "p99.9".
[[nodiscard]] std::string percentName(double percent);

/// Within a sentence.
[[nodiscard]] std::string span(const Figure &figure);
/// A cell of a table; its end tag is left out.
[[nodiscard]] std::string cell(const Figure &figure);

} // namespace parlor::cli::load::html
