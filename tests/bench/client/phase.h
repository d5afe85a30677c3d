// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/client/member.h"
#include "tests/bench/client/serverprobe.h"

#include <map>
#include <string>
#include <vector>

namespace parlor::bench {

/// What was owed and what came, in messages to members. Everything that came is compared with what was
/// published, byte for byte, and must come in its room's order.
struct Tally
{
    std::uint64_t published = 0;
    std::uint64_t owed = 0;
    std::uint64_t delivered = 0;
    std::uint64_t misplaced = 0; ///< not the next one: something before it is missing, or it came twice
    std::uint64_t corrupt = 0;
    std::uint64_t bytes = 0; ///< payloads of what was delivered

    [[nodiscard]] bool isComplete() const { return delivered == owed && misplaced == 0 && corrupt == 0; }
};

/// One measured stretch of a scenario.
struct Phase
{
    std::map<std::string, std::int64_t> settings{};
    Tally tally{};
    std::chrono::nanoseconds duration{};
    std::chrono::nanoseconds serverCpu{};
    std::chrono::nanoseconds clientCpu{};
    std::vector<Clock::duration> latencies{};
    std::vector<Clock::duration> sendLags{}; ///< of an open loop: how late the bench itself was
    std::uint64_t connections = 0;           ///< that were opened in it
    Memory memoryGrowth{};
    std::string problem{};

    [[nodiscard]] bool isComplete() const { return problem.empty() && tally.isComplete(); }
};

/// Takes time and CPU between its making and stop().
class StopWatch
{
public:
    explicit StopWatch(const ServerProbe &probe);
    void stop(Phase &phase) const;

private:
    const ServerProbe &m_probe;
    Clock::time_point m_time;
    std::chrono::nanoseconds m_server;
    std::chrono::nanoseconds m_client;
};

/// All of them, as a JSON object.
[[nodiscard]] std::string toJson(const std::string &scenario, std::vector<Phase> phases);

} // namespace parlor::bench
