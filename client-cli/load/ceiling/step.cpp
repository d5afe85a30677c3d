// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/step.h"

#include "client-cli/load/judgement/generatorlimits.h"
#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/record/figures.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

/// "1 user missing at the end", "2 users missing at the end"
CountedFault counted(std::uint64_t count, const char *noun, const std::string &rest)
{
    return {count, std::string(noun) + (count == 1 ? " " : "s ") + rest};
}

std::string whatWasIncorrect(const Measurements &measured)
{
    std::vector<CountedFault> faults = faultsOf(measured);
    faults.push_back(counted(measured.splits.size(), "room", "split between servers"));
    return listOf(faults);
}

std::string whatWasMissed(const Measurements &measured, const MessageCounts &messages)
{
    const std::string reasons =
        measured.refusals.empty() ? std::string() : " (" + figures::names(measured.refusals) + ")";
    const std::string found =
        listOf({counted(messages.rejected, "message", "refused" + reasons),
                counted(messages.dropped, "message", "not taken by the server"),
                counted(messages.notMember, "message", "of users who were not in their room"),
                counted(messages.abandoned, "message", "of connections that were lost"),
                counted(measured.absent, "user", "missing at the end")});
    return found.empty() ? "not all that was planned was sent and answered" : found;
}

/// Empty: it kept up.
std::string generatorsLimit(const RunRecord &record)
{
    const std::vector<std::string> limits = generatorLimits(record, LimitKinds::Threads);
    return limits.empty() ? std::string() : "generator busy: " + limits.front();
}

/// The medians of two halves differ by so much even where nothing waits: of a short step `tolerance` allows
/// less.
constexpr Offset kMedianNoise = std::chrono::milliseconds(10);

/// From the first measured phase to the last one; empty: by no more than `tolerance` of the time.
std::string growthOfLatency(const RunRecord &record, double tolerance)
{
    struct Half
    {
        Offset middle;
        std::optional<Offset> median;
    };
    std::vector<Half> halves;
    for (std::size_t i = 0; i < std::min(record.phases.size(), record.measurements.phases.size()); ++i) {
        const Phase &phase = record.phases[i];
        if (phase.isMeasured)
            halves.push_back({(phase.begin + phase.end) / 2,
                              record.measurements.phases[i].deliveryLatency.soundPercentile(50)});
    }
    if (halves.size() < 2 || !halves.front().median || !halves.back().median)
        return {};
    const Offset grown = *halves.back().median - *halves.front().median;
    if (grown <= kMedianNoise || grown <= (halves.back().middle - halves.front().middle) * tolerance)
        return {};
    return "its latency grew from " + figures::duration(*halves.front().median) + " to " +
           figures::duration(*halves.back().median) + ": more was sent than the server takes";
}

void fail(Step &step, const std::string &why, const std::string &limit)
{
    step.verdict = limit.empty() ? StepVerdict::Failed : StepVerdict::GeneratorLimited;
    step.why = limit.empty() ? why : why + "; " + limit;
}

} // namespace

std::string_view toString(StepVerdict verdict)
{
    switch (verdict) {
    case StepVerdict::Passed:
        return "passed";
    case StepVerdict::Failed:
        return "failed";
    case StepVerdict::TooFewSamples:
        return "too_few_samples";
    case StepVerdict::GeneratorLimited:
        return "generator_limited";
    case StepVerdict::NeverReached:
        return "never_reached";
    case StepVerdict::Interrupted:
        break;
    }
    return "interrupted";
}

Step judgeStep(double rate, const RunRecord &record, double tolerance)
{
    Step step{.rate = rate};
    const Measurements &measured = record.measurements;
    const MessageCounts messages = measured.messages();
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (std::size_t i = 0; i < record.phases.size() && i < measured.phases.size(); ++i) {
        if (!record.phases[i].isMeasured)
            continue;
        step.length += record.phases[i].end - record.phases[i].begin;
        sent += measured.phases[i].sent;
        received += measured.phases[i].deliveries;
    }
    if (step.length > Offset{}) {
        const double seconds = std::chrono::duration<double>(step.length).count();
        step.sent = static_cast<double>(sent) / seconds;
        step.received = static_cast<double>(received) / seconds;
    }
    const PhaseMeasurements all = measured.total();
    step.p50 = all.deliveryLatency.soundPercentile(50);
    step.p99 = all.deliveryLatency.soundPercentile(99);
    for (const ThreadHealth &thread : record.threads)
        step.cpu = std::max(step.cpu, thread.meanCpu);

    if (const auto limited = measured.refusals.find("rate_limited"); limited != measured.refusals.end())
        step.rateLimited = limited->second;
    const Judgement judgement = judge(record);
    step.goals = judgement.thresholds;

    // What was cut short says nothing of its rate, whatever else is wrong with it.
    if (record.isInterrupted) {
        step.verdict = StepVerdict::Interrupted;
        return step;
    }
    const std::string limit = generatorsLimit(record);
    switch (judgement.verdict) {
    case Verdict::NeverReached:
        step.verdict = StepVerdict::NeverReached;
        step.why = measured.errors.empty() ? "nobody ever joined" : measured.errors.begin()->first;
        return step;
    case Verdict::Incorrect:
        fail(step, whatWasIncorrect(measured), limit);
        return step;
    case Verdict::Incomplete:
        fail(step, whatWasMissed(measured, messages), limit);
        return step;
    case Verdict::ThresholdFailed:
    case Verdict::Passed:
    case Verdict::GeneratorLimited:
    case Verdict::Interrupted:
        break;
    }
    const ThresholdResult *unjudged = nullptr;
    for (const ThresholdResult &each : judgement.thresholds) {
        if (!each.passed && each.isJudged) {
            fail(step, each.text + ": " + each.measured, limit);
            return step;
        }
        if (!each.passed)
            unjudged = &each;
    }
    if (const std::string growth = growthOfLatency(record, tolerance); !growth.empty()) {
        fail(step, growth, limit);
        return step;
    }
    step.verdict = unjudged != nullptr ? StepVerdict::TooFewSamples : StepVerdict::Passed;
    step.why = unjudged != nullptr ? unjudged->text + ": " + unjudged->measured : limit;
    return step;
}

} // namespace parlor::cli::load
