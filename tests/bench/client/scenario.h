// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/client/crowd.h"
#include "tests/bench/client/phase.h"

#include <vector>

namespace parlor::bench {

struct Options
{
    std::vector<std::uint16_t> ports{}; ///< of the servers; members take them in turn
    Dialect dialect = Dialect::V1;
    std::vector<pid_t> servers{};
    std::uint32_t clients = 1000;
    std::uint32_t rooms = 100;
    std::vector<std::uint32_t> inFlight{1, 4, 16};
    std::uint32_t contentBytes = 64;
    std::uint32_t perSecond = 500; ///< messages, of the open loop
    std::uint32_t atOnce = 64;     ///< connections that a storm opens side by side
    std::uint32_t others = 500;    ///< who sleep, or reconnect
    std::chrono::milliseconds duration{2000};
    std::chrono::milliseconds warmUp{300};
    std::chrono::milliseconds patience{180'000}; ///< for connecting, for joining, and for the last deliveries
};

// Each returns what it measured; a phase that is not complete is the last one, and may be its warm-up.

/// One room of all clients, of whom the first publishes: so many messages are under way at any time. A phase
/// for each number of them.
[[nodiscard]] std::vector<Phase> fanOut(const Options &options);
/// A room for each client, who publishes when the last one has come back.
[[nodiscard]] std::vector<Phase> roomsOfOne(const Options &options);
/// `rooms` rooms with the clients spread over them; messages at times that are fixed beforehand, in a room
/// that takes its turn. Latency runs from the planned time.
[[nodiscard]] std::vector<Phase> fixedRate(const Options &options);
/// Opens `clients` connections as fast as the server takes them, and leaves them idle: what they cost its
/// CPU, and how it grows.
[[nodiscard]] std::vector<Phase> connections(const Options &options);

/// A fixed rate in one room, and then again with `others` there who never read.
[[nodiscard]] std::vector<Phase> sleepers(const Options &options);
/// A fixed rate, and then again while `others` connect and join rooms of their own. They share the bench's
/// core, so that its own delay is part of the latencies.
[[nodiscard]] std::vector<Phase> reconnects(const Options &options);

} // namespace parlor::bench
