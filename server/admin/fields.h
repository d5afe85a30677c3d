// SPDX-License-Identifier: MIT
#pragma once

#include "server/admin/apirequest.h"

#include <QJsonObject>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace parlor::admin {

/// Reads the members of a request's body, or the parameters of its query. The first that is wrong, or that
/// nobody asked for, is the mistake.
class Fields
{
public:
    [[nodiscard]] static Fields ofBody(const ApiRequest &request);
    [[nodiscard]] static Fields ofQuery(const ApiRequest &request);

    [[nodiscard]] std::optional<std::string> text(const char *name);
    [[nodiscard]] std::string requiredText(const char *name);
    /// A whole number.
    [[nodiscard]] std::optional<std::uint64_t> count(const char *name, std::uint64_t least,
                                                     std::uint64_t most);
    [[nodiscard]] std::optional<std::chrono::milliseconds> milliseconds(const char *name,
                                                                        std::chrono::milliseconds most);
    [[nodiscard]] std::optional<double> number(const char *name, double least, double most);
    [[nodiscard]] bool flag(const char *name);

    /// After all that may be there has been read.
    [[nodiscard]] std::optional<ApiError> mistake() const;

private:
    enum class Source : std::uint8_t { Body, Query };
    Fields(QJsonObject fields, Source source)
        : m_fields(std::move(fields))
        , m_source(source)
    {
    }
    [[nodiscard]] std::optional<QJsonValue> take(const char *name);
    void wrong(const char *name, const std::string &what);
    [[nodiscard]] const char *kind() const { return m_source == Source::Body ? "member" : "parameter"; }

    QJsonObject m_fields; ///< a parameter is a string; those that were read are gone
    Source m_source;
    std::optional<ApiError> m_mistake;
};

} // namespace parlor::admin
