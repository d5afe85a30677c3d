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
    std::string user;       ///< `sub`; never empty
    std::string username{}; ///< a valid one; empty: the token names none, and the client may choose
    Role role = Role::Member;
    std::vector<std::string> rooms{}; ///< patterns, with * for any characters; empty: all rooms
    std::optional<std::chrono::milliseconds> expires{}; ///< since 1970, without leeway
};

/// A token is good for so long after its end: clocks differ, and another one may be on its way.
inline constexpr std::chrono::seconds kTokenLeeway{60};

/// How long a session may go on with a grant that expires; not positive: it has ended. `now`: since 1970.
[[nodiscard]] inline std::chrono::milliseconds timeLeft(const Grant &grant, std::chrono::milliseconds now)
{
    return *grant.expires + kTokenLeeway - now;
}

} // namespace parlor
