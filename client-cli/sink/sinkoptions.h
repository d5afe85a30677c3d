// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/faultplan.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::sink {

/// For `length` from `begin` on, counted from the first connection, nothing is sent or read.
struct Stall
{
    std::chrono::milliseconds length{};
    std::chrono::milliseconds begin{};
    bool operator==(const Stall &) const = default;
};

enum class Dialects : std::uint8_t { Both, V1, V2 };
enum class Format : std::uint8_t { Text, Json };

/// What `parlor-cli sink` was asked to do; checked.
struct SinkOptions
{
    std::string host = "127.0.0.1";
    std::uint16_t port = 8009; ///< 0: any that is free
    FaultShares shares{};
    std::vector<PlannedFault> planned{};
    std::chrono::milliseconds afterJoin{500}; ///< a receiver's deliveries are in order for so long
    std::chrono::milliseconds delay{};        ///< of each delivery
    std::chrono::milliseconds gather{};       ///< from one sending to the next, at least; 0: each turn sends
    std::vector<Stall> stalls{};              ///< in the order of time
    std::uint64_t seed = 1;
    std::optional<std::string> logFile{};
    Dialects dialects = Dialects::Both;
    Format format = Format::Text;
};

} // namespace parlor::cli::sink
