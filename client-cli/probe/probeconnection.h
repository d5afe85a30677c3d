// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/probe/proberesult.h"
#include "shared/websocket/handshake.h"
#include "shared/websocket/reader.h"

#include <QElapsedTimer>
#include <QNetworkCookie>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>
#include <QUrl>

#include <optional>

namespace parlor::cli {

/// One connection: it asks for a WebSocket, reads the `connection` frame, and says goodbye. A QWebSocket does
/// not show the fields of the 101, and Set-Cookie is one of them; so this does the upgrade (RFC 6455 §4.1)
/// itself. It is used once and reports once. Owned by Probe.
class ProbeConnection : public QObject, private websocket::ReaderSink
{
    Q_OBJECT
public:
    struct Settings
    {
        QUrl url; ///< ws or wss
        std::optional<QSslConfiguration> tls;
        std::chrono::milliseconds timeout{};
        QByteArray cookies; ///< the value of the Cookie field; may be empty
    };

    explicit ProbeConnection(const Settings &settings, QObject *parent = nullptr);
    ~ProbeConnection() override;

    void start();

Q_SIGNALS:
    /// `cookies`: what the answer to the upgrade set, whether it agreed or not.
    void finished(const parlor::cli::ProbeResult &result, const QList<QNetworkCookie> &cookies);

private:
    void sendUpgrade();
    void onReadyRead();
    void onHead();
    void onError(QAbstractSocket::SocketError error);
    void succeed(const QString &host);
    void fail(const QString &why);
    void leave();
    void report();

    websocket::Flow onText(std::string_view message) override;
    websocket::Flow onBinary(std::string_view message) override;
    websocket::Flow onPing(std::string_view) override { return websocket::Flow::Continue; }
    websocket::Flow onPong(std::string_view) override { return websocket::Flow::Continue; }
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override;

    enum class State { Connecting, Head, Frames, Leaving, Done };

    Settings m_settings;
    State m_state = State::Connecting;
    QSslSocket m_socket;
    QTimer m_deadline;
    QElapsedTimer m_clock;
    std::optional<websocket::ClientHandshake> m_handshake; ///< from the request on
    websocket::Reader m_reader;
    QString m_tlsProblem;
    QList<QNetworkCookie> m_cookies;
    ProbeResult m_result;
};

} // namespace parlor::cli
