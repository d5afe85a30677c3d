// SPDX-License-Identifier: MIT
#include "server/transport/qttransport.h"

#include "server/ops/logging.h"
#include "server/transport/unmapped.h"

#include <QSslSocket>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace parlor {

namespace {

void resetOnClose(int descriptor)
{
    const linger reset{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

} // namespace

QtTransport::QtTransport(const AcceptedSocket &accepted, ReadyList &ready, std::span<char> buffer)
    : m_ready(ready)
    , m_buffer(buffer)
    , m_context(std::make_unique<QObject>())
    , m_established(!accepted.tls)
{
    if (accepted.tls) {
        auto tls = std::make_unique<QSslSocket>();
        tls->setSslConfiguration(*accepted.tls);
        m_tls = tls.get();
        m_socket = std::move(tls);
    } else {
        m_socket = std::make_unique<QTcpSocket>();
    }
    if (!m_socket->setSocketDescriptor(accepted.descriptor)) {
        ::close(accepted.descriptor);
        m_socket->close();
        return;
    }
    m_socket->setReadBufferSize(kReadBound);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_peerAddress = unmapped(m_socket->peerAddress());
    watch();
}

void QtTransport::watch()
{
    QTcpSocket *socket = m_socket.get();
    QObject *context = m_context.get();
    const auto note = [this] { wantReport(); };
    QObject::connect(socket, &QTcpSocket::readyRead, context, note);
    QObject::connect(socket, &QTcpSocket::bytesWritten, context, note);
    QObject::connect(socket, &QTcpSocket::disconnected, context, note);
    QObject::connect(socket, &QTcpSocket::errorOccurred, context,
                     [this](QAbstractSocket::SocketError error) { onError(error); });
    if (!m_tls)
        return;
    QObject::connect(m_tls, &QSslSocket::encryptedBytesWritten, context, note);
    QObject::connect(m_tls, &QSslSocket::encrypted, context, [this] { m_established = true; });
}

/// TLS says goodbye in order; the listener's deadlines are over, or it has nothing more to say.
QtTransport::~QtTransport()
{
    m_context.reset(); // what follows is reported to nobody
    m_ready.remove(*this);
    if (m_tls && m_established && !m_finishing && isConnected()) {
        m_socket->disconnectFromHost();
        m_socket->flush();
    }
}

bool QtTransport::isConnected() const
{
    return !m_failed && !m_aborted && m_socket->state() == QAbstractSocket::ConnectedState;
}

std::size_t QtTransport::pending() const
{
    const qint64 plain = m_socket->bytesToWrite();
    return static_cast<std::size_t>(m_tls ? plain + m_tls->encryptedBytesToWrite() : plain);
}

// ---- commands

SendResult QtTransport::send(std::span<const std::string_view> pieces)
{
    SendResult result;
    for (std::string_view piece : pieces) {
        while (!piece.empty()) {
            if (pending() >= kWriteBound)
                m_socket->flush();
            if (!isConnected()) {
                result.broken = true;
                return result;
            }
            const std::size_t room = kWriteBound - std::min(kWriteBound, pending());
            if (room == 0) {
                m_wantsRoom = true;
                return result;
            }
            const std::string_view part = piece.substr(0, room);
            m_socket->write(part.data(), static_cast<qint64>(part.size()));
            result.sent += part.size();
            piece.remove_prefix(part.size());
        }
    }
    m_socket->flush();
    result.broken = !isConnected();
    return result;
}

void QtTransport::resumeReading()
{
    if (std::exchange(m_paused, false))
        wantReport();
}

void QtTransport::finishSending()
{
    m_finishing = true;
    wantReport();
}

void QtTransport::abort()
{
    m_aborted = true;
    m_context.reset();
    if (m_linger && m_linger->descriptor() >= 0)
        resetOnClose(m_linger->descriptor());
    if (m_socket->state() != QAbstractSocket::UnconnectedState) {
        resetOnClose(static_cast<int>(m_socket->socketDescriptor()));
        m_socket->abort();
    }
}

// ---- reports

void QtTransport::onError(QAbstractSocket::SocketError error)
{
    if (error == QAbstractSocket::RemoteHostClosedError) {
        m_peerEnded = true;
    } else {
        m_failed = true;
        qCDebug(log::accept).noquote() << (m_established ? "a connection fails:" : "a TLS handshake fails:")
                                       << m_peerAddress.toString() << m_socket->errorString();
    }
    wantReport();
}

void QtTransport::report()
{
    if (!m_listener || m_aborted)
        return;
    if (m_linger) {
        if (m_linger->isOver())
            reportPeerFinished();
        else
            finishIfSent();
        return;
    }
    startTls();
    read();
    if (m_wantsRoom && (!isConnected() || pending() <= kWriteBound / 2)) {
        m_wantsRoom = false;
        m_listener->onWritable();
    }
    finishIfSent();
    reportEnd();
}

/// Each QSslSocket makes a TLS context of its own: not before the client has sent its first byte.
void QtTransport::startTls()
{
    if (m_tls && m_tls->mode() == QSslSocket::UnencryptedMode && isConnected() && m_tls->bytesAvailable() > 0)
        m_tls->startServerEncryption();
}

void QtTransport::read()
{
    if (!m_established)
        return;
    for (int i = 0; i < kReadsInARow && !m_paused && !m_aborted && m_socket->isOpen(); ++i) {
        const qint64 n = m_socket->read(m_buffer.data(), static_cast<qint64>(m_buffer.size()));
        if (n <= 0)
            return;
        m_listener->onBytes(m_buffer.first(static_cast<std::size_t>(n)));
    }
    if (!m_paused && !m_aborted && m_socket->bytesAvailable() > 0)
        wantReport();
}

void QtTransport::finishIfSent()
{
    if (!m_finishing || m_aborted)
        return;
    if (!m_ended) {
        if (!isConnected() || pending() != 0)
            return;
        m_ended = true;
        if (!m_tls) {
            ::shutdown(static_cast<int>(m_socket->socketDescriptor()), SHUT_WR);
            return;
        }
        m_linger = std::make_unique<Linger>(static_cast<int>(m_socket->socketDescriptor()));
        m_socket->disconnectFromHost(); // with close_notify
        m_socket->flush();
    }
    if (m_linger && m_socket->state() == QAbstractSocket::UnconnectedState && !m_linger->hasStarted())
        m_linger->start([this] { wantReport(); });
}

void QtTransport::reportEnd()
{
    if (m_aborted || m_linger)
        return;
    // What the peer sent comes before its end.
    const bool isRead = m_failed || (!m_paused && m_socket->bytesAvailable() == 0);
    if (m_peerEnded && isRead)
        reportPeerFinished();
    const bool isDown = m_failed || m_socket->state() == QAbstractSocket::UnconnectedState;
    if (isDown && isRead && !m_aborted && !std::exchange(m_saidBroken, true))
        m_listener->onBroken();
}

void QtTransport::reportPeerFinished()
{
    if (!std::exchange(m_saidFinished, true))
        m_listener->onPeerFinished();
}

} // namespace parlor
