// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

#include <QJsonObject>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parlor::admin {

/// What somebody asks of the admin API.
struct ApiRequest
{
    std::string method;
    std::vector<std::string> path; ///< its segments, decoded: v1, rooms, general
    std::map<std::string, std::string, std::less<>> query;
    QJsonObject body; ///< empty if there is none
    std::string by;   ///< who asks: the name of the key
};

/// Why not: for people, and for programs by its code.
struct ApiError
{
    int status = 400;
    std::string code;
    std::string text;
    bool operator==(const ApiError &) const = default;
};

/// Reads one request as its bytes come, in any split, within bounds. Whoever may not ask is known when the
/// head is whole: nobody else's body is read.
class ApiRequestReader
{
public:
    static constexpr std::size_t kBodyBytes = 64 * 1024;

    enum class Status : std::uint8_t { NeedMore, Complete, Failed };
    /// Who asks, or why they may not.
    using Admit = std::function<std::variant<std::string, ApiError>(const RequestHead &head)>;

    explicit ApiRequestReader(Admit admit)
        : m_admit(std::move(admit))
    {
    }

    /// After Complete or Failed it must not be called again.
    [[nodiscard]] Status feed(std::string_view bytes);
    /// After Complete.
    [[nodiscard]] const ApiRequest &request() const { return m_request; }
    /// After Failed.
    [[nodiscard]] const ApiError &error() const { return m_error; }
    /// Whether the head came in full and its sender may ask.
    [[nodiscard]] bool isAdmitted() const { return m_isAdmitted; }

private:
    [[nodiscard]] Status fail(int status, std::string code, std::string text);
    [[nodiscard]] Status takeHead();
    [[nodiscard]] Status takeTarget(const RequestHead &head);
    [[nodiscard]] Status takeBody(std::string_view bytes);

    Admit m_admit;
    HeadReader m_head{HeadLimits{8 * 1024, 64}};
    bool m_isAdmitted = false;
    std::size_t m_bodyBytes = 0; ///< as announced
    std::string m_body;
    ApiRequest m_request;
    ApiError m_error;
};

} // namespace parlor::admin
