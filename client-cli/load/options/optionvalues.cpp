// SPDX-License-Identifier: MIT
#include "client-cli/load/options/optionvalues.h"

#include "client-cli/load/accounting/marker.h"
#include "client-cli/load/plan/ownrooms.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <array>
#include <charconv>
#include <cmath>

namespace parlor::cli::load {

namespace {

constexpr std::uint32_t kMaxUsers = 1'000'000;
constexpr std::size_t kMaxRooms = 10'000;
constexpr double kMaxRate = 10'000;
constexpr Offset kMaxDuration = std::chrono::hours(24 * 7);

std::string quoted(std::string_view text)
{
    return "'" + std::string(text) + "'";
}

Error wrong(std::string text)
{
    return {ErrorCode::BadRequest, std::move(text)};
}

template <typename Number>
std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

} // namespace

Result<Offset> parseDuration(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
        {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}}};
    const std::size_t unitAt = text.find_first_not_of("0123456789.");
    const auto value = number<double>(text.substr(0, unitAt));
    if (unitAt != std::string_view::npos && value) {
        for (const auto &[name, microseconds] : kUnits) {
            if (text.substr(unitAt) != name)
                continue;
            const double duration = *value * microseconds;
            if (duration > static_cast<double>(kMaxDuration.count()))
                return wrong(quoted(text) + " is longer than a week");
            return Offset(std::llround(duration));
        }
    }
    return wrong(quoted(text) + " is no time; write a number and its unit: 500ms, 30s, 1m, 2h");
}

Result<std::vector<Stage>> parseStages(std::string_view text)
{
    std::vector<Stage> stages;
    Offset total{};
    std::uint32_t peak = 0;
    for (const std::string_view each : split(text, ',')) {
        const std::string place = "stage " + std::to_string(stages.size() + 1) + ", " + quoted(each) + ": ";
        const std::size_t colon = each.find(':');
        if (colon == std::string_view::npos)
            return wrong(place + "it lacks a colon; write DURATION:USERS, as in 30s:50");
        const auto duration = parseDuration(each.substr(0, colon));
        if (!duration)
            return wrong(place + duration.error().text);
        const auto users = number<std::uint32_t>(each.substr(colon + 1));
        if (!users || *users > kMaxUsers) {
            return wrong(place + quoted(each.substr(colon + 1)) + " is no number of users from 0 to " +
                         std::to_string(kMaxUsers));
        }
        stages.push_back({*duration, *users});
        total += *duration;
        peak = std::max(peak, *users);
    }
    if (peak == 0)
        return wrong("no stage has a user");
    if (total == Offset{})
        return wrong("the stages take no time");
    return stages;
}

Result<double> parseRate(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{
        {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"sec", 1}}};
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        const auto value = number<double>(text.substr(0, slash));
        for (const auto &[name, seconds] : kUnits) {
            if (!value || text.substr(slash + 1) != name)
                continue;
            if (!(*value >= 0) || *value / seconds > kMaxRate)
                return wrong(quoted(text) + " is out of range: a user may send 0 to 10000 messages a second");
            return *value / seconds;
        }
    }
    return wrong(quoted(text) + " is no rate; write the messages of a user and the time: 0.5/s, 30/m, 100/h");
}

Result<std::vector<std::string>> parseRooms(std::string_view text)
{
    std::vector<std::string> rooms;
    if (const auto count = number<std::size_t>(text)) {
        if (*count < 1 || *count > kMaxRooms)
            return wrong(quoted(text) + " is out of range: 1 to " + std::to_string(kMaxRooms) + " rooms");
        for (std::size_t i = 1; i <= *count; ++i)
            rooms.push_back(ownRoom(i));
        return rooms;
    }
    for (const std::string_view each : split(text, ',')) {
        auto room = values::roomName(each);
        if (!room)
            return wrong(quoted(each) + ": " + room.error().text);
        for (const std::string &other : rooms) {
            if (other == *room)
                return wrong("the room " + quoted(each) + " is there twice");
        }
        rooms.push_back(std::move(*room));
    }
    if (rooms.size() > kMaxRooms)
        return wrong("more than " + std::to_string(kMaxRooms) + " rooms");
    return rooms;
}

Result<SizeRange> parseSize(std::string_view text, DialectName dialect)
{
    const std::size_t dash = text.find('-');
    const auto least = number<std::size_t>(text.substr(0, dash));
    const auto most = dash == std::string_view::npos ? least : number<std::size_t>(text.substr(dash + 1));
    if (!least || !most)
        return wrong(quoted(text) + " is no size; write bytes, or a range of them: 128, 64-1024");
    const std::size_t largest =
        dialect == DialectName::V2 ? limits::kContentCodePoints : Marker::kMaxContentBytes;
    if (*least < Marker::kBytes || *most > largest || *least > *most) {
        return wrong(quoted(text) + " is out of range: a content has " + std::to_string(Marker::kBytes) +
                     " (what a run must write into it) to " + std::to_string(largest) + " bytes");
    }
    return SizeRange{*least, *most};
}

} // namespace parlor::cli::load
