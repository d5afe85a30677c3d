// SPDX-License-Identifier: MIT
#include "tests/bench/client/serverprobe.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace parlor::bench {

std::chrono::nanoseconds ServerProbe::cpu() const
{
    clockid_t clock{};
    timespec time{};
    if (m_pid <= 0 || clock_getcpuclockid(m_pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return {};
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Memory ServerProbe::memory() const
{
    Memory memory;
    if (m_pid <= 0)
        return memory;
    std::ifstream rollup("/proc/" + std::to_string(m_pid) + "/smaps_rollup");
    for (std::string line; std::getline(rollup, line);) {
        std::istringstream words(line);
        std::string name;
        std::int64_t kibibytes = 0;
        words >> name >> kibibytes;
        if (name == "Rss:")
            memory.residentBytes = kibibytes * 1024;
        else if (name == "Private_Dirty:")
            memory.privateDirtyBytes = kibibytes * 1024;
    }
    return memory;
}

} // namespace parlor::bench
