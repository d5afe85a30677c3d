// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <string>
#include <sys/socket.h>
#include <vector>

namespace parlor::cli::load {

/// Where to connect to: a socket address of IPv4 or IPv6.
struct Address
{
    sockaddr_storage storage{};
    socklen_t size = 0;
};

/// 127.0.0.1:8000, [::1]:8000
[[nodiscard]] std::string toString(const Address &address);

/// All addresses of a host. Asks the system's resolver, and waits for it: before a run.
[[nodiscard]] Result<std::vector<Address>> resolve(const std::string &host, std::uint16_t port);

} // namespace parlor::cli::load
