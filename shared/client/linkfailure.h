// SPDX-License-Identifier: MIT
#pragma once

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
    QString text; ///< what happened, to what, what to do
};

/// From what QWebSocket reports while it connects. It has no field for the HTTP status: that is in `detail`.
[[nodiscard]] LinkFailure describeFailure(QAbstractSocket::SocketError error, const QString &detail,
                                          const QUrl &url);
[[nodiscard]] LinkFailure describeTimeout(std::chrono::milliseconds timeout, const QUrl &url);
/// The certificate's errors, each once, and its SHA-256, by which its owner can tell it.
[[nodiscard]] QString describeCertificateErrors(const QList<QSslError> &errors, QSslCertificate certificate);
/// `host:port` for people.
[[nodiscard]] QString displayHost(const QUrl &url);

} // namespace parlor
