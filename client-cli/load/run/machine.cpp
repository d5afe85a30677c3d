// SPDX-License-Identifier: MIT
#include "client-cli/load/run/machine.h"

#include <fstream>
#include <string>
#include <sys/utsname.h>
#include <thread>

namespace parlor::cli::load {

Machine thisMachine()
{
    utsname names{};
    ::uname(&names);
    return {.host = names.nodename,
            .system = std::string(names.sysname) + " " + names.release + " " + names.machine,
            .cores = std::thread::hardware_concurrency()};
}

ProcessorTimes processorTimes()
{
    // cpu user nice system idle iowait irq softirq steal …; what guests took is in user and nice.
    constexpr int kFields = 8;
    constexpr int kSteal = 7;
    std::ifstream file("/proc/stat");
    std::string name;
    file >> name;
    ProcessorTimes times;
    std::uint64_t ticks = 0;
    for (int i = 0; i < kFields && file >> ticks; ++i) {
        times.all += ticks;
        if (i == kSteal)
            times.stolen = ticks;
    }
    return times;
}

double stolenShare(const ProcessorTimes &from, const ProcessorTimes &to)
{
    if (to.all <= from.all || to.stolen <= from.stolen)
        return 0;
    return static_cast<double>(to.stolen - from.stolen) / static_cast<double>(to.all - from.all);
}

} // namespace parlor::cli::load
