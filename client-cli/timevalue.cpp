// SPDX-License-Identifier: MIT
#include "client-cli/timevalue.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace parlor::cli {

namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}}};

std::string toMilliseconds(std::string &text, std::chrono::milliseconds most)
{
    const auto wrong = [&text](const std::string &what) {
        return "'" + text + "' " + what + "; write a number with its unit: 500ms, 5s, 2m";
    };
    std::int64_t number = 0;
    const char *end = text.data() + text.size();
    const auto [unitAt, error] = std::from_chars(text.data(), end, number);
    if (unitAt == text.data())
        return wrong("is no time");
    if (unitAt == end)
        return wrong("has no unit");
    for (const auto &[name, milliseconds] : kUnits) {
        if (std::string_view(unitAt, static_cast<std::size_t>(end - unitAt)) != name)
            continue;
        if (error != std::errc() || number < 1 || number > most.count() / milliseconds)
            return "'" + text + "' is out of range: 1ms to " + std::to_string(most.count() / 60'000) + 'm';
        text = std::to_string(number * milliseconds);
        return {};
    }
    return wrong("is no time");
}

} // namespace

CLI::Validator timeInMilliseconds(std::chrono::minutes most)
{
    return {[most](std::string &text) { return toMilliseconds(text, most); }, std::string(),
            std::string("time")};
}

} // namespace parlor::cli
