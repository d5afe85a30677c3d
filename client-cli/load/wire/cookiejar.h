// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parlor::cli::load {

/// The cookies of one user, for one server (RFC 6265): a load balancer that keeps a user on a server knows it
/// by them. Names and values only: there is one host and one path. Bounded: what is too much is not taken.
class CookieJar
{
public:
    static constexpr std::size_t kMost = 32;
    static constexpr std::size_t kMostBytes = 4096; ///< of a name and its value

    /// `setCookie`: the value of a Set-Cookie field. One with a time that is over takes the cookie out.
    void take(std::string_view setCookie, std::chrono::system_clock::time_point now);
    /// The value of the Cookie field; empty: there are none.
    [[nodiscard]] std::string field() const;

private:
    std::vector<std::pair<std::string, std::string>> m_cookies;
};

} // namespace parlor::cli::load
