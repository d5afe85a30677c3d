// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parlor {

/// What somebody may do to others. Each may do what those before it may.
enum class Role : std::uint8_t { Member, Moderator, Admin };

/// Who somebody is, as a token says.
struct Grant
{
    std::string user;          ///< `sub`; never empty
    std::string username{};    ///< a valid one; empty: the token names none, and the client may choose
    Role role = Role::Member;
    std::vector<std::string> rooms{}; ///< patterns, with * for any characters; empty: all rooms
    std::optional<std::chrono::milliseconds> expires{}; ///< since 1970, without leeway
};

} // namespace parlor
