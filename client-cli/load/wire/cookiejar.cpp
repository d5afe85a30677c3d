// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/cookiejar.h"

#include "shared/websocket/fieldtext.h"
#include "shared/websocket/responsehead.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace parlor::cli::load {

namespace {

using websocket::trimmed;

/// All digits, and no more than `most` of them.
std::optional<int> digits(std::string_view text, std::size_t most)
{
    int value = 0;
    if (text.empty() || text.size() > most)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

/// RFC 6265 §5.1.1: day, month, year and time of day, in any order, between anything.
std::optional<std::chrono::sys_seconds> cookieDate(std::string_view text)
{
    constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
    std::optional<int> day;
    std::optional<int> month;
    std::optional<int> year;
    std::optional<std::chrono::seconds> time;
    const auto isDelimiter = [](char c) {
        const char l = websocket::lower(c);
        return !(l >= 'a' && l <= 'z') && !(c >= '0' && c <= '9') && c != ':';
    };
    for (std::size_t at = 0; at < text.size();) {
        if (isDelimiter(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && !isDelimiter(text[end]))
            ++end;
        const std::string token = websocket::lowered(text.substr(at, end - at));
        at = end;
        if (const std::size_t colon = token.find(':'); colon != std::string::npos) {
            const std::size_t second = token.find(':', colon + 1);
            const auto hours = digits(std::string_view(token).substr(0, colon), 2);
            const auto minutes =
                second == std::string::npos
                    ? std::nullopt
                    : digits(std::string_view(token).substr(colon + 1, second - colon - 1), 2);
            const auto seconds = second == std::string::npos
                                     ? std::nullopt
                                     : digits(std::string_view(token).substr(second + 1), 2);
            if (!time && hours && minutes && seconds)
                time = std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
                       std::chrono::seconds(*seconds);
        } else if (const auto number = digits(token, 4)) {
            if (!day && token.size() <= 2)
                day = number;
            else if (!year)
                year = *number < 70 ? *number + 2000 : *number < 100 ? *number + 1900 : *number;
        } else if (!month && token.size() >= 3) {
            const std::size_t found = kMonths.find(token.substr(0, 3));
            if (found != std::string_view::npos && found % 3 == 0)
                month = static_cast<int>(found / 3) + 1;
        }
    }
    if (!day || !month || !year || !time)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok())
        return std::nullopt;
    return std::chrono::sys_days(date) + *time;
}

/// What a cookie's attributes say of its end. Max-Age counts before Expires (RFC 6265 §5.3).
bool isOver(std::string_view attributes, std::chrono::system_clock::time_point now)
{
    std::optional<bool> byAge;
    std::optional<bool> byDate;
    while (!attributes.empty()) {
        const std::size_t end = std::min(attributes.find(';'), attributes.size());
        const std::string_view attribute = attributes.substr(0, end);
        attributes.remove_prefix(std::min(end + 1, attributes.size()));
        const std::size_t equals = std::min(attribute.find('='), attribute.size());
        const std::string name = websocket::lowered(trimmed(attribute.substr(0, equals)));
        const std::string_view value =
            equals < attribute.size() ? trimmed(attribute.substr(equals + 1)) : std::string_view{};
        if (name == "max-age" && !value.empty()) {
            const bool isNumber = std::all_of(value.begin() + (value.front() == '-' ? 1 : 0), value.end(),
                                              [](char c) { return c >= '0' && c <= '9'; });
            if (isNumber)
                byAge = value.front() == '-' || value.find_first_not_of('0') == std::string_view::npos;
        } else if (name == "expires") {
            if (const auto date = cookieDate(value))
                byDate = *date <= now;
        }
    }
    return byAge.value_or(byDate.value_or(false));
}

} // namespace

void CookieJar::take(std::string_view setCookie, std::chrono::system_clock::time_point now)
{
    const std::size_t end = std::min(setCookie.find(';'), setCookie.size());
    const std::string_view pair = setCookie.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos)
        return;
    const std::string_view name = trimmed(pair.substr(0, equals));
    const std::string_view value = trimmed(pair.substr(equals + 1));
    if (name.empty() || name.size() + value.size() > kMostBytes ||
        !websocket::isValidField({"Cookie", std::string(name) + "=" + std::string(value)}))
        return;
    const auto known = std::find_if(m_cookies.begin(), m_cookies.end(),
                                    [name](const auto &each) { return each.first == name; });
    if (isOver(setCookie.substr(std::min(end + 1, setCookie.size())), now)) {
        if (known != m_cookies.end())
            m_cookies.erase(known);
    } else if (known != m_cookies.end()) {
        known->second = value;
    } else if (m_cookies.size() < kMost) {
        m_cookies.emplace_back(name, value);
    }
}

std::string CookieJar::field() const
{
    std::string text;
    for (const auto &[name, value] : m_cookies)
        text.append(text.empty() ? "" : "; ").append(name).append("=").append(value);
    return text;
}

} // namespace parlor::cli::load
