// SPDX-License-Identifier: MIT
#include "server/ops/descriptorlimit.h"

#include <sys/resource.h>

#include <algorithm>

namespace parlor {

namespace {

/// For listeners, workers and files, and for connections that are no WebSockets yet, or will be none.
std::uint64_t reserve(std::uint64_t descriptors)
{
    return std::max(std::min<std::uint64_t>(64, descriptors / 2), descriptors / 16);
}

} // namespace

std::uint64_t raiseDescriptorLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        const rlimit raised{limit.rlim_max, limit.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    return limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
}

std::uint64_t connectionsWithin(std::uint64_t descriptors, std::uint64_t wanted)
{
    if (descriptors == 0)
        return wanted;
    const std::uint64_t most = descriptors - reserve(descriptors);
    return wanted == 0 ? most : std::min(wanted, most);
}

} // namespace parlor
