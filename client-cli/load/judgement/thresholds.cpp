// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/thresholds.h"

#include "client-cli/load/judgement/metrics.h"
#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace parlor::cli::load {

namespace {

using Figure = Threshold::Figure;
using Comparison = Threshold::Comparison;

/// What was measured, in the bound's unit; nullopt if nothing was, or too little for this percentile.
std::optional<double> figureOf(const Threshold &threshold, const Metric::Value &value)
{
    if (std::holds_alternative<std::monostate>(value))
        return std::nullopt;
    if (const auto *share = std::get_if<Ratio>(&value)) {
        if (share->all == 0)
            return std::nullopt;
        return static_cast<double>(share->good) / static_cast<double>(share->all);
    }
    if (const auto *count = std::get_if<std::uint64_t>(&value))
        return static_cast<double>(*count);
    const auto &durations = std::get<Histogram>(value);
    if (threshold.figure == Figure::Count)
        return static_cast<double>(durations.count());
    if (durations.count() == 0)
        return std::nullopt;
    switch (threshold.figure) {
    case Figure::Average:
        return static_cast<double>(durations.mean().count());
    case Figure::Least:
        return static_cast<double>(durations.min().count());
    case Figure::Most:
        return static_cast<double>(durations.max().count());
    default:
        break;
    }
    if (threshold.percent == 100)
        return static_cast<double>(durations.max().count());
    const auto percentile = durations.soundPercentile(threshold.percent);
    return percentile ? std::optional(static_cast<double>(percentile->count())) : std::nullopt;
}

bool holds(double measured, Comparison comparison, double bound)
{
    switch (comparison) {
    case Comparison::Less:
        return measured < bound;
    case Comparison::LessOrEqual:
        return measured <= bound;
    case Comparison::Greater:
        return measured > bound;
    case Comparison::GreaterOrEqual:
        return measured >= bound;
    case Comparison::Equal:
        return measured == bound;
    case Comparison::NotEqual:
        break;
    }
    return measured != bound;
}

std::string inWords(Figure figure, double measured)
{
    if (figure == Figure::Rate)
        return figures::share(measured);
    if (figure == Figure::Count)
        return figures::count(static_cast<std::uint64_t>(measured));
    return figures::duration(Offset(std::llround(measured)));
}

} // namespace

bool hasPhase(const Threshold &threshold, const std::vector<Phase> &phases)
{
    return threshold.phase.empty() ||
           std::any_of(phases.begin(), phases.end(),
                       [&threshold](const Phase &each) { return each.name == threshold.phase; });
}

ThresholdResult evaluate(const Threshold &threshold, const Measurements &measurements,
                         const std::vector<Phase> &phases)
{
    const Metric &metric = metrics()[threshold.metric];
    Metric::Value value;
    if (threshold.phase.empty()) {
        value = metric.of(measurements);
    } else {
        if (!hasPhase(threshold, phases))
            return {threshold.text, "no such phase", false, false};
        PhaseMeasurements all;
        for (std::size_t i = 0; i < std::min(phases.size(), measurements.phases.size()); ++i) {
            if (phases[i].name == threshold.phase)
                all.merge(measurements.phases[i]);
        }
        value = metric.ofPhase(all);
    }
    const auto measured = figureOf(threshold, value);
    if (std::holds_alternative<std::monostate>(value))
        return {threshold.text, "no delivery was checked", false, false};
    if (!measured) {
        const auto *durations = std::get_if<Histogram>(&value);
        const bool isTooFew = durations != nullptr && durations->count() > 0;
        return {threshold.text,
                isTooFew ? "too few samples (" + figures::count(durations->count()) + ")" : "no samples",
                false, false};
    }
    return {threshold.text, inWords(threshold.figure, *measured),
            holds(*measured, threshold.comparison, threshold.bound)};
}

} // namespace parlor::cli::load
