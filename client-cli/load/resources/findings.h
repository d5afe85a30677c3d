// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/resources/limits.h"
#include "client-cli/load/resources/needs.h"

#include <string>
#include <vector>

namespace parlor::cli::load {

/// Whether this machine has enough of one thing.
struct Finding
{
    enum class Unit : std::uint8_t { Count, Bytes };

    std::string what; ///< "ports of a source address"
    std::string key;  ///< for scripts: "ports"
    Unit unit = Unit::Count;
    std::uint64_t needed = 0;
    std::uint64_t available = 0;
    bool isEnough = true;
    /// Without it a run fails. Else it may be slower, or measure itself.
    bool isNecessary = false;
    std::vector<std::string> commands{}; ///< that mend it, to be run as they are; none if it is enough
    std::string advice{};                ///< what helps besides; empty: nothing does
};

/// In the order in which they matter. What the machine does not say is left out. Pure.
[[nodiscard]] std::vector<Finding> findings(const Needs &needs, const Limits &limits);

} // namespace parlor::cli::load
