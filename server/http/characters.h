// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>

/// Character classes and comparisons of HTTP (RFC 9110 §5.6): ASCII only, whatever the locale.
namespace parlor::http {

[[nodiscard]] constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 9110 §5.6.2: what methods and field names are made of.
[[nodiscard]] constexpr bool isTokenCharacter(char c)
{
    return isDigit(c) || isLetter(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// RFC 9110 §5.5: visible, blank, or beyond ASCII; no control character but the tab.
[[nodiscard]] constexpr bool isFieldValueCharacter(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);
}

[[nodiscard]] constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool equalIgnoringCase(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Without the blanks and tabs around it.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

} // namespace parlor::http
