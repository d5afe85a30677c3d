// SPDX-License-Identifier: MIT
#include "client-cli/load/generatorhealth.h"

#include "client-cli/load/figures.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

constexpr double kBusyCpu = 0.9;
constexpr double kBusyPart = 0.1; ///< of the run's seconds
constexpr Offset kLagBound = std::chrono::milliseconds(1);

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
    // Of too few samples, nothing is said. What was planned and not sent at all is never the generator's
    // doing: it had no membership, or the server took nothing more.
    const auto lag = all.sendLag.soundPercentile(99);
    const auto delivery = all.deliveryLatency.soundPercentile(99);
    if (lag && delivery && *lag > std::max(kLagBound, *delivery / 10)) {
        found.push_back("messages left late: send lag p99 " + figures::duration(*lag) + ", delivery p99 " +
                        figures::duration(*delivery));
    }
    return found;
}

} // namespace parlor::cli::load
