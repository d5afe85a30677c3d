// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/settingsmaker.h"
#include "client-cli/load/resources/findings.h"
#include "client-cli/load/wire/address.h"

#include <string>
#include <variant>
#include <vector>

namespace parlor::cli::load {

/// A server that a run can begin against.
struct PreparedTarget
{
    Target target; ///< with its certificates and the addresses that connections come from
    std::vector<Address> addresses;
};

/// Why there is no run.
struct Hindrance
{
    int exitCode = 0;
    std::string why;
};

/// Reads certificates into a target, and refuses source addresses that are not this machine's: what can be
/// done without the server.
[[nodiscard]] Result<void> prepareHere(Target &target);

/// Finds the server's addresses, reads certificates, and raises this process' limit of descriptors. Refuses
/// where this machine has too little for `peakUsers`. Tells people on stderr what they should know of the way
/// to the server and of the rooms. May wait for a name server.
[[nodiscard]] std::variant<PreparedTarget, Hindrance> prepare(const MadeSettings &made,
                                                              std::uint32_t peakUsers);

/// What a run would need of this machine, and what there is, without the server.
[[nodiscard]] std::vector<Finding> findingsFor(const MadeSettings &made, std::uint32_t peakUsers);

} // namespace parlor::cli::load
