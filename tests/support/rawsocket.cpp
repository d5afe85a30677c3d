// SPDX-License-Identifier: MIT
#include "tests/support/rawsocket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parlor::test {

RawSocket::RawSocket(RawSocket &&other) noexcept
    : m_wire(other.m_wire)
{
    *this = std::move(other);
}

RawSocket &RawSocket::operator=(RawSocket &&other) noexcept
{
    if (this != &other) {
        close();
        m_wire = other.m_wire;
        m_descriptor = std::exchange(other.m_descriptor, -1);
        m_buffer = std::move(other.m_buffer);
        m_end = other.m_end;
        m_tls = std::move(other.m_tls);
        m_output = std::move(other.m_output);
        m_ended = other.m_ended;
    }
    return *this;
}

bool RawSocket::connectTo(std::uint16_t port, int receiveBuffer)
{
    close();
    m_buffer.clear();
    m_end = End::None;
    m_tls.reset();
    m_output.clear();
    m_ended = false;
    m_descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (m_descriptor < 0)
        return false;
    const int on = 1;
    ::setsockopt(m_descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receiveBuffer > 0) {
        ::setsockopt(m_descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
        // Loopback's segments of 64 KiB do not fit into such a window: once it was closed, the kernel sends
        // only at its probes, which come more and more seldom.
        const int segment = 1460;
        ::setsockopt(m_descriptor, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(m_descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return true;
    int error = errno;
    if (error == EINPROGRESS && waitFor(POLLOUT, QDeadlineTimer(kPatience))) {
        socklen_t size = sizeof error;
        ::getsockopt(m_descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error != 0)
        close();
    return error == 0;
}

bool RawSocket::waitFor(short events, const QDeadlineTimer &deadline) const
{
    pollfd entry{m_descriptor, events, 0};
    const qint64 left = std::clamp<qint64>(deadline.remainingTime(), 0, kPatience.count());
    return ::poll(&entry, 1, static_cast<int>(left)) > 0;
}

// ---- sending

qsizetype RawSocket::push(QByteArrayView bytes)
{
    qsizetype sent = 0;
    while (sent < bytes.size()) {
        const auto n = ::send(m_descriptor, bytes.data() + sent,
                              static_cast<std::size_t>(bytes.size() - sent), MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += n;
    }
    return sent;
}

bool RawSocket::pushAll(QByteArrayView bytes)
{
    while (isOpen()) {
        bytes = bytes.sliced(push(bytes));
        if (bytes.isEmpty())
            return true;
        if (errno != EAGAIN || !waitFor(POLLOUT, QDeadlineTimer(kPatience)))
            return false;
    }
    return false;
}

bool RawSocket::pushOutput()
{
    m_output += m_tls->takeOutput();
    return pushAll(std::exchange(m_output, {}));
}

bool RawSocket::shakeHands()
{
    if (!m_tls)
        m_tls = std::make_unique<TlsClient>();
    const QDeadlineTimer deadline(kPatience);
    while (!m_tls->isEstablished()) {
        m_tls->shakeHands();
        if (m_tls->hasFailed() || !pushOutput())
            return false;
        if (!m_tls->isEstablished() && !fill(deadline) && (m_end != End::None || deadline.hasExpired()))
            return false;
    }
    return true;
}

bool RawSocket::send(QByteArrayView bytes)
{
    if (m_wire != Wire::Tls || bytes.isEmpty())
        return pushAll(bytes);
    if (!isOpen() || !shakeHands())
        return false;
    m_tls->encrypt(bytes);
    return pushOutput();
}

qsizetype RawSocket::sendWhatFits(QByteArrayView bytes)
{
    if (m_wire != Wire::Tls)
        return push(bytes);
    constexpr qsizetype kRecord = 16 * 1024;
    qsizetype sent = 0;
    while (isOpen() && shakeHands()) {
        m_output.remove(0, push(m_output));
        if (!m_output.isEmpty() || sent == bytes.size())
            break;
        const QByteArrayView record = bytes.sliced(sent, std::min(kRecord, bytes.size() - sent));
        m_tls->encrypt(record);
        m_output = m_tls->takeOutput();
        sent += record.size();
    }
    return sent;
}

bool RawSocket::sendChopped(QByteArrayView bytes, qsizetype chop)
{
    for (qsizetype at = 0; at < bytes.size(); at += chop)
        if (!send(bytes.sliced(at, std::min(chop, bytes.size() - at))))
            return false;
    return true;
}

// ---- receiving

RawSocket::End RawSocket::endOfStream() const
{
    const bool isOrderly = !m_tls || !m_tls->isEstablished() || m_tls->peerHasEnded() || m_ended;
    return isOrderly ? End::Eof : End::Reset;
}

/// True if there are more bytes, or a step of a TLS handshake.
bool RawSocket::fill(const QDeadlineTimer &deadline)
{
    std::array<char, 64 * 1024> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): recv fills it
    while (isOpen() && m_end == End::None) {
        const auto n = ::recv(m_descriptor, chunk.data(), chunk.size(), 0);
        if (n > 0 && m_tls) {
            m_tls->received({chunk.data(), n});
            if (!m_tls->isEstablished())
                return true;
            const QByteArray plain = m_tls->decrypt();
            m_buffer += plain;
            if (m_tls->hasFailed())
                m_end = End::Reset;
            if (!plain.isEmpty())
                return true;
        } else if (n > 0) {
            m_buffer.append(chunk.data(), n);
            return true;
        } else if (n == 0) {
            m_end = endOfStream();
        } else if (errno != EAGAIN && errno != EINTR) {
            m_end = End::Reset;
        } else if (!waitFor(POLLIN, deadline)) {
            return false;
        }
    }
    return false;
}

QByteArray RawSocket::receive(qsizetype n, std::chrono::milliseconds patience)
{
    const QDeadlineTimer deadline(patience);
    while (m_buffer.size() < n && fill(deadline)) {
    }
    const QByteArray taken = m_buffer.left(n);
    m_buffer.remove(0, taken.size());
    return taken;
}

QByteArray RawSocket::receiveUntil(QByteArrayView mark, qsizetype limit)
{
    const QDeadlineTimer deadline(kPatience);
    qsizetype at = m_buffer.indexOf(mark);
    while (at < 0 && m_buffer.size() <= limit && fill(deadline))
        at = m_buffer.indexOf(mark);
    return receive(at < 0 ? m_buffer.size() : at + mark.size());
}

QByteArray RawSocket::receiveAll(qsizetype limit, std::chrono::milliseconds patience)
{
    const QDeadlineTimer deadline(patience);
    while (m_buffer.size() < limit && fill(deadline)) {
    }
    return std::exchange(m_buffer, {});
}

bool RawSocket::isQuietFor(std::chrono::milliseconds time)
{
    return m_buffer.isEmpty() && !fill(QDeadlineTimer(time)) && m_end == End::None;
}

RawSocket::End RawSocket::discard()
{
    const QDeadlineTimer now(0);
    while (fill(now))
        m_buffer.clear();
    m_buffer.clear();
    return m_end;
}

void RawSocket::finishSending()
{
    m_ended = true;
    if (m_tls && m_tls->isEstablished()) {
        m_tls->end();
        (void)pushOutput();
        return;
    }
    ::shutdown(m_descriptor, SHUT_WR);
}

void RawSocket::reset()
{
    const linger atOnce{1, 0};
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    close();
}

void RawSocket::close()
{
    if (isOpen())
        ::close(std::exchange(m_descriptor, -1));
}

} // namespace parlor::test
