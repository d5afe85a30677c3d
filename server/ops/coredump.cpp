// SPDX-License-Identifier: MIT
#include "server/ops/coredump.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <unistd.h>

namespace parlor {

Result<void> keepMemoryOutOfCoreDumps()
{
    constexpr std::string_view kElfHeadersOnly = "0x10";
    if (::prctl(PR_GET_DUMPABLE) != 1)
        return {}; // there will be no core dump, and /proc/self belongs to root
    const int file = ::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
    const bool isDone = file >= 0 && ::write(file, kElfHeadersOnly.data(), kElfHeadersOnly.size()) ==
                                         static_cast<ssize_t>(kElfHeadersOnly.size());
    const int why = errno;
    if (file >= 0)
        ::close(file);
    if (isDone)
        return {};
    return Error{.text = std::string("a core dump of this process would hold messages and keys: "
                                     "/proc/self/coredump_filter cannot be written: ") +
                         std::strerror(why) + "; forbid core dumps (LimitCORE=0 or ulimit -c 0)"};
}

} // namespace parlor
