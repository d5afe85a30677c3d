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

} // namespace parlor::cli::load
