// SPDX-License-Identifier: MIT
#include "client-cli/load/resources/limits.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

std::uint64_t numberOf(rlim_t limit)
{
    return limit == RLIM_INFINITY ? std::numeric_limits<std::uint64_t>::max() : limit;
}

/// The first number of a file.
std::optional<std::uint64_t> numberIn(const std::string &path)
{
    std::ifstream file(path);
    std::uint64_t number = 0;
    if (file >> number)
        return number;
    return std::nullopt;
}

std::optional<std::uint64_t> portsIn(const std::string &path)
{
    std::ifstream file(path);
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (file >> first >> last && first <= last)
        return last - first + 1;
    return std::nullopt;
}

std::optional<std::uint64_t> freeFilesIn(const std::string &path)
{
    std::ifstream file(path);
    std::uint64_t open = 0;
    std::uint64_t unused = 0;
    std::uint64_t most = 0;
    if (file >> open >> unused >> most)
        return most - std::min(open, most);
    return std::nullopt;
}

std::optional<std::uint64_t> memoryIn(const std::string &path)
{
    std::ifstream file(path);
    std::string key;
    std::uint64_t kibibytes = 0;
    std::string unit;
    while (file >> key >> kibibytes) {
        std::getline(file, unit);
        if (key == "MemAvailable:")
            return kibibytes * 1024;
    }
    return std::nullopt;
}

std::uint64_t usableCores()
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (::sched_getaffinity(0, sizeof(cores), &cores) != 0)
        return 1;
    return static_cast<std::uint64_t>(CPU_COUNT(&cores));
}

} // namespace

Limits readLimits(const std::string &proc)
{
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    return {.softDescriptors = numberOf(descriptors.rlim_cur),
            .hardDescriptors = numberOf(descriptors.rlim_max),
            .mostDescriptors = numberIn(proc + "/sys/fs/nr_open"),
            .freeFiles = freeFilesIn(proc + "/sys/fs/file-nr"),
            .ports = portsIn(proc + "/sys/net/ipv4/ip_local_port_range"),
            .listenQueue = numberIn(proc + "/sys/net/core/somaxconn"),
            .handshakes = numberIn(proc + "/sys/net/ipv4/tcp_max_syn_backlog"),
            .tracked = numberIn(proc + "/sys/net/netfilter/nf_conntrack_max"),
            .memory = memoryIn(proc + "/meminfo"),
            .cores = usableCores(),
            .isRoot = ::geteuid() == 0};
}

void raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace parlor::cli::load
