// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/statement.h"
#include "client-cli/load/plan/stage.h"

#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// What is wrong in a part of what was said.
struct Fault
{
    const Statement *said = nullptr;
    std::string why;
};

// Stages as a scenario writes them: [{ for = "30s", users = 50, name = "ramp", measure = false }]; those of
// arrivals have a `rate` in place of `users`. nullopt: all are appended. Pure.
[[nodiscard]] std::optional<Fault> readStages(const Statement &said, std::vector<Stage> &stages);
[[nodiscard]] std::optional<Fault> readStages(const Statement &said, std::vector<ArrivalStage> &stages);

} // namespace parlor::cli::load
