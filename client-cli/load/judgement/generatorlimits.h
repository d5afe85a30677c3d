// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"

#include <cstdint>
#include <string>
#include <vector>

namespace parlor::cli::load {

enum class LimitKinds : std::uint8_t {
    All,
    Threads, ///< their CPU time and their lag alone
};

/// What speaks against a run's figures: the generator itself did not keep up, so that they say more about it
/// than about the server. A sentence each; empty: nothing. Pure.
[[nodiscard]] std::vector<std::string> generatorLimits(const RunRecord &record,
                                                       LimitKinds kinds = LimitKinds::All);

} // namespace parlor::cli::load
