// SPDX-License-Identifier: MIT
#include "server/transport/nativetransport.h"

#include "server/transport/unmapped.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace parlor {

bool hasPeerFinished(int descriptor)
{
    char next = 0;
    const ssize_t peeked = ::recv(descriptor, &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return peeked == 0 || (peeked < 0 && breaksConnection(errno));
}

NativeTransport::NativeTransport(int descriptor, EdgePoller &poller)
    : m_descriptor(descriptor)
    , m_poller(poller)
{
    if (!m_poller.add(descriptor, *this))
        m_broken = true;
}

NativeTransport::~NativeTransport()
{
    m_poller.remove(m_descriptor);
    ::close(m_descriptor);
}

void NativeTransport::onEvents(std::uint32_t events)
{
    if (!m_listener || m_broken)
        return;
    const bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLIN) != 0 || ending)
        read(ending);
    if ((events & EPOLLOUT) != 0 && !m_broken)
        m_listener->onWritable();
}

/// A read that does not fill the buffer has taken all there was, and what comes later is a new event; but a
/// FIN that was reported with the bytes has to be read too.
void NativeTransport::read(bool untilEnd)
{
    const std::span<char> buffer = m_poller.buffer();
    for (int i = 0; i < kReadsInARow && !m_paused && !m_broken; ++i) {
        const ssize_t n = ::recv(m_descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n > 0) {
            m_listener->onBytes(buffer.first(static_cast<std::size_t>(n)));
            if (static_cast<std::size_t>(n) < buffer.size() && !untilEnd)
                return;
        } else if (n == 0) {
            if (!std::exchange(m_finished, true))
                m_listener->onPeerFinished();
            return;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            m_broken = true;
            m_listener->onBroken();
            return;
        }
    }
    if (!m_paused && !m_broken)
        m_poller.rearm(m_descriptor, *this);
}

SendResult NativeTransport::send(std::span<const std::string_view> pieces)
{
    std::array<iovec, 64> vectors;
    SendResult result;
    while (!pieces.empty()) {
        const std::size_t count = std::min(pieces.size(), vectors.size());
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < count; ++i) {
            vectors[i] = {const_cast<char *>(pieces[i].data()), pieces[i].size()};
            wanted += pieces[i].size();
        }
        ssize_t n = 0;
        if (count == 1) {
            n = ::send(m_descriptor, vectors[0].iov_base, vectors[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
        } else {
            msghdr message{};
            message.msg_iov = vectors.data();
            message.msg_iovlen = count;
            n = ::sendmsg(m_descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        if (n < 0) {
            if (errno == EINTR)
                continue;
            result.broken = breaksConnection(errno);
            return result;
        }
        result.sent += static_cast<std::size_t>(n);
        if (static_cast<std::size_t>(n) < wanted)
            return result;
        pieces = pieces.subspan(count);
    }
    return result;
}

void NativeTransport::resumeReading()
{
    if (std::exchange(m_paused, false))
        m_poller.rearm(m_descriptor, *this);
}

void NativeTransport::finishSending()
{
    ::shutdown(m_descriptor, SHUT_WR);
}

void NativeTransport::abort()
{
    const linger reset{1, 0};
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    m_broken = true;
}

QHostAddress NativeTransport::peerAddress() const
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(m_descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return {};
    return unmapped(QHostAddress(reinterpret_cast<const sockaddr *>(&address)));
}

} // namespace parlor
