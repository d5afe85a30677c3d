// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace parlor::bench {

/// What is to be stored: messages with a cid, in rooms that take turns, each by one publisher.
struct Workload
{
    std::string path{};  ///< of a file that is not there yet
    std::string redis{}; ///< engine: an address of Redis, in place of a file
    std::chrono::milliseconds duration{1000};
    std::uint32_t rooms = 16;
    std::uint32_t contentBytes = 64;
    std::uint32_t underWay = 1024; ///< engine: messages that wait for their commit at any time
    std::uint32_t group = 512;     ///< bare: messages of a commit
};

struct Outcome
{
    std::uint64_t messages = 0;
    std::uint64_t commits = 0; ///< of a file
    std::chrono::nanoseconds took{};
    std::chrono::nanoseconds cpu{}; ///< of the process
    std::string problem{};
};

/// The store's engine, as its workers use it: publish, flush, and wait for completions.
[[nodiscard]] Outcome runEngine(const Workload &workload);
/// The same rows into the same tables, group by group, and nothing else.
[[nodiscard]] Outcome runBare(const Workload &workload);
/// The script that keeps a message in Redis, and its words for one of the engine's messages, as JSON. Where
/// redis-benchmark is to put a random number, it says so.
[[nodiscard]] std::string publishScript(const Workload &workload);

} // namespace parlor::bench
