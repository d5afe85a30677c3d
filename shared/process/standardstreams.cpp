// SPDX-License-Identifier: MIT
#include "shared/process/standardstreams.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace parlor {

void openMissingStandardStreams()
{
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF)
            continue;
        // The lowest free number, which is this one: those below are open by now. Without O_CLOEXEC: a child
        // would be started without the stream, too. What is written to stdout still fails.
        [[maybe_unused]] const int opened =
            ::open("/dev/null", descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR);
    }
}

bool writeToStdout(std::string_view text, std::string_view program)
{
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
        return true;
    const char *why = std::strerror(errno);
    std::fprintf(stderr, "%.*s: cannot write to standard output: %s\n", static_cast<int>(program.size()),
                 program.data(), why);
    return false;
}

} // namespace parlor
