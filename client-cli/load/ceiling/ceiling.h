// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/ceiling/search.h"
#include "client-cli/load/ceiling/step.h"
#include "client-cli/load/plan/settings.h"
#include "shared/protocol/result.h"

#include <functional>
#include <optional>
#include <vector>

namespace parlor::cli::load {

/// What to find, and how long to look.
struct CeilingPlan
{
    /// Of each step: who, where, what; its thresholds are the goals, and one profile speaks at a rate.
    Settings settings;
    std::uint32_t users = 100;
    SearchRange range;
    Offset stepTime = std::chrono::seconds(10);   ///< that is measured, of each step
    Offset longestStep = std::chrono::minutes(5); ///< where that brings too few samples
    Offset arrival = std::chrono::seconds(1);     ///< for the users to come
    Offset settling = std::chrono::seconds(1);    ///< they speak at the rate, and nothing is measured yet
};

/// What was found.
struct CeilingResult
{
    std::vector<Step> steps;    ///< in their order
    std::optional<Step> passed; ///< the highest
    std::optional<Step> failed; ///< the lowest; nullopt: none did, up to the range's end
    /// The last that brought too few samples, however long it took.
    std::optional<Step> unjudged;
    bool isInterrupted = false;
    bool isNeverReached = false;

    /// No rate passed, and that is not the server's doing: too few samples, or a generator that was too slow.
    [[nodiscard]] bool isUnknown() const;
};

/// The highest message rate that meets the goals: runs steps, by doubling and then by bisection. A step that
/// brings too few samples for a goal's percentile is run again, and longer; if no longer step is allowed, the
/// search goes on above it. Pure but for the runner.
class Ceiling
{
public:
    /// Runs a load to its end.
    using Runner = std::function<Result<RunRecord>(const Settings &)>;
    using Watcher = std::function<void(const Step &)>;

    /// `done` is called after each step.
    Ceiling(CeilingPlan plan, Runner runner, Watcher done);

    /// The error is the runner's.
    [[nodiscard]] Result<CeilingResult> find();

    /// The run of one step.
    [[nodiscard]] static Settings settingsOf(const CeilingPlan &plan, double rate, Offset length);

private:
    [[nodiscard]] Result<Step> run(double rate, CeilingResult &result);

    CeilingPlan m_plan;
    Runner m_runner;
    Watcher m_done;
};

/// How many users of a plan's only profile speak.
[[nodiscard]] std::uint32_t speakersOf(const Profile &profile, std::uint32_t users);

} // namespace parlor::cli::load
