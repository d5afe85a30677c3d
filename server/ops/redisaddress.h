// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <cstdint>
#include <string>

namespace parlor::redis {

/// Where a Redis is, and who we are to it.
struct Address
{
    enum class Kind : std::uint8_t { Tcp, Tls, Unix };
    Kind kind = Kind::Tcp;
    std::string host; ///< a name or an address, without brackets
    std::uint16_t port = 6379;
    std::string path; ///< of the socket, for Unix
    std::string user; ///< empty: the default one
    std::string password;
    unsigned database = 0;

    /// For people: without user and password.
    [[nodiscard]] std::string text() const;
    /// For a configuration: without the password.
    [[nodiscard]] std::string textWithUser() const;
};

/// Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` (TLS) or
/// `unix://[USER:PASSWORD@]/PATH[?db=N]`. The error is for people, and has no password in it.
[[nodiscard]] Result<Address> parseAddress(const std::string &text);

} // namespace parlor::redis
