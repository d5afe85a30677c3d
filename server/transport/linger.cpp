// SPDX-License-Identifier: MIT
#include "server/transport/linger.h"

#include "server/transport/transport.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace parlor {

Linger::Linger(int descriptor)
    : m_descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
{
}

Linger::~Linger()
{
    m_notifier.reset();
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void Linger::start(std::function<void()> ended)
{
    m_ended = std::move(ended);
    if (m_descriptor < 0)
        return end();
    ::shutdown(m_descriptor, SHUT_WR);
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [this] { drain(); });
}

void Linger::drain()
{
    std::array<char, 16 * 1024> bin; // NOLINT(cppcoreguidelines-pro-type-member-init): recv fills it
    for (int i = 0; i < kReadsInARow; ++i) {
        const ssize_t n = ::recv(m_descriptor, bin.data(), bin.size(), MSG_DONTWAIT);
        if (n > 0)
            continue;
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            end();
        return;
    }
}

void Linger::end()
{
    m_isOver = true;
    if (m_notifier)
        m_notifier->setEnabled(false);
    m_ended();
}

} // namespace parlor
