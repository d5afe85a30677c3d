// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace parlor::bench {

/// What is to be stored: messages with a cid, in rooms that take turns, each by one publisher.
struct Workload
{
    std::string path; ///< of a store that is not there yet
    std::chrono::milliseconds duration{1000};
    std::uint32_t rooms = 16;
    std::uint32_t contentBytes = 64;
    std::uint32_t underWay = 1024; ///< engine: messages that wait for their commit at any time
    std::uint32_t group = 512;     ///< bare: messages of a commit
};

struct Outcome
{
    std::uint64_t messages = 0;
    std::uint64_t commits = 0;
    std::chrono::nanoseconds took{};
    std::chrono::nanoseconds cpu{}; ///< of the process
    std::string problem{};
};

/// The store's engine, as its workers use it: publish, flush, and wait for completions.
[[nodiscard]] Outcome runEngine(const Workload &workload);
/// The same rows into the same tables, group by group, and nothing else.
[[nodiscard]] Outcome runBare(const Workload &workload);

} // namespace parlor::bench
