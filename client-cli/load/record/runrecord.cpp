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

Offset RunRecord::deliveringTime() const
{
    if (seconds.empty())
        return duration;
    const auto last =
        std::find_if(seconds.rbegin(), seconds.rend(), [](const Second &each) { return each.received > 0; });
    const Offset planned = plannedTime();
    if (last == seconds.rend())
        return planned;
    // What came in this second was planned before the plan's end.
    return planned + std::clamp(last->end - planned, Offset{}, last->latency.max());
}

std::size_t RunRecord::generators() const
{
    return 1 + static_cast<std::size_t>(std::count(id.begin(), id.end(), '+'));
}

} // namespace parlor::cli::load
