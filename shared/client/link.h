// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"
#include "shared/client/linkfailure.h"

#include <QObject>
#include <QTimer>
#include <QWebSocket>

#include <optional>
#include <string>

class QSslConfiguration;

namespace parlor {

/// How a link ended.
struct LinkEnd
{
    CloseInfo info;
    LinkFailure::Outlook outlook = LinkFailure::Outlook::Passing; ///< counts where info.code is 0
    enum class By { Peer, Us };
    By refused = By::Peer; ///< Us: what the server sent broke the protocol, and info.code is what we told it
};

/// One WebSocket connection from its first attempt to its end, which it reports exactly once. It papers over
/// what QWebSocket 6.4 leaves out: a connect timeout, an end after a refused handshake, and the code 1006.
/// Owned by Connection, in its thread; never used twice.
class Link : public QObject
{
    Q_OBJECT
public:
    Link(const QUrl &url, std::chrono::milliseconds connectTimeout, QObject *parent = nullptr);
    ~Link() override;

    void open(const std::optional<QSslConfiguration> &tls);
    void send(const std::string &json);
    /// Close 1000, then the end is reported within a bounded time.
    void close();
    /// Ends at once, with what the caller knows.
    void abort(const LinkEnd &end);

Q_SIGNALS:
    void opened();
    void textReceived(const QByteArray &utf8);
    void bytesArrived();
    void ended(const parlor::LinkEnd &end);

private:
    void onConnected();
    void onBytes(qint64 unread);
    void onError(QAbstractSocket::SocketError error);
    void onTlsErrors(const QList<QSslError> &errors);
    void onDisconnected();
    void finishClosed();
    void finish(const LinkEnd &end);

    QUrl m_url;
    std::chrono::milliseconds m_connectTimeout;
    QWebSocket m_socket;
    QTimer m_timer;       ///< until connected; and after our Close
    QString m_tlsProblem; ///< what is wrong with the server's certificate, and which one it is
    bool m_connected = false;
    bool m_closeSeen = false;
    bool m_finished = false;
};

} // namespace parlor
