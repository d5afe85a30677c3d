// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>

#include <optional>
#include <utility>

namespace parlor::cli {

/// The head of an HTTP/1 response.
struct ResponseHead
{
    int status = 0;
    QByteArray reason;
    QList<std::pair<QByteArray, QByteArray>> fields; ///< names in lower case

    /// The values of all fields of this name (lower case), in their order.
    [[nodiscard]] QList<QByteArray> values(const QByteArray &name) const;
    [[nodiscard]] bool has(const QByteArray &name, const QByteArray &value) const;
};

/// From the bytes up to the empty line, that one left out. nullopt: this is no HTTP.
[[nodiscard]] std::optional<ResponseHead> parseResponseHead(const QByteArray &bytes);

} // namespace parlor::cli
