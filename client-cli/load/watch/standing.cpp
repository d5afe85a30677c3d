// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/standing.h"

#include "client-cli/load/judgement/generatorlimits.h"
#include "client-cli/load/judgement/thresholdparser.h"

namespace parlor::cli::load {

Judgement judgementSoFar(const RunStatus &status)
{
    Judgement found;
    found.limits = generatorLimits(status.record);
    if (status.record.settings.thresholds.empty())
        return found;
    // A copy is some megabytes: only where a threshold asks for it.
    Measurements soFar = status.record.measurements;
    soFar.deliveries = status.deliveries;
    for (const std::string &text : status.record.settings.thresholds) {
        if (const auto threshold = parseThreshold(text))
            found.thresholds.push_back(evaluate(*threshold, soFar, status.record.phases));
    }
    return found;
}

Standing standingOf(const ThresholdResult &result)
{
    if (!result.isJudged)
        return Standing::Open;
    return result.passed ? Standing::Met : Standing::Broken;
}

} // namespace parlor::cli::load
