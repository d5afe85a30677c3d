// SPDX-License-Identifier: MIT
#include "client-cli/sink/sinkvalues.h"

#include "client-cli/timevalue.h"

#include <charconv>
#include <optional>

namespace parlor::cli::sink {

namespace {

constexpr std::chrono::hours kLongest{24};

template <typename Number>
std::optional<Number> numberIn(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

Error mistake(std::string_view text, std::string_view why)
{
    return {ErrorCode::BadRequest, "'" + std::string(text) + "' " + std::string(why)};
}

} // namespace

Result<double> parseShare(std::string_view text)
{
    const bool isPercent = text.ends_with('%');
    const auto number = numberIn<double>(isPercent ? text.substr(0, text.size() - 1) : text);
    if (!number)
        return mistake(text, "is no part of the deliveries; write 0.1% or 0.001");
    const double share = isPercent ? *number / 100 : *number;
    if (!(share >= 0 && share <= 1)) // NaN, too
        return mistake(text, "is no part of the deliveries: it must be from 0 to 100%");
    return share;
}

Result<Stall> parseStall(std::string_view text)
{
    const std::size_t at = text.find('@');
    const auto length = parseTime(text.substr(0, at));
    const auto begin = at == std::string_view::npos ? std::nullopt : parseTime(text.substr(at + 1));
    if (!length || !begin)
        return mistake(text,
                       "is no stall; write how long and when, counted from the first connection: 2s@30s");
    if (length->count() <= 0 || begin->count() < 0 || *length > kLongest || *begin > kLongest)
        return mistake(text, "is no stall: it must last, and both times are 24h at most");
    return Stall{*length, *begin};
}

Result<PlannedFault> parsePlannedFault(std::string_view text)
{
    const std::size_t at = text.find('@');
    const std::size_t colon = text.find(':', at == std::string_view::npos ? text.size() : at);
    if (at != std::string_view::npos && colon != std::string_view::npos) {
        const auto seq = numberIn<std::uint64_t>(text.substr(at + 1, colon - at - 1));
        const auto receiver = numberIn<std::uint32_t>(text.substr(colon + 1));
        for (std::size_t i = 0; i < kFaults && seq && receiver && *seq > 0 && *receiver > 0; ++i) {
            if (text.substr(0, at) == toString(static_cast<Fault>(i)))
                return PlannedFault{static_cast<Fault>(i), *seq, *receiver};
        }
    }
    return mistake(text,
                   "is no fault; write KIND@MESSAGE:RECEIVER, both numbers counted from 1 in each room: "
                   "drop@5:1. A KIND is drop, double, reorder or corrupt");
}

Result<std::chrono::milliseconds> parseSinkTime(std::string_view text)
{
    const auto time = parseTime(text);
    if (!time || time->count() < 0 || *time > std::chrono::hours(1))
        return mistake(text, "is no time from 0s to 1h; write a number and its unit: 50ms, 2s");
    return *time;
}

Result<std::uint64_t> parseSeed(std::string_view text)
{
    const auto seed = numberIn<std::uint64_t>(text);
    if (!seed)
        return mistake(text, "is no seed; write a whole number from 0 to 18446744073709551615");
    return *seed;
}

Result<HostAndPort> parseListen(std::string_view text)
{
    auto place = parseHostAndPort(text);
    if (!place)
        return mistake(text, "is no address to listen on; write HOST:PORT, as 127.0.0.1:8009 or [::1]:8009");
    return *std::move(place);
}

} // namespace parlor::cli::sink
