// SPDX-License-Identifier: MIT
#include "client-cli/load/options/optionvalues.h"

#include "client-cli/load/accounting/marker.h"
#include "client-cli/load/options/valueparsing.h"
#include "client-cli/load/plan/ownrooms.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace parlor::cli::load {

using namespace parsing;

namespace {

constexpr std::size_t kMaxRooms = 10'000;

/// "fixed, poisson or closed"
template <typename Choices>
std::string namesOf(const Choices &choices)
{
    std::string names;
    for (std::size_t i = 0; i < choices.size(); ++i)
        names += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + std::string(choices[i].first);
    return names;
}

template <typename Value, std::size_t N>
Result<Value> choice(std::string_view text, const std::array<std::pair<std::string_view, Value>, N> &choices)
{
    for (const auto &[name, value] : choices) {
        if (text == name)
            return value;
    }
    return wrong(quoted(text) + " is none of the choices: " + namesOf(choices));
}

bool isNameCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

} // namespace

Result<Pace> parsePace(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, Pace>, 3> kPaces{
        {{"fixed", Pace::Fixed}, {"poisson", Pace::Poisson}, {"closed", Pace::Closed}}};
    return choice(text, kPaces);
}

Result<Senders> parseSenders(std::string_view text)
{
    if (text == "all")
        return Senders{};
    if (text.ends_with('%')) {
        const auto percent = number<double>(text.substr(0, text.size() - 1));
        if (percent && *percent > 0 && *percent <= 100)
            return Senders{.share = *percent / 100};
    } else if (const auto count = number<std::uint32_t>(text); count && *count > 0 && *count <= kMaxUsers) {
        return Senders{.count = *count};
    }
    return wrong(quoted(text) + " says not who speaks; write all, a number of users or a part of them: 20, " +
                 "10%; where nobody speaks, the rate is 0/s");
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
    // Nobody means a room's name with it.
    const std::string_view unsignedText = text.substr(text.starts_with('+') ? 1 : 0);
    if (!text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) == 0 &&
        number<double>(unsignedText))
        return wrong(quoted(text) + " is no number of rooms from 1 to " + std::to_string(kMaxRooms));
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

Result<double> parseZipf(std::string_view text)
{
    constexpr double kMost = 10;
    const auto exponent = number<double>(text);
    if (!exponent || !(*exponent >= 0) || *exponent > kMost)
        return wrong(quoted(text) + " is no exponent from 0 (rooms of one size) to 10; 1 is usual");
    return *exponent;
}

Result<SizeRange> parseSize(std::string_view text)
{
    const std::size_t dash = text.find('-');
    const auto least = number<std::size_t>(text.substr(0, dash));
    const auto most = dash == std::string_view::npos ? least : number<std::size_t>(text.substr(dash + 1));
    if (!least || !most)
        return wrong(quoted(text) + " is no size; write bytes, or a range of them: 128, 64-1024");
    if (*least > *most)
        return wrong("the range " + quoted(text) + " is upside down; write the smaller number first");
    return SizeRange{*least, *most};
}

Result<void> checkSize(SizeRange size, DialectName dialect)
{
    const std::size_t largest =
        dialect == DialectName::V2 ? limits::kContentCodePoints : Marker::kMaxContentBytes;
    if (size.least >= Marker::kBytes && size.most <= largest)
        return {};
    const std::string text =
        std::to_string(size.least) + (size.least == size.most ? "" : "-" + std::to_string(size.most));
    return wrong(parsing::quoted(text) + " is out of range: a content has " + std::to_string(Marker::kBytes) +
                 " (what a run must write into it) to " + std::to_string(largest) + " bytes");
}

Result<DialectName> parseDialect(std::string_view text)
{
    if (text == "v1")
        return DialectName::V1;
    if (text == "v2")
        return DialectName::V2;
    return wrong(quoted(text) + " is neither v1 nor v2");
}

Result<Reconnect> parseReconnect(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, Reconnect>, 2> kWays{
        {{"backoff", Reconnect::Backoff}, {"none", Reconnect::None}}};
    return choice(text, kWays);
}

Result<std::pair<Verify, std::uint32_t>> parseVerify(std::string_view text)
{
    constexpr std::string_view kSample = "sample:";
    constexpr std::uint32_t kMostSample = 100'000;
    constexpr std::array<std::pair<std::string_view, Verify>, 4> kWays{{{"full", Verify::Full},
                                                                        {"sample:N", Verify::Sample},
                                                                        {"count", Verify::Count},
                                                                        {"off", Verify::Off}}};
    if (text.starts_with(kSample)) {
        const auto every = number<std::uint32_t>(text.substr(kSample.size()));
        if (every && *every >= 1 && *every <= kMostSample)
            return std::pair(Verify::Sample, *every);
        return wrong(quoted(text) + " is out of range: one receiver in N is verified, from sample:1 to " +
                     "sample:" + std::to_string(kMostSample));
    }
    const auto way = choice(text, kWays);
    if (!way)
        return way.error();
    if (*way == Verify::Sample)
        return wrong(quoted(text) + " lacks a number: sample:10 verifies one receiver in ten");
    return std::pair(*way, 1U);
}

Result<std::uint64_t> parseWhole(std::string_view text, std::uint64_t least, std::uint64_t most,
                                 std::string_view what)
{
    const auto value = number<std::uint64_t>(text);
    if (value && *value >= least && *value <= most)
        return *value;
    return wrong(quoted(text) + " is no number of " + std::string(what) + " from " + std::to_string(least) +
                 " to " + std::to_string(most));
}

Result<std::uint32_t> parseThreads(std::string_view text)
{
    constexpr std::uint64_t kMost = 64;
    if (text == "auto")
        return 0U;
    const auto threads = number<std::uint32_t>(text);
    if (threads && *threads >= 1 && *threads <= kMost)
        return *threads;
    return wrong(quoted(text) + " is no number of threads from 1 to 64, and not auto");
}

Result<double> parseWeight(std::string_view text)
{
    constexpr double kMost = 1e6;
    const auto weight = number<double>(text);
    if (!weight || !(*weight > 0) || *weight > kMost)
        return wrong(quoted(text) + " is no weight; write a number above 0, as 1 or 2.5");
    return *weight;
}

Result<bool> parseBoolean(std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, bool>, 2> kValues{{{"true", true}, {"false", false}}};
    return choice(text, kValues);
}

Result<std::pair<std::string, std::string>> parseTag(std::string_view text)
{
    constexpr std::size_t kMostBytes = 256;
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos)
        return wrong(quoted(text) + " lacks an equals sign; write NAME=VALUE, as in branch=main");
    const std::string_view name = text.substr(0, sign);
    const std::string_view value = text.substr(sign + 1);
    const bool isName = !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
                        !name.starts_with("__") && std::ranges::all_of(name, isNameCharacter);
    if (!isName)
        return wrong(quoted(name) + " is no name of a tag: letters, digits and _, and no digit first");
    if (value.size() > kMostBytes || name.size() > kMostBytes)
        return wrong(quoted(name) + " is too long: a tag's name and its value have 256 bytes at most");
    if (std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return wrong("the value of " + quoted(name) + " has a control character");
    return std::pair(std::string(name), std::string(value));
}

} // namespace parlor::cli::load
