// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace parlor {

/// Who may do something in a room: those of this role and of higher ones.
enum class LeastRole : std::uint8_t { Member, Moderator, Admin, Nobody };

/// What people may do in the rooms whose name is like `pattern`, in which * stands for any characters.
struct RoomRule
{
    std::string pattern;
    LeastRole read = LeastRole::Member;  ///< enter it, and read there
    LeastRole write = LeastRole::Member; ///< say something
    LeastRole make = LeastRole::Member;  ///< enter one that nobody is in, and in which nothing was ever said
    bool operator==(const RoomRule &) const = default;
};

/// `PATTERN read=ROLE write=ROLE make=ROLE`; what is left out is for all. The error is for people.
[[nodiscard]] Result<RoomRule> parseRoomRule(std::string_view text);
[[nodiscard]] std::string roomRuleText(const RoomRule &rule);

} // namespace parlor
