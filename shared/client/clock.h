// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>

namespace parlor {

/// No timer of the client's runs longer, whatever a server asks for.
constexpr std::chrono::milliseconds kLongestWait{5 * 60'000};

/// Where the client reads the time. A test brings its own.
struct Clock
{
    /// Since 1970; for what outlives a run: the age of a message.
    std::function<std::chrono::milliseconds()> wall = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now().time_since_epoch());
    };
    /// Never goes back; for differences.
    std::function<std::chrono::milliseconds()> steady = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    };
};

} // namespace parlor
