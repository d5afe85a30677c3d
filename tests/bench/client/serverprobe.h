// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace parlor::bench {

struct Memory
{
    std::int64_t residentBytes = 0;     ///< Rss of smaps_rollup
    std::int64_t privateDirtyBytes = 0; ///< Private_Dirty: what no other process shares and no file backs
};

/// What the kernel says of the servers' processes, all threads together.
class ServerProbe
{
public:
    explicit ServerProbe(std::vector<pid_t> pids)
        : m_pids(std::move(pids))
    {
    }

    /// User and system time, as utime + stime of /proc/PID/stat, but not in steps of 10 ms:
    /// clock_getcpuclockid(3).
    [[nodiscard]] std::chrono::nanoseconds cpu() const;
    [[nodiscard]] Memory memory() const;

private:
    std::vector<pid_t> m_pids;
};

} // namespace parlor::bench
