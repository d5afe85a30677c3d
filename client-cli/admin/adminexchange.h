// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/admin/adminrequest.h"

#include <QSslConfiguration>

#include <memory>
#include <optional>

class QIODevice;

namespace parlor::cli::admin {

/// Where the admin API is, and what opens it.
struct AdminServer
{
    enum class Kind : std::uint8_t { Plain, Tls, Unix };
    Kind kind = Kind::Plain;
    QString host{}; ///< a path, of Kind::Unix
    quint16 port = 0;
    QByteArray key{}; ///< empty: none
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();

    /// `http://127.0.0.1:8001`, `https://chat.example:8001`, `unix:/run/parlor/admin`. The error is for
    /// people.
    [[nodiscard]] static Result<AdminServer> parse(const QString &url);
    /// For people.
    [[nodiscard]] QString text() const;
};

struct AdminReply
{
    int status = 0;
    QJsonObject json{};
};

/// The first key of a file of the server's form: KEY or NAME:KEY. The error is for people.
[[nodiscard]] Result<QByteArray> readAdminKey(const QString &path);
/// Asks, and waits for the answer. The error, that there is none, is for people.
[[nodiscard]] Result<AdminReply> exchange(const AdminServer &server, const AdminRequest &request);

} // namespace parlor::cli::admin
