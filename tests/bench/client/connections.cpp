// SPDX-License-Identifier: MIT
#include "tests/bench/client/scenario.h"

namespace parlor::bench {

namespace {

// So many first, unmeasured: what a server allocates once for its first clients is no connection's cost.
constexpr std::uint32_t kWarmUpConnections = 200;
// After the last one: what a server does a little later is theirs, too.
constexpr std::chrono::milliseconds kQuiet{200};

} // namespace

std::vector<Phase> connections(const Options &options)
{
    Phase phase;
    phase.settings = {{"clients", options.clients}, {"at_once", options.atOnce}};
    const ServerProbe probe(options.servers);
    Crowd crowd(options.ports, options.dialect);
    if (!crowd.connect(kWarmUpConnections, options.atOnce, options.patience)) {
        phase.problem = crowd.problem();
        return {phase};
    }
    crowd.settle(kQuiet);

    const Memory before = probe.memory();
    const StopWatch watch(probe);
    if (!crowd.connect(options.clients, options.atOnce, options.patience))
        phase.problem = crowd.problem();
    watch.stop(phase);
    crowd.settle(kQuiet);
    if (crowd.ended() != 0)
        phase.problem = crowd.problem();
    const Memory after = probe.memory();

    const auto &times = crowd.connectTimes();
    phase.latencies.assign(times.begin() + kWarmUpConnections, times.end());
    phase.connections = times.size() - kWarmUpConnections;
    phase.memoryGrowth = {after.residentBytes - before.residentBytes,
                          after.privateDirtyBytes - before.privateDirtyBytes};
    return {phase};
}

} // namespace parlor::bench
