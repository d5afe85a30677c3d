// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/faultplan.h"

#include <array>
#include <cstdint>

namespace parlor::cli::sink {

/// All that a sink did.
struct SinkCounts
{
    std::uint64_t connections = 0; ///< accepted
    std::uint64_t upgrades = 0;    ///< of them, to a WebSocket
    std::uint64_t joins = 0;
    std::uint64_t published = 0;  ///< messages
    std::uint64_t refused = 0;    ///< requests that were answered with an error
    std::uint64_t deliveries = 0; ///< that were sent: without dropped ones, and a doubled one twice
    std::array<std::uint64_t, kFaults> faults{};
    std::uint64_t stalls = 0;
    std::uint64_t cut = 0; ///< connections that were ended because they took too little
    std::uint64_t bytesReceived = 0;
    std::uint64_t bytesSent = 0;

    [[nodiscard]] std::uint64_t of(Fault fault) const { return faults[static_cast<std::size_t>(fault)]; }
};

} // namespace parlor::cli::sink
