// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/descriptorwriting.h"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace parlor::cli::load {

bool hasRoom(int descriptor)
{
    pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return ::poll(&waiting, 1, 0) == 1 && (waiting.revents & POLLOUT) != 0;
}

void writeAll(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

} // namespace parlor::cli::load
