// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::admin {

/// What `parlor-cli admin` was asked to do, as typed.
struct AdminOptions
{
    std::string command;
    std::vector<std::string> arguments{};
    std::string server = "http://127.0.0.1:8001";
    std::string keyFile{};
    std::string caFile{};
    std::optional<std::string> reason{};
    std::optional<std::string> network{};
    std::optional<std::string> room{};
    std::optional<std::string> cid{};
    std::optional<std::int64_t> duration{}; ///< milliseconds
    std::optional<std::int64_t> within{};   ///< milliseconds
    std::string prefix{};
    std::optional<std::uint64_t> before{};
    std::optional<std::uint64_t> limit{};
    bool now = false;
    bool dryRun = false;
    bool json = false;
};

} // namespace parlor::cli::admin
