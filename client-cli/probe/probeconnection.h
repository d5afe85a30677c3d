// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/probe/proberesult.h"
#include "shared/client/link.h"

#include <QElapsedTimer>
#include <QNetworkCookie>
#include <QSslConfiguration>
#include <QTimer>
#include <QUrl>

#include <optional>

namespace parlor::cli {

/// One connection: it asks for a WebSocket, reads the `connection` frame, shows its token where one is asked
/// for, and says goodbye. It is used once and reports once. Owned by Probe.
class ProbeConnection : public QObject
{
    Q_OBJECT
public:
    struct Settings
    {
        QUrl url; ///< ws or wss
        std::optional<QSslConfiguration> tls;
        std::chrono::milliseconds timeout{};
        QByteArray cookies; ///< the value of the Cookie field; may be empty
        QString token{};    ///< shown to a server that asks for one; empty: none
    };

    explicit ProbeConnection(const Settings &settings, QObject *parent = nullptr);

    void start();

Q_SIGNALS:
    /// `cookies`: what the answer to the upgrade set, whether it agreed or not.
    void finished(const parlor::cli::ProbeResult &result, const QList<QNetworkCookie> &cookies);

private:
    void onText(const QByteArray &utf8);
    void greet(const frame::Connection &connection);
    void failToSignIn(const QString &why);
    void onEnded(const LinkEnd &end);

    QUrl m_url;
    QString m_token;
    Link m_link;
    QTimer m_deadline; ///< for the last frame
    QElapsedTimer m_clock;
    ProbeResult m_result;
};

} // namespace parlor::cli
