// SPDX-License-Identifier: MIT
#pragma once

#include "server/moderation/roompolicies.h"
#include "server/peer/tokenbucket.h"

#include <chrono>
#include <cstdint>

namespace parlor {

/// What an operator may set about sessions (docs/protocol.md section 9). Requests cost 1, lists
/// limits::kListCost.
struct ChatLimits
{
    RateLimit requests{10, 20};
    RateLimit user{50, 200};                ///< requests of all sessions of a user who has shown a token
    std::uint64_t connectionsPerUser = 0;   ///< of such a user; 0: no limit
    RateLimit address{};                    ///< requests of all sessions of an address
    std::uint32_t roomsPerSession = 32;     ///< 0: no limit
    int jsonDepth = 8;                      ///< 0: no limit
    std::uint64_t frameBytes = 64 * 1024;   ///< told to clients; the connection enforces it
    std::chrono::milliseconds ping{25'000}; ///< told to clients
    std::chrono::milliseconds grace{15'000};
    RoomPolicies roomPolicies{};
};

} // namespace parlor
