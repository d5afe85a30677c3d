// SPDX-License-Identifier: MIT
#include "client-cli/load/resources/needs.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

/// Standard streams, files, pipes, epoll and timers of each thread, with some to spare.
constexpr std::uint64_t kOtherDescriptors = 32;
constexpr std::uint64_t kDescriptorsOfThread = 4;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kProcessBytes = 24 * 1024 * kKiB;
constexpr std::uint64_t kThreadBytes = 8 * 1024 * kKiB; ///< with its histograms
constexpr std::uint64_t kUserBytes = 3 * kKiB;
constexpr std::uint64_t kPartBytes = kKiB / 2;   ///< of a user in one room
constexpr std::uint64_t kSocketBytes = 4 * kKiB; ///< in the kernel, of an idle connection
constexpr std::uint64_t kTlsBytes = 32 * kKiB;
constexpr std::uint64_t kSenderBytes = 32; ///< what a receiver of v1 remembers of each sender of its room

std::uint64_t share(std::uint64_t all, std::uint64_t parts)
{
    return (all + parts - 1) / std::max<std::uint64_t>(parts, 1);
}

} // namespace

Needs needs(const Settings &settings, const Circumstances &circumstances)
{
    Needs needed;
    needed.connections = circumstances.peakUsers;
    needed.processes = settings.processes;
    needed.threads = std::uint64_t{settings.processes} * settings.threads;
    needed.sources = std::max<std::uint64_t>(circumstances.sources, 1);
    needed.descriptors = share(needed.connections, needed.processes) + kOtherDescriptors +
                         kDescriptorsOfThread * settings.threads;
    needed.ports = share(needed.connections, needed.sources);
    needed.arriving = std::min<std::uint64_t>(needed.connections, settings.connectInflight);
    std::uint64_t rooms = 1;
    for (const Profile &each : settings.profiles)
        rooms = std::max<std::uint64_t>(rooms, each.roomsPerUser);
    std::uint64_t user = kUserBytes + kSocketBytes + kPartBytes * rooms;
    if (circumstances.isTls)
        user += kTlsBytes;
    if (settings.dialect == DialectName::V1)
        user += kSenderBytes * share(needed.connections, settings.rooms.size());
    needed.memory =
        kProcessBytes * needed.processes + kThreadBytes * needed.threads + user * needed.connections;
    return needed;
}

} // namespace parlor::cli::load
