// SPDX-License-Identifier: MIT
#include "server/ops/processstatus.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

namespace parlor {

namespace {

std::uint64_t residentBytes()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t totalPages = 0;
    std::uint64_t residentPages = 0;
    file >> totalPages >> residentPages;
    return residentPages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Every descriptor is below it. 0 where the system does not tell.
int descriptorTableSize()
{
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;) {
        if (int size = 0; word == "FDSize:" && file >> size)
            return size;
    }
    return 0;
}

std::uint64_t maxDescriptors()
{
    rlimit limit = {};
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

bool isOpen(const pollfd &polled)
{
    return (polled.revents & POLLNVAL) == 0;
}

std::uint64_t openDescriptors()
{
    struct stat status = {};
    if (stat("/proc/self/fd", &status) == 0 && status.st_size > 0)
        return static_cast<std::uint64_t>(status.st_size); // their number, since Linux 6.2

    // poll() tells open descriptors from others, a thousand with each call; reading the directory takes
    // longer.
    std::uint64_t count = 0;
    std::array<pollfd, 1024> polled{};
    const std::size_t most = std::min<std::uint64_t>(polled.size(), maxDescriptors()); // poll() refuses more
    const int end = descriptorTableSize();
    for (int next = 0; next < end && most > 0;) {
        nfds_t size = 0;
        for (; size < most && next < end; ++size, ++next)
            polled[size] = {next, 0, 0};
        if (poll(polled.data(), size, 0) < 0)
            return 0;
        count += static_cast<std::uint64_t>(std::count_if(polled.begin(), polled.begin() + size, isOpen));
    }
    return count;
}

} // namespace

ProcessStatus readProcessStatus()
{
    ProcessStatus status;
    status.residentBytes = residentBytes();
    status.openDescriptors = openDescriptors();
    status.maxDescriptors = maxDescriptors();
    timespec cpu = {};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
        status.cpuSeconds = static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9;
    return status;
}

} // namespace parlor
