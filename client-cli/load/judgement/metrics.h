// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/measurements.h"

#include <span>
#include <string_view>
#include <variant>

/// What a threshold can be about. Pure.
namespace parlor::cli::load {

struct Share
{
    std::uint64_t good = 0;
    std::uint64_t all = 0;
};

struct Metric
{
    /// What it is made of decides which figures it has.
    enum class Kind : std::uint8_t { Share, Count, Durations };
    using Value = std::variant<Share, std::uint64_t, Histogram>;

    std::string_view name;
    Kind kind;
    Value (*read)(const Measurements &);
};

[[nodiscard]] std::span<const Metric> metrics();
/// The figures of a kind, in words.
[[nodiscard]] std::string_view figuresOf(Metric::Kind kind);
/// All metrics with their figures, for the help.
[[nodiscard]] std::string metricsHelp();

} // namespace parlor::cli::load
