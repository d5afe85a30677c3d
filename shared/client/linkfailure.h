// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/proxy.h"
#include "shared/websocket/responsehead.h"

#include <QAbstractSocket>
#include <QSslCertificate>
#include <QSslError>
#include <QString>
#include <QUrl>

#include <chrono>

namespace parlor {

/// Why no WebSocket connection came about.
struct LinkFailure
{
    enum class Outlook {
        Passing,      ///< may be over soon
        WrongAddress, ///< lasts, unless the same address worked before
        Lasting,      ///< trying again cannot help, or would hide a danger
    };
    Outlook outlook = Outlook::Passing;
    QString text;           ///< what happened, to what, what to do
    quint16 httpStatus = 0; ///< where the server answered with one
};

/// From what the socket reports before the WebSocket is open; `detail` is its own text.
[[nodiscard]] LinkFailure describeFailure(QAbstractSocket::SocketError error, const QString &detail,
                                          const QUrl &url);
/// Where the certificate is what is wrong: `problem` is from describeCertificateErrors().
[[nodiscard]] LinkFailure describeUntrusted(const QString &problem, const QUrl &url);
/// An answer that opens no WebSocket; `answer` counts where it was read.
[[nodiscard]] LinkFailure describeRefusal(const websocket::Refusal &refusal,
                                          const websocket::ResponseHead &answer, const QUrl &url);
/// Where the proxy is not reached, or ends the connection; `detail` is the socket's own text.
[[nodiscard]] LinkFailure describeProxyFailure(const Proxy &proxy, const QString &detail, const QUrl &url);
/// Where the proxy answers a CONNECT with something else than a tunnel.
[[nodiscard]] LinkFailure describeProxyRefusal(const Proxy &proxy, const websocket::ResponseReader &answer,
                                               const QUrl &url);
/// Why we closed a connection with `code`: the server broke the protocol as `detail` says.
[[nodiscard]] QString describeViolation(quint16 code, const QString &detail, const QUrl &url);
[[nodiscard]] LinkFailure describeTimeout(std::chrono::milliseconds timeout, const QUrl &url);
/// The certificate's errors, each once, and its SHA-256, by which its owner can tell it.
[[nodiscard]] QString describeCertificateErrors(const QList<QSslError> &errors, QSslCertificate certificate);
/// `host:port` for people.
[[nodiscard]] QString displayHost(const QUrl &url);

} // namespace parlor
