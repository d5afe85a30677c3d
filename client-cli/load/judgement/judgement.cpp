// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/judgement.h"

#include "client-cli/exitcode.h"
#include "client-cli/load/judgement/generatorlimits.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/record/names.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

Verdict verdictOf(const RunRecord &record, const Judgement &found)
{
    const Measurements &measurements = record.measurements;
    const PhaseMeasurements all = measurements.total();
    const bool isCorrect = faultsOf(measurements).empty() && measurements.splits.empty();
    const bool isComplete = all.missed() == 0 && measurements.absent == 0 && !isWithoutDeliveries(record);
    const bool failed = std::any_of(found.thresholds.begin(), found.thresholds.end(),
                                    [](const ThresholdResult &each) { return !each.passed; });
    if (measurements.joined == 0) {
        // Users on their way in by their first attempt are not absent: no attempt had failed.
        const bool isCutShort = record.isInterrupted && measurements.absent == 0;
        return isCutShort ? Verdict::Interrupted : Verdict::NeverReached;
    }
    if (!isCorrect)
        return Verdict::Incorrect;
    if (record.isInterrupted)
        return Verdict::Interrupted;
    if (!isComplete)
        return Verdict::Incomplete;
    if (failed)
        return Verdict::ThresholdFailed;
    return record.settings.isStrict && !found.limits.empty() ? Verdict::GeneratorLimited : Verdict::Passed;
}

} // namespace

std::vector<CountedFault> faultsOf(const Measurements &measurements)
{
    const DeliveryCounts &counts = measurements.deliveries;
    std::vector<CountedFault> faults{{counts.lost, std::string(names::kLost)},
                                     {counts.doubled, std::string(names::kDoubled)},
                                     {counts.reordered, std::string(names::kReordered)},
                                     {counts.corrupt, std::string(names::kCorrupt)},
                                     {counts.unexpected, std::string(names::kUnexpected)},
                                     {measurements.messages().unanswered, "messages never answered"}};
    std::erase_if(faults, [](const CountedFault &each) { return each.count == 0; });
    return faults;
}

bool isWithoutDeliveries(const RunRecord &record)
{
    const DeliveryCounts &counts = record.measurements.deliveries;
    const Verify verify = record.settings.verify;
    return verify != Verify::Off && record.measurements.messages().answered > 0 &&
           (verify == Verify::Count ? counts.counted : counts.expected()) == 0;
}

std::string listOf(const std::vector<CountedFault> &faults)
{
    std::string text;
    for (const auto &[count, name] : faults) {
        if (count > 0)
            text.append(text.empty() ? "" : ", ").append(figures::count(count)).append(" ").append(name);
    }
    return text;
}

Judgement judge(const RunRecord &record)
{
    Judgement found;
    for (const std::string &text : record.settings.thresholds) {
        if (const auto threshold = parseThreshold(text))
            found.thresholds.push_back(evaluate(*threshold, record.measurements, record.phases));
    }
    found.limits = generatorLimits(record);
    found.verdict = verdictOf(record, found);
    return found;
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
        return "threshold_failed";
    case Verdict::GeneratorLimited:
        break;
    }
    return "generator_limited";
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
    case Verdict::ThresholdFailed:
        return exitcode::kThreshold;
    case Verdict::Incomplete:
    case Verdict::GeneratorLimited:
        break;
    }
    return exitcode::kIncomplete;
}

} // namespace parlor::cli::load
