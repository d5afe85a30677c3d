// SPDX-License-Identifier: MIT
// Of optionvalues.h what is about time: durations, rates, stages.
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/options/valueparsing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace parlor::cli::load {

using namespace parsing;

namespace {

constexpr double kMaxRate = 10'000;
constexpr double kMaxArrivalRate = 100'000;
constexpr Offset kMaxDuration = std::chrono::hours(24 * 7);

/// A number, a slash and a unit of time; a second's part of it. nullopt: it is none.
std::optional<double> perSecond(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{
        {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"sec", 1}}};
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto value = number<double>(text.substr(0, slash));
    for (const auto &[name, seconds] : kUnits) {
        if (value && text.substr(slash + 1) == name)
            return *value / seconds;
    }
    return std::nullopt;
}

/// What one part of a list of stages says before and after its colon.
template <typename Stages, typename Add>
Result<Stages> listOfStages(std::string_view text, std::string_view example, Add add)
{
    Stages stages;
    Offset total{};
    for (const std::string_view each : split(text, ',')) {
        const std::string place = "stage " + std::to_string(stages.size() + 1) + ", " + quoted(each) + ": ";
        const std::size_t colon = each.find(':');
        if (colon == std::string_view::npos)
            return wrong(place + "it lacks a colon; write " + std::string(example));
        const auto duration = parseDuration(each.substr(0, colon));
        if (!duration)
            return wrong(place + duration.error().text);
        if (const Result<void> added = add(stages, *duration, each.substr(colon + 1)); !added)
            return wrong(place + added.error().text);
        total += *duration;
        if (total > kMaxDuration)
            return wrong(place + "with it the stages take more than a week");
    }
    if (total == Offset{})
        return wrong("the stages take no time");
    return stages;
}

} // namespace

Result<Offset> parseDuration(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
        {{"h", 3600e6}, {"m", 60e6}, {"s", 1e6}, {"ms", 1e3}}};
    constexpr std::string_view kNumber = "0123456789.";
    const Error noTime =
        wrong(quoted(text) + " is no time; write a number and its unit, the largest unit first: 500ms, "
                             "30s, 1m30s, 2h");
    double duration = 0;
    const auto *left = kUnits.begin(); // the units that may still come
    std::string_view rest = text;
    do {
        const std::size_t unitAt = std::min(rest.find_first_not_of(kNumber), rest.size());
        const std::size_t end = std::min(rest.find_first_of(kNumber, unitAt), rest.size());
        const auto value = number<double>(rest.substr(0, unitAt));
        const std::string_view unit = rest.substr(unitAt, end - unitAt);
        const auto *const found =
            std::find_if(left, kUnits.end(), [unit](const auto &each) { return each.first == unit; });
        if (!value || found == kUnits.end())
            return noTime;
        duration += *value * found->second;
        left = std::next(found);
        rest.remove_prefix(end);
    } while (!rest.empty());
    if (duration > static_cast<double>(kMaxDuration.count()))
        return wrong(quoted(text) + " is longer than a week");
    return Offset(std::llround(duration));
}

Result<Lasting> parseLasting(std::string_view text)
{
    constexpr std::string_view kExponential = "exp:";
    if (text == "0")
        return Lasting{};
    const bool isExponential = text.starts_with(kExponential);
    const auto mean = parseDuration(isExponential ? text.substr(kExponential.size()) : text);
    if (!mean)
        return wrong(quoted(text) + " is no time; write 0, a number and its unit, or exp: before it for " +
                     "times that are distributed exponentially: 500ms, 30s, exp:2s");
    return Lasting{*mean, isExponential && *mean != Offset{}};
}

Result<std::uint32_t> parseUsers(std::string_view text)
{
    const auto users = number<std::uint32_t>(text);
    if (!users || *users > kMaxUsers)
        return wrong(quoted(text) + " is no number of users from 0 to " + std::to_string(kMaxUsers));
    return *users;
}

Result<std::vector<Stage>> parseStages(std::string_view text)
{
    std::uint32_t peak = 0;
    auto stages = listOfStages<std::vector<Stage>>(
        text, "DURATION:USERS, as in 30s:50",
        [&peak](std::vector<Stage> &all, Offset duration, std::string_view count) -> Result<void> {
            const auto users = parseUsers(count);
            if (!users)
                return users.error();
            all.push_back({duration, *users});
            peak = std::max(peak, *users);
            return {};
        });
    if (stages && peak == 0)
        return wrong("no stage has a user");
    return stages;
}

Result<double> parseArrivalRate(std::string_view text)
{
    const auto rate = perSecond(text);
    if (!rate)
        return wrong(quoted(text) +
                     " is no rate; write how many users come, and the time: 20/s, 90/m, 1000/h");
    if (!(*rate >= 0) || *rate > kMaxArrivalRate)
        return wrong(quoted(text) + " is out of range: 0 to 100000 users may come a second");
    return *rate;
}

Result<std::vector<ArrivalStage>> parseArrivals(std::string_view text)
{
    double peak = 0;
    if (text.find_first_of(":,") == std::string_view::npos) {
        const auto rate = parseArrivalRate(text);
        if (!rate)
            return rate.error();
        if (*rate == 0)
            return wrong(quoted(text) + ": nobody ever comes");
        return std::vector<ArrivalStage>{{.perSecond = *rate}};
    }
    auto stages = listOfStages<std::vector<ArrivalStage>>(
        text, "DURATION:RATE, as in 30s:20/s",
        [&peak](std::vector<ArrivalStage> &all, Offset duration, std::string_view often) -> Result<void> {
            const auto rate = parseArrivalRate(often);
            if (!rate)
                return rate.error();
            all.push_back({.duration = duration, .perSecond = *rate});
            peak = std::max(peak, *rate);
            return {};
        });
    if (stages && peak == 0)
        return wrong("nobody ever comes");
    return stages;
}

Result<double> parseRate(std::string_view text)
{
    const auto rate = perSecond(text);
    if (!rate)
        return wrong(quoted(text) +
                     " is no rate; write the messages of a user and the time: 0.5/s, 30/m, 100/h");
    if (!(*rate >= 0) || *rate > kMaxRate)
        return wrong(quoted(text) + " is out of range: a user may send 0 to 10000 messages a second");
    return *rate;
}

Result<double> parseConnectRate(std::string_view text)
{
    if (text == "0")
        return 0.0;
    const auto rate = perSecond(text);
    if (!rate)
        return wrong(quoted(text) + " is no rate; write connections and the time, 200/s, or 0 for no bound");
    if (!(*rate > 0) || *rate > kMaxArrivalRate)
        return wrong(quoted(text) + " is out of range: more than 0 to 100000 connections a second");
    return *rate;
}

} // namespace parlor::cli::load
