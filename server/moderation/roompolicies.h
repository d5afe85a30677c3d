// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/grant.h"
#include "server/ops/roomrule.h"

#include <string_view>
#include <utility>
#include <vector>

namespace parlor {

/// Whether `name` is as `pattern` says, in which * stands for any characters, or none.
[[nodiscard]] bool matchesPattern(std::string_view pattern, std::string_view name);

/// What people may do in rooms, by their roles. The first rule that names a room is the one for it; where
/// none does all is allowed.
class RoomPolicies
{
public:
    enum class Deed : std::uint8_t { Read, Write, Make };

    RoomPolicies() = default;
    explicit RoomPolicies(std::vector<RoomRule> rules)
        : m_rules(std::move(rules))
    {
    }
    [[nodiscard]] bool may(Deed deed, std::string_view room, Role role) const;

private:
    std::vector<RoomRule> m_rules;
};

} // namespace parlor
