// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/blocktest.h"

#include "client-cli/load/compare/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

namespace parlor::cli::load::compare {

namespace {

using SecondsByPlace = std::map<Offset::rep, const Second *>;

SecondsByPlace byPlace(const RunRecord &record)
{
    constexpr Offset kPlaceWidth = std::chrono::seconds(1);
    SecondsByPlace places;
    for (const Second *each : measuredSeconds(record))
        places[(each->end + kPlaceWidth / 2) / kPlaceWidth] = each;
    return places;
}

struct PairedSeconds
{
    std::vector<const Second *> base;
    std::vector<const Second *> changed;
};

/// Those that both have, where both know the figure.
PairedSeconds pairedSeconds(const Figure &figure, const RunRecord &base, const RunRecord &changed)
{
    const SecondsByPlace others = byPlace(changed);
    PairedSeconds pairs;
    for (const auto &[place, second] : byPlace(base)) {
        const auto other = others.find(place);
        if (other == others.end() || !figure.ofSeconds(std::array{second}) ||
            !figure.ofSeconds(std::array{other->second}))
            continue;
        pairs.base.push_back(second);
        pairs.changed.push_back(other->second);
    }
    return pairs;
}

/// How much larger a figure is in some seconds of the changed run, as a logarithm: +20 % weighs as much
/// whether there is little or much. `least` takes the place of what is smaller, as 0 has none.
double stepOf(const Figure &figure, const PairedSeconds &pairs, std::size_t from, std::size_t to,
              double least)
{
    const auto logOf = [&](const std::vector<const Second *> &seconds) {
        const auto value = figure.ofSeconds(std::span(seconds).subspan(from, to - from));
        return std::log(std::max(value.value_or(0), least));
    };
    return logOf(pairs.changed) - logOf(pairs.base);
}

} // namespace

BlockTest testBlocks(const Figure &figure, const RunRecord &base, const RunRecord &changed, double tolerance)
{
    const PairedSeconds pairs = pairedSeconds(figure, base, changed);
    BlockTest found{.seconds = pairs.base.size()};
    if (found.seconds < kFewestBlocks)
        return found;
    const double least = std::max(1e-6, figure.ofSeconds(pairs.base).value_or(0) / 1000);

    std::vector<double> steps;
    for (std::size_t i = 0; i < found.seconds; ++i)
        steps.push_back(stepOf(figure, pairs, i, i + 1, least));
    found.correlation = correlationTime(steps);
    const auto length = static_cast<std::size_t>(std::ceil(kCorrelationTimesPerBlock * found.correlation));
    const std::size_t blocks = std::min(kMostBlocks, found.seconds / length);
    if (blocks < kFewestBlocks)
        return found;

    std::vector<double> differences;
    for (std::size_t i = 0; i < blocks; ++i) {
        differences.push_back(
            stepOf(figure, pairs, i * found.seconds / blocks, (i + 1) * found.seconds / blocks, least));
    }
    found.blocks = blocks;
    found.step = std::accumulate(differences.begin(), differences.end(), 0.0) / static_cast<double>(blocks);
    const double allowed = std::log(std::max(1e-9, found.step > 0 ? 1 + tolerance : 1 - tolerance));
    if (std::abs(found.step) <= std::abs(allowed))
        return found;
    for (double &each : differences)
        each -= allowed;
    found.p = signFlipTest(differences);
    return found;
}

} // namespace parlor::cli::load::compare
