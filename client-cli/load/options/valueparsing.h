// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What those who read option values have in common. Pure.
namespace parlor::cli::load::parsing {

inline constexpr std::uint32_t kMaxUsers = 1'000'000;

inline std::string quoted(std::string_view text)
{
    return "'" + std::string(text) + "'";
}

inline Error wrong(std::string text)
{
    return {ErrorCode::BadRequest, std::move(text)};
}

/// All of the text is one. nullopt: it is not.
template <typename Number>
std::optional<Number> number(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// The parts of a list, without the blanks around them.
inline std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(separator);
        std::string_view part = text.substr(0, at);
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        part = part.substr(0, part.find_last_not_of(' ') + 1);
        parts.push_back(part);
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

} // namespace parlor::cli::load::parsing
