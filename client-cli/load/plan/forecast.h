// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/userplan.h"

#include <string>
#include <vector>

namespace parlor::cli::load {

/// Something that happens in a stretch of time.
struct Flow
{
    double total = 0;
    double peak = 0; ///< a second, when it is most
    /// A second.
    [[nodiscard]] double mean(Offset during) const
    {
        return during.count() == 0 ? 0 : total / std::chrono::duration<double>(during).count();
    }
};

/// What is to be expected of a phase, or of a whole plan, against a server that keeps up.
struct PhaseForecast
{
    std::string name; ///< empty: the whole
    Offset duration{};
    std::uint32_t peakUsers = 0;
    Flow sessions{}; ///< that begin: each is a connection
    Flow messages{};
    Flow deliveries{};      ///< of all receivers; senders hear themselves
    bool isMeasured = true; ///< its latencies count in those of the run
};

/// How far expected messages and deliveries can be relied on.
enum class Certainty : std::uint8_t {
    Exact,   ///< on average: the plan says when who speaks
    AtMost,  ///< closed pace: with answers at once
    Unknown, ///< closed pace without a think time: as many as the server answers; they are not counted
};

struct Forecast
{
    std::vector<PhaseForecast> phases; ///< the plan's, in their order
    PhaseForecast total;
    Certainty certainty = Certainty::Exact;
};

/// Pure. `users`: userPlans() of the same settings and plan. A closed plan with `life` counts as many
/// sessions as fit one after the other.
[[nodiscard]] Forecast forecast(const Settings &settings, const Plan &plan,
                                const std::vector<UserPlan> &users);

} // namespace parlor::cli::load
