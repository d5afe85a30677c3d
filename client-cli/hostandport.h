// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parlor::cli {

/// Where to listen.
struct HostAndPort
{
    std::string host; ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;
    bool operator==(const HostAndPort &) const = default;
};

/// HOST:PORT, as 127.0.0.1:8009, [::1]:8009 or localhost:0; nullopt: it is none.
[[nodiscard]] inline std::optional<HostAndPort> parseHostAndPort(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const bool isBracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (isBracketed)
        host = host.substr(1, host.size() - 2);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (host.empty() || (!isBracketed && host.find_first_of("[]:") != std::string_view::npos) ||
        error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return HostAndPort{std::string(host), port};
}

} // namespace parlor::cli
