// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/linkfailure.h"
#include "shared/client/proxy.h"
#include "shared/websocket/frame.h"
#include "shared/websocket/handshake.h"
#include "shared/websocket/reader.h"

#include <QObject>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>

#include <optional>
#include <span>
#include <string_view>

namespace parlor {

/// How a link ended.
struct LinkEnd
{
    CloseInfo info;
    LinkFailure::Outlook outlook = LinkFailure::Outlook::Passing; ///< counts where info.code is 0
    enum class By { Peer, Us };
    By refused = By::Peer; ///< Us: what the server sent broke the protocol, and info.code is what we told it
};

/// Where a link leads, and what it says when it asks for the WebSocket.
struct LinkRequest
{
    QUrl url; ///< ws or wss
    std::optional<QSslConfiguration> tls{};
    std::vector<std::string> subprotocols{};
    std::vector<websocket::HeadField> fields{};
    std::chrono::milliseconds connectTimeout{}; ///< for everything until the WebSocket is open
    websocket::UpgradeRequest::Choice choice =
        websocket::UpgradeRequest::Choice::Needed; ///< of a subprotocol
};

/// One WebSocket connection (RFC 6455, a client's side) from its first attempt to its end, which it reports
/// exactly once: through a proxy where there is one (CONNECT, RFC 9110 §9.3.6, or SOCKS5), over TLS for wss.
/// Memory for what comes is bounded by limits::kClientFrameBytes. Used by its owner's thread; never used
/// twice.
class Link : public QObject, private websocket::ReaderSink
{
    Q_OBJECT
public:
    explicit Link(LinkRequest request, QObject *parent = nullptr);
    ~Link() override;

    void open();
    void send(std::string_view json);
    /// Close 1000, then the end is reported within a bounded time. Nothing is received any more.
    void close();
    /// Ends at once, with what the caller knows.
    void abort(const LinkEnd &end);

    /// The answer to the upgrade, once it has come.
    [[nodiscard]] const websocket::ResponseHead &response() const { return m_handshake.response(); }

Q_SIGNALS:
    void opened();
    void textReceived(const QByteArray &utf8);
    void bytesArrived();
    void ended(const parlor::LinkEnd &end);

private:
    /// Up to Upgrading what fails is described as a LinkFailure, from Open on by a close code.
    enum class Stage { Connecting, Tunnelling, Encrypting, Upgrading, Open, Closing, Ended };

    void onConnected();
    void startTls();
    void sendUpgrade();
    void onReadyRead();
    void readTunnel(const QByteArray &bytes);
    /// Returns what follows the head, once that is whole and right.
    [[nodiscard]] std::span<char> readHead(std::span<char> bytes);
    void readFrames(std::span<char> bytes);
    void onError(QAbstractSocket::SocketError error);
    void onGone();
    void pong();
    void sendFrame(websocket::Opcode opcode, std::string_view payload);
    void fail(LinkFailure failure);
    void finish(const LinkEnd &end);

    websocket::Flow onText(std::string_view message) override;
    websocket::Flow onBinary(std::string_view message) override;
    websocket::Flow onPing(std::string_view payload) override;
    websocket::Flow onPong(std::string_view payload) override;
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override;
    [[nodiscard]] websocket::Flow flow() const;

    LinkRequest m_request;
    Proxy m_proxy;
    QSslSocket m_socket;
    QTimer m_timer; ///< until the WebSocket is open; and after a Close
    websocket::ResponseReader m_tunnel;
    websocket::ClientHandshake m_handshake;
    websocket::Reader m_reader;
    QString m_tlsProblem; ///< what is wrong with the server's certificate, and which one it is
    std::optional<std::string> m_owedPong; ///< the payload of the newest ping without an answer
    std::optional<CloseInfo> m_peerClose;
    bool m_sentBinary = false; ///< which no chat server does
    Stage m_stage = Stage::Connecting;
};

} // namespace parlor
