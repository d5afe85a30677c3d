// SPDX-License-Identifier: MIT
#include "tests/bench/client/serverprobe.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace parlor::bench {

std::chrono::nanoseconds ServerProbe::cpu() const
{
    std::chrono::nanoseconds sum{};
    for (const pid_t pid : m_pids) {
        clockid_t clock{};
        timespec time{};
        if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0)
            sum += std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    }
    return sum;
}

Memory ServerProbe::memory() const
{
    Memory memory;
    for (const pid_t pid : m_pids) {
        std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
        for (std::string line; std::getline(rollup, line);) {
            std::istringstream words(line);
            std::string name;
            std::int64_t kibibytes = 0;
            words >> name >> kibibytes;
            if (name == "Rss:")
                memory.residentBytes += kibibytes * 1024;
            else if (name == "Private_Dirty:")
                memory.privateDirtyBytes += kibibytes * 1024;
        }
    }
    return memory;
}

} // namespace parlor::bench
