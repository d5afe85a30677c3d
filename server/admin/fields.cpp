// SPDX-License-Identifier: MIT
#include "server/admin/fields.h"

#include <cmath>

namespace parlor::admin {

namespace {

std::string numberText(double value)
{
    return QString::number(value, 'g', 16).toStdString();
}

} // namespace

Fields Fields::ofBody(const ApiRequest &request)
{
    return {request.body, Source::Body};
}

Fields Fields::ofQuery(const ApiRequest &request)
{
    QJsonObject fields;
    for (const auto &[name, value] : request.query)
        fields.insert(QString::fromStdString(name), QString::fromStdString(value));
    return {std::move(fields), Source::Query};
}

std::optional<QJsonValue> Fields::take(const char *name)
{
    const QJsonValue value = m_fields.take(QLatin1String(name));
    if (value.isUndefined())
        return std::nullopt;
    return value;
}

void Fields::wrong(const char *name, const std::string &what)
{
    if (!m_mistake)
        m_mistake = ApiError{400, "bad_request", '"' + std::string(name) + "\" " + what};
}

std::optional<std::string> Fields::text(const char *name)
{
    const auto value = take(name);
    if (value && !value->isString())
        wrong(name, "is no string");
    return value ? std::optional(value->toString().toStdString()) : std::nullopt;
}

std::string Fields::requiredText(const char *name)
{
    const auto value = text(name);
    if (!value)
        wrong(name, "is missing from the " + std::string(m_source == Source::Body ? "body" : "query"));
    return value.value_or(std::string());
}

std::optional<double> Fields::number(const char *name, double least, double most)
{
    const auto value = take(name);
    if (!value)
        return std::nullopt;
    bool isNumber = value->isDouble();
    double number = value->toDouble();
    if (m_source == Source::Query)
        number = value->toString().toDouble(&isNumber);
    if (!isNumber || !(number >= least && number <= most))
        wrong(name, "is no number from " + numberText(least) + " to " + numberText(most));
    return number;
}

std::optional<std::uint64_t> Fields::count(const char *name, std::uint64_t least, std::uint64_t most)
{
    const auto value = number(name, static_cast<double>(least), static_cast<double>(most));
    if (!value || m_mistake)
        return std::nullopt;
    if (*value != std::floor(*value))
        wrong(name, "is no whole number");
    return static_cast<std::uint64_t>(*value);
}

std::optional<std::chrono::milliseconds> Fields::milliseconds(const char *name,
                                                              std::chrono::milliseconds most)
{
    const auto value = count(name, 0, static_cast<std::uint64_t>(most.count()));
    return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

bool Fields::flag(const char *name)
{
    const auto value = take(name);
    if (!value)
        return false;
    const bool isTrue =
        m_source == Source::Query ? value->toString() == QLatin1String("true") : value->toBool();
    const bool isFalse =
        m_source == Source::Query ? value->toString() == QLatin1String("false") : value->isBool() && !isTrue;
    if (!isTrue && !isFalse)
        wrong(name, "is neither true nor false");
    return isTrue;
}

std::optional<ApiError> Fields::mistake() const
{
    if (m_mistake || m_fields.isEmpty())
        return m_mistake;
    return ApiError{400, "bad_request",
                    "there is no " + std::string(kind()) + " \"" + m_fields.begin().key().toStdString() +
                        "\" here; see docs/openapi.yaml"};
}

} // namespace parlor::admin
