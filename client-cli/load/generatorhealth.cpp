// SPDX-License-Identifier: MIT
#include "client-cli/load/generatorhealth.h"

#include "client-cli/load/figures.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

constexpr double kBusyCpu = 0.9;
constexpr double kBusyPart = 0.1; ///< of the run's seconds
constexpr Offset kLagBound = std::chrono::milliseconds(1);
constexpr double kSentBound = 0.99;

} // namespace

void GeneratorHealth::addSecond(double cpuShare)
{
    m_sum += cpuShare;
    m_peak = std::max(m_peak, cpuShare);
    ++m_seconds;
    if (cpuShare > kBusyCpu)
        ++m_busy;
}

std::vector<std::string> GeneratorHealth::limits(const PhaseMeasurements &all) const
{
    std::vector<std::string> found;
    if (m_seconds > 0 && m_busy > kBusyPart * m_seconds) {
        found.push_back("its thread took more than " + figures::share(kBusyCpu) + " of a core in " +
                        std::to_string(m_busy) + " of " + std::to_string(m_seconds) + " s");
    }
    const Offset lag = all.sendLag.percentile(99);
    if (lag > std::max(kLagBound, all.deliveryLatency.percentile(99) / 10)) {
        found.push_back("messages left late: send lag p99 " + figures::duration(lag) + ", delivery p99 " +
                        figures::duration(all.deliveryLatency.percentile(99)));
    }
    // What could not be sent for want of a membership is the server's doing, or the plan's.
    const std::uint64_t due = all.planned - all.notMember;
    if (due > 0 && static_cast<double>(all.sent) < kSentBound * static_cast<double>(due)) {
        found.push_back("it sent " +
                        figures::share(static_cast<double>(all.sent) / static_cast<double>(due)) +
                        " of what was planned");
    }
    return found;
}

} // namespace parlor::cli::load
