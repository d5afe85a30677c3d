// SPDX-License-Identifier: MIT
#include "client-cli/load/runresult.h"

#include "client-cli/exitcode.h"

#include <algorithm>

namespace parlor::cli::load {

void judge(RunResult &result)
{
    const Measurements &measurements = result.measurements;
    const PhaseMeasurements all = measurements.total();
    result.thresholds.clear();
    for (const Threshold &threshold : result.options.thresholds)
        result.thresholds.push_back(evaluate(threshold, measurements));
    result.limits = result.health.limits(all);

    const bool isCorrect =
        measurements.deliveries.isFaultless() && all.unanswered == 0 && measurements.splits.empty();
    const bool isComplete = all.missed() == 0 && measurements.absent == 0;
    const bool failed = std::any_of(result.thresholds.begin(), result.thresholds.end(),
                                    [](const ThresholdResult &each) { return !each.passed; });
    if (measurements.joined == 0)
        result.verdict = result.isInterrupted ? Verdict::Interrupted : Verdict::NeverReached;
    else if (!isCorrect)
        result.verdict = Verdict::Incorrect;
    else if (result.isInterrupted)
        result.verdict = Verdict::Interrupted;
    else if (!isComplete)
        result.verdict = Verdict::Incomplete;
    else
        result.verdict = failed ? Verdict::ThresholdFailed : Verdict::Passed;
}

std::string_view toString(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Passed:
        return "passed";
    case Verdict::NeverReached:
        return "never_reached";
    case Verdict::Incorrect:
        return "incorrect";
    case Verdict::Interrupted:
        return "interrupted";
    case Verdict::Incomplete:
        return "incomplete";
    case Verdict::ThresholdFailed:
        break;
    }
    return "threshold_failed";
}

int exitCodeOf(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Passed:
        return exitcode::kOk;
    case Verdict::NeverReached:
        return exitcode::kNoConnection;
    case Verdict::Incorrect:
        return exitcode::kIncorrect;
    case Verdict::Interrupted:
        return exitcode::kInterrupted;
    case Verdict::Incomplete:
        return exitcode::kIncomplete;
    case Verdict::ThresholdFailed:
        break;
    }
    return exitcode::kThreshold;
}

} // namespace parlor::cli::load
