// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace parlor::cli::load {

/// The server, as its URL names it.
struct Target
{
    std::string url; ///< for people
    std::string host;
    std::uint16_t port = 80;
    std::string authority;    ///< the request's Host
    std::string path = "/ws"; ///< with the query
    std::string token{};      ///< of everybody, for the upgrade; empty: none
};

} // namespace parlor::cli::load
