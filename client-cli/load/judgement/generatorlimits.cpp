// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/generatorlimits.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

constexpr double kBusyPart = 0.1; ///< of the run's seconds
constexpr Offset kLagBound = std::chrono::milliseconds(1);
constexpr Offset kLateBound = std::chrono::milliseconds(10);
constexpr double kLatePart = 0.01; ///< of the threads' time; of less, p99 shows nothing
/// A machine that is busy for a moment is no limit, however short the run is.
constexpr Offset kLeastLate = std::chrono::milliseconds(100);
constexpr double kStolenBound = 0.05; ///< of the machine's CPU time

using Seconds = std::chrono::duration<double>; // a file may hold counts that overflow an Offset

/// For how long threads stood still, or were behind. Unlike a percentile it needs no number of samples: one
/// is enough of a thread that stood still for seconds.
Seconds lateTime(const Histogram &lag)
{
    Seconds late{};
    for (const Histogram::Bucket &each : lag.buckets()) {
        if (each.low > kLateBound)
            late += Seconds(each.low) * static_cast<double>(each.count);
    }
    return late;
}

} // namespace

std::vector<std::string> generatorLimits(const RunRecord &record, LimitKinds kinds)
{
    std::vector<std::string> found;
    for (const ThreadHealth &thread : record.threads) {
        if (thread.seconds > 0 && thread.busySeconds > kBusyPart * thread.seconds) {
            found.push_back("its thread took more than " + figures::percent(ThreadHealth::kBusyCpu) +
                            " of a core in " + std::to_string(thread.busySeconds) + " of " +
                            std::to_string(thread.seconds) + " s");
        }
    }
    const Seconds late = lateTime(record.measurements.loopLag);
    const Seconds all =
        Seconds(record.duration) * std::max<double>(1, static_cast<double>(record.threads.size()));
    if (late > kLeastLate && late > all * kLatePart) {
        found.push_back("its threads were late for " + figures::percent(std::min(1.0, late / all)) +
                        " of the time, by up to " + figures::duration(record.measurements.loopLag.max()));
    }
    if (kinds == LimitKinds::Threads)
        return found;
    // Of too few samples, nothing is said. What was planned and not sent at all is never the generator's
    // doing: it had no membership, or the server took nothing more.
    const PhaseMeasurements measured = record.measurements.total();
    const auto lag = measured.sendLag.soundPercentile(99);
    const auto delivery = measured.deliveryLatency.soundPercentile(99);
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
