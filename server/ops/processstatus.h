// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace parlor {

/// What the system knows about this process. 0 where it does not tell.
struct ProcessStatus
{
    std::uint64_t residentBytes = 0;
    std::uint64_t openDescriptors = 0;
    std::uint64_t maxDescriptors = 0;
    double cpuSeconds = 0;
};

/// Any thread. On Linux before 6.2 it takes some milliseconds where very many descriptors are open.
[[nodiscard]] ProcessStatus readProcessStatus();

} // namespace parlor
