// SPDX-License-Identifier: MIT
#include "client-cli/timevalue.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace parlor::cli {

namespace {

using namespace std::chrono_literals;

struct TimeUnit
{
    std::string_view name;
    std::chrono::milliseconds length;
};

constexpr std::array<TimeUnit, 5> kTimeUnits{{{"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}, {"d", 24h}}};

} // namespace

std::optional<std::chrono::milliseconds> parseTime(std::string_view text)
{
    std::int64_t number = 0;
    const char *end = text.data() + text.size();
    const auto [unitAt, error] = std::from_chars(text.data(), end, number);
    const auto unit = std::ranges::find(
        kTimeUnits, std::string_view(unitAt, static_cast<std::size_t>(end - unitAt)), &TimeUnit::name);
    if (unitAt == text.data() || unit == kTimeUnits.end())
        return std::nullopt;
    const std::int64_t most = std::chrono::milliseconds::max() / unit->length;
    if (error != std::errc())
        number = text.front() == '-' ? -most : most;
    return std::clamp(number, -most, most) * unit->length;
}

std::optional<std::chrono::milliseconds> parseSlow(std::string_view text)
{
    if (text == "off" || text == "0")
        return 0ms;
    const auto time = parseTime(text);
    return time > 0ms ? time : std::nullopt;
}

QString timeText(std::chrono::milliseconds time)
{
    const auto unit = std::find_if(kTimeUnits.rbegin(), std::prev(kTimeUnits.rend()),
                                   [time](const TimeUnit &each) { return time % each.length == 0ms; });
    return QString::number(time / unit->length) +
           QString::fromUtf8(unit->name.data(), qsizetype(unit->name.size()));
}

} // namespace parlor::cli
