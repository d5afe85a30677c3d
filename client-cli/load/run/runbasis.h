// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/runclock.h"
#include "client-cli/load/plan/settings.h"
#include "client-cli/load/plan/userplan.h"
#include "client-cli/load/wire/address.h"
#include "client-cli/load/wire/target.h"

#include <vector>

namespace parlor::cli::load {

/// What all threads and processes of a run read. Nobody writes it once the run has begun, and it outlives
/// them.
struct RunBasis
{
    Settings settings;
    Target target;
    std::vector<Address> addresses; ///< of the target
    Plan plan;
    std::vector<UserPlan> users; ///< by number
    RunClock clock;
    std::uint16_t run = 0; ///< that its markers name
    std::size_t parts = 1; ///< threads, of all processes
};

} // namespace parlor::cli::load
