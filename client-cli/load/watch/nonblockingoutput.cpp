// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/nonblockingoutput.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

/// A terminal takes some kilobytes at a time, and a large picture has more.
constexpr std::chrono::milliseconds kLongestWrite{100};

/// The descriptor itself where that cannot be, as for a terminal of another user (su).
int openedAnew(int descriptor)
{
    struct stat kind = {};
    if (::fstat(descriptor, &kind) != 0 || (!S_ISCHR(kind.st_mode) && !S_ISFIFO(kind.st_mode)))
        return descriptor;
    const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    const int opened = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return opened >= 0 ? opened : descriptor;
}

bool waitForRoom(int descriptor, std::chrono::milliseconds atMost)
{
    pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(atMost.count())) == 1 && (waiting.revents & POLLOUT) != 0;
}

} // namespace

NonBlockingOutput::NonBlockingOutput(int descriptor)
    : m_given(descriptor)
    , m_own(openedAnew(descriptor))
{
}

NonBlockingOutput::~NonBlockingOutput()
{
    if (m_own != m_given)
        ::close(m_own);
}

void NonBlockingOutput::write(std::string_view text) const
{
    using Clock = std::chrono::steady_clock;
    const Clock::time_point deadline = Clock::now() + kLongestWrite;
    while (!text.empty()) {
        const ssize_t written = ::write(m_own, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            if (left.count() <= 0 || !waitForRoom(m_own, left))
                return;
        } else if (errno != EINTR) {
            return; // nobody is there to be told
        }
    }
}

void NonBlockingOutput::writeAll(std::string_view text) const
{
    while (!text.empty()) {
        const ssize_t written = ::write(m_given, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool NonBlockingOutput::hasRoom() const
{
    return waitForRoom(m_own, {});
}

} // namespace parlor::cli::load
