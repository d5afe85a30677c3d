// SPDX-License-Identifier: MIT
#include "client-cli/load/record/runrecord.h"

#include <algorithm>

namespace parlor::cli::load {

void ThreadHealth::addSecond(double cpu)
{
    meanCpu += (cpu - meanCpu) / (seconds + 1);
    peakCpu = std::max(peakCpu, cpu);
    ++seconds;
    if (cpu > kBusyCpu)
        ++busySeconds;
}

Offset RunRecord::plannedTime() const
{
    return phases.empty() ? duration : std::min(duration, phases.back().end);
}

std::size_t RunRecord::generators() const
{
    return 1 + static_cast<std::size_t>(std::count(id.begin(), id.end(), '+'));
}

} // namespace parlor::cli::load
