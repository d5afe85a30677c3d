// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/generatorlimits.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

constexpr double kBusyPart = 0.1; ///< of the run's seconds
constexpr Offset kLagBound = std::chrono::milliseconds(1);
constexpr Offset kLoopLagBound = std::chrono::milliseconds(10);
constexpr double kStolenBound = 0.05; ///< of the machine's CPU time

} // namespace

std::vector<std::string> generatorLimits(const RunRecord &record, LimitKinds kinds)
{
    std::vector<std::string> found;
    for (const ThreadHealth &thread : record.threads) {
        if (thread.seconds > 0 && thread.busySeconds > kBusyPart * thread.seconds) {
            found.push_back("its thread took more than " + figures::share(ThreadHealth::kBusyCpu) +
                            " of a core in " + std::to_string(thread.busySeconds) + " of " +
                            std::to_string(thread.seconds) + " s");
        }
    }
    const auto loopLag = record.measurements.loopLag.soundPercentile(99);
    if (loopLag && *loopLag > kLoopLagBound)
        found.push_back("its threads acted late: loop lag p99 " + figures::duration(*loopLag));
    if (kinds == LimitKinds::Threads)
        return found;
    // Of too few samples, nothing is said. What was planned and not sent at all is never the generator's
    // doing: it had no membership, or the server took nothing more.
    const PhaseMeasurements all = record.measurements.total();
    const auto lag = all.sendLag.soundPercentile(99);
    const auto delivery = all.deliveryLatency.soundPercentile(99);
    if (lag && delivery && *lag > std::max(kLagBound, *delivery / 10)) {
        found.push_back("messages left late: send lag p99 " + figures::duration(*lag) + ", delivery p99 " +
                        figures::duration(*delivery));
    }
    if (record.stolen > kStolenBound) {
        found.push_back("its machine was given less than it asked for: " + figures::share(record.stolen) +
                        " of its CPU time was stolen");
    }
    return found;
}

} // namespace parlor::cli::load
