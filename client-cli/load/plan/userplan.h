// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"

#include <cstdint>
#include <vector>

namespace parlor::cli::load {

/// What one user is in a run.
struct UserPlan
{
    std::uint32_t profile = 0;        ///< in Settings::profiles
    std::vector<std::uint16_t> rooms; ///< in Settings::rooms; one at least, each once
    bool speaks = true;
    bool isVerified = true; ///< its deliveries are accounted for; else they are counted at most (Verify)
    bool operator==(const UserPlan &) const = default;
};

/// All users of a plan, by number. Profiles, rooms and speakers are dealt out evenly: of any first users
/// about as many have each as of all. The same settings give the same users in every thread and process.
/// Pure.
///
/// Verify::Sample draws its receivers in the same way: the first user is one.
///
/// Rooms: without `zipf` each round of users begins with another room. Else a load balancer that deals
/// connections out in turn may put all of a room's users on one server, and nobody notices that servers do
/// not share it.
[[nodiscard]] std::vector<UserPlan> userPlans(const Settings &settings, const Plan &plan);

} // namespace parlor::cli::load
