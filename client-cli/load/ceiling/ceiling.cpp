// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/ceiling.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace parlor::cli::load {

Ceiling::Ceiling(CeilingPlan plan, Runner runner, Watcher done)
    : m_plan(std::move(plan))
    , m_runner(std::move(runner))
    , m_done(std::move(done))
{
}

std::uint32_t speakersOf(const Profile &profile, std::uint32_t users)
{
    if (profile.senders.count > 0)
        return std::min(profile.senders.count, users);
    return std::max(1U, static_cast<std::uint32_t>(std::lround(profile.senders.share * users)));
}

Settings Ceiling::settingsOf(const CeilingPlan &plan, double rate, Offset length)
{
    Settings settings = plan.settings;
    settings.arrivals.clear();
    settings.profiles.resize(1);
    Profile &profile = settings.profiles.front();
    profile.rate = rate / speakersOf(profile, plan.users);
    settings.stages = {{plan.arrival, plan.users, "arrival", false},
                       {plan.settling, plan.users, "settling", false},
                       {length / 2, plan.users, "first half", true},
                       {length - length / 2, plan.users, "second half", true}};
    settings.isStrict = false;
    return settings;
}

Result<Step> Ceiling::run(double rate, CeilingResult &result)
{
    for (Offset length = m_plan.stepTime;; length *= 2) {
        const auto record = m_runner(settingsOf(m_plan, rate, length));
        if (!record)
            return record.error();
        Step step = judgeStep(rate, *record, m_plan.range.tolerance);
        const bool canBeLonger = length * 2 <= m_plan.longestStep;
        if (step.verdict == StepVerdict::TooFewSamples)
            step.why += canBeLonger ? ", so it is measured longer" : ", and no longer step is allowed";
        result.steps.push_back(step);
        m_done(step);
        if (step.verdict != StepVerdict::TooFewSamples || !canBeLonger)
            return step;
    }
}

Result<CeilingResult> Ceiling::find()
{
    CeilingResult result;
    Search search(m_plan.range);
    while (const auto rate = search.next()) {
        const auto ran = run(*rate, result);
        if (!ran)
            return ran.error();
        const Step &step = *ran;
        result.isInterrupted = step.verdict == StepVerdict::Interrupted;
        result.isNeverReached = step.verdict == StepVerdict::NeverReached;
        if (result.isInterrupted || result.isNeverReached)
            break;
        // Below a rate that brings too few samples there are fewer still, so the search goes up from it.
        const bool isUnjudged = step.verdict == StepVerdict::TooFewSamples;
        const bool hasPassed = step.verdict == StepVerdict::Passed;
        search.note(*rate, hasPassed || isUnjudged);
        if (isUnjudged)
            result.unjudged = step;
        else
            (hasPassed ? result.passed : result.failed) = step;
    }
    // The last that failed is the lowest: bisection only comes down to it.
    if (result.failed && !search.failed())
        result.failed.reset();
    return result;
}

bool CeilingResult::isUnknown() const
{
    return !passed && (unjudged || !failed || failed->verdict == StepVerdict::GeneratorLimited);
}

} // namespace parlor::cli::load
