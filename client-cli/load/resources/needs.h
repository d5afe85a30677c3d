// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"

#include <cstdint>

namespace parlor::cli::load {

/// What a load needs of the machine that makes it.
struct Needs
{
    std::uint64_t connections = 0; ///< at the same time, of all processes
    std::uint64_t processes = 1;
    std::uint64_t threads = 1;     ///< of all processes
    std::uint64_t sources = 1;     ///< addresses that connections come from
    std::uint64_t descriptors = 0; ///< of the process that has the most
    std::uint64_t ports = 0;       ///< of the source address that has the most
    std::uint64_t arriving = 0;    ///< connections that are on their way to the server at the same time
    std::uint64_t memory = 0;      ///< bytes, about: of all processes and of the kernel for their sockets
    bool operator==(const Needs &) const = default;
};

/// What settings do not say of a load.
struct Circumstances
{
    std::uint64_t peakUsers = 0; ///< each has a connection
    std::uint64_t sources = 1;
    bool isTls = false;
};

/// Pure. Memory is an estimate from measured runs: docs/load-scenario.md, "Before a run".
[[nodiscard]] Needs needs(const Settings &settings, const Circumstances &circumstances);

} // namespace parlor::cli::load
