// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/admin/adminoptions.h"
#include "shared/protocol/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QUrlQuery>

namespace parlor::cli::admin {

/// A request to the server's admin API.
struct AdminRequest
{
    QByteArray method;
    QByteArray path; ///< percent-encoded
    QUrlQuery query{};
    QJsonObject body{};
    /// The list that comes in pages, and the member of its elements by which the next page is asked for;
    /// empty: all comes at once.
    QString list{};
    QString cursor{};

    /// Path and query.
    [[nodiscard]] QByteArray target() const;
};

/// The commands with their arguments, a line each, for the help.
[[nodiscard]] std::string commandList();
/// The error is for people.
[[nodiscard]] Result<AdminRequest> adminRequest(const AdminOptions &options);

} // namespace parlor::cli::admin
