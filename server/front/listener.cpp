// SPDX-License-Identifier: MIT
#include "server/front/listener.h"

#include "server/ops/logging.h"

#include <QTimer>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace parlor {

namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsInARow = 256; ///< before other events have their turn
constexpr std::chrono::milliseconds kPause{100};
/// What the kernel queues of one connection. Left to itself it takes up to 4 MB, where a client that cannot
/// keep up is seen too late, and seconds of messages wait. The kernel doubles it for its own use.
constexpr int kSendBuffer = 256 * 1024;

} // namespace

Listener::Listener(std::function<void(int)> take, QObject *parent)
    : QObject(parent)
    , m_take(std::move(take))
{
    m_server.setListenBacklogSize(kBacklog);
}

bool Listener::start(const QHostAddress &address, quint16 port)
{
    if (!m_server.listen(address, port))
        return false;
    m_server.pauseAccepting();
    // Accepted sockets inherit both.
    const auto socket = static_cast<int>(m_server.socketDescriptor());
    const int on = 1;
    if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        qCWarning(log::accept).noquote() << "small frames may be late: TCP_NODELAY:" << std::strerror(errno);
    if (::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer) != 0)
        qCWarning(log::accept).noquote() << "cannot bound the send buffer:" << std::strerror(errno);
    watch();
    return true;
}

bool Listener::startOn(int descriptor)
{
    if (!m_server.setSocketDescriptor(descriptor))
        return false;
    m_server.pauseAccepting();
    watch();
    return true;
}

void Listener::watch()
{
    m_notifier = std::make_unique<QSocketNotifier>(m_server.socketDescriptor(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] { acceptAll(); });
}

void Listener::acceptAll()
{
    for (int i = 0; i < kAcceptsInARow; ++i) {
        const int descriptor = ::accept4(static_cast<int>(m_server.socketDescriptor()), nullptr, nullptr,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            m_take(descriptor);
            continue;
        }
        switch (errno) {
        case EINTR:
        case ECONNABORTED: // this client is gone; the next one may not be
            continue;
        case EAGAIN: // all that waited are in
            if (std::exchange(m_saidSo, false))
                qCInfo(log::accept) << "accepting connections again";
            return;
        default:
            return pause(errno);
        }
    }
}

void Listener::pause(int error)
{
    if (!std::exchange(m_saidSo, true)) {
        qCWarning(log::accept).noquote()
            << "cannot accept connections:" << std::strerror(error)
            << "(trying again ten times a second; if it is the limit of open files, "
               "raise LimitNOFILE or ulimit -n)";
    }
    m_notifier->setEnabled(false);
    QTimer::singleShot(kPause, m_notifier.get(), [this] { m_notifier->setEnabled(true); });
}

} // namespace parlor
