// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/acceptedsocket.h"
#include "server/transport/linger.h"
#include "server/transport/readylist.h"
#include "server/transport/transport.h"

#include <QTcpSocket>

#include <memory>

class QSslSocket;

namespace parlor {

/// Bytes of a QTcpSocket or, with TLS, of a QSslSocket, which are used as pipes: what Qt emits is only noted,
/// and reported in the worker's turn. Made on its worker's thread, of an accepted descriptor.
///
/// How much it holds. Into Qt go at most kWriteBound bytes that the kernel has not taken, encrypted ones
/// included: a send() fills that room, flushes, and goes on for as long as the kernel takes everything;
/// "sent" is what is in Qt or beyond it. Past that send() takes nothing until half of the room is free again.
/// Inwards Qt reads at most kReadBound bytes ahead of the listener, under TLS as many again in either form;
/// then it leaves the rest in the kernel, and the peer's window closes.
///
/// One difference to NativeTransport comes from Qt: a QTcpSocket that reads the peer's FIN closes. What is in
/// Qt then, and what is sent later, is lost; so a plain peer that ends its direction gets an answer only as
/// far as the kernel took it at once. (TLS announces its end before the FIN.)
class QtTransport final : public Transport, private Reporter
{
public:
    static constexpr std::size_t kWriteBound = 32 * 1024;
    static constexpr std::size_t kReadBound = 32 * 1024;

    /// Takes the descriptor. `buffer` is the worker's, used during a report only.
    QtTransport(const AcceptedSocket &socket, ReadyList &ready, std::span<char> buffer);
    ~QtTransport() override;

    /// False: the descriptor is of no use, and closed; nothing will ever be reported.
    [[nodiscard]] bool isOpen() const { return m_socket->isOpen(); }

    void setListener(TransportListener &listener) override { m_listener = &listener; }
    [[nodiscard]] SendResult send(std::span<const std::string_view> pieces) override;
    void pauseReading() override { m_paused = true; }
    void resumeReading() override;
    void finishSending() override;
    void abort() override;
    [[nodiscard]] bool hasPeerFinished() const override
    {
        return parlor::hasPeerFinished(static_cast<int>(m_socket->socketDescriptor()));
    }
    [[nodiscard]] bool isEstablished() const override { return m_established; }
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] QHostAddress peerAddress() const override { return m_peerAddress; }

private:
    void report() override;
    void watch();
    void startTls();
    void read();
    void finishIfSent();
    void reportEnd();
    void reportPeerFinished();
    void onError(QAbstractSocket::SocketError error);
    void wantReport() { m_ready.add(*this); }

    [[nodiscard]] bool isConnected() const;
    /// Bytes in Qt that the kernel has not taken.
    [[nodiscard]] std::size_t pending() const;

    ReadyList &m_ready;
    std::span<char> m_buffer;
    TransportListener *m_listener = nullptr;
    std::unique_ptr<QTcpSocket> m_socket;
    QSslSocket *m_tls = nullptr;        ///< m_socket, if it is one
    std::unique_ptr<QObject> m_context; ///< of the connections to its signals
    std::unique_ptr<Linger> m_linger;   ///< TLS: once our direction ends
    QHostAddress m_peerAddress;

    bool m_established;       ///< the TLS handshake is over, or there is none
    bool m_paused = false;    ///< by the listener
    bool m_wantsRoom = false; ///< a send left something over
    bool m_finishing = false; ///< our direction ends behind what was sent …
    bool m_ended = false;     ///< … and that is done
    bool m_peerEnded = false; ///< close_notify, FIN or RST was read
    bool m_failed = false;    ///< of TLS, above all; the socket may still be connected
    bool m_aborted = false;   ///< by us
    bool m_saidFinished = false;
    bool m_saidBroken = false;
};

} // namespace parlor
