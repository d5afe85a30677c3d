// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/measurements.h"

#include <span>
#include <string_view>
#include <variant>

/// What a threshold can be about. Pure.
namespace parlor::cli::load {

struct Ratio
{
    std::uint64_t good = 0;
    std::uint64_t all = 0;
};

struct Metric
{
    /// What it is made of decides which figures it has.
    enum class Kind : std::uint8_t { Share, Count, Durations };
    /// None: the run looked at nothing that could tell.
    using Value = std::variant<std::monostate, Ratio, std::uint64_t, Histogram>;

    std::string_view name;
    Kind kind;
    Value (*ofRun)(const Measurements &);
    /// Null where a metric belongs to no phase. Of a run it is that of total() then.
    Value (*ofPhase)(const PhaseMeasurements &) = nullptr;

    [[nodiscard]] Value of(const Measurements &run) const
    {
        return ofPhase != nullptr ? ofPhase(run.total()) : ofRun(run);
    }
};

[[nodiscard]] std::span<const Metric> metrics();
/// The figures of a kind, in words.
[[nodiscard]] std::string_view figuresOf(Metric::Kind kind);
/// All metrics with their figures, for the help.
[[nodiscard]] std::string metricsHelp();

} // namespace parlor::cli::load
