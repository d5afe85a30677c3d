// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace parlor::bench {

struct Memory
{
    std::int64_t residentBytes = 0;     ///< Rss of smaps_rollup
    std::int64_t privateDirtyBytes = 0; ///< Private_Dirty: what no other process shares and no file backs
};

/// What the kernel says of the server's process, all threads together. Without a process id everything is
/// zero.
class ServerProbe
{
public:
    explicit ServerProbe(pid_t pid)
        : m_pid(pid)
    {
    }

    /// User and system time, as utime + stime of /proc/PID/stat, but not in steps of 10 ms:
    /// clock_getcpuclockid(3).
    [[nodiscard]] std::chrono::nanoseconds cpu() const;
    [[nodiscard]] Memory memory() const;

private:
    pid_t m_pid;
};

} // namespace parlor::bench
