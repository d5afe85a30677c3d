// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan.h"
#include "client-cli/load/thresholds.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

enum class DialectName : std::uint8_t { V1, V2 };

/// The server, as its URL names it.
struct Target
{
    std::string url; ///< for people
    std::string host;
    std::uint16_t port = 80;
    std::string authority;    ///< the request's Host
    std::string path = "/ws"; ///< with the query
    std::string token{};      ///< of everybody, for the upgrade; empty: none
};

/// What one run shall do; checked.
struct LoadOptions
{
    Target target;
    DialectName dialect = DialectName::V2;
    std::vector<Stage> stages;
    double rate = 0.5;              ///< messages of a user, a second; 0: nobody speaks
    std::vector<std::string> rooms; ///< users are spread evenly over them
    SizeRange size;
    std::uint64_t seed = 1;
    Offset drain{};          ///< how long a receiver waits for what it is still owed
    Offset connectTimeout{}; ///< to connect, be upgraded and have joined
    std::vector<Threshold> thresholds;
    std::optional<std::string> resultFile;
    bool quiet = false;
    std::vector<std::string> arguments; ///< the command line, for the record
};

} // namespace parlor::cli::load
