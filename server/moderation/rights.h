// SPDX-License-Identifier: MIT
#pragma once

#include "server/moderation/roompolicies.h"
#include "server/moderation/sanctions.h"

#include <optional>
#include <string>
#include <vector>

namespace parlor {

/// Somebody who wants to do something.
struct Person
{
    const std::string &user;
    Role role = Role::Member;
    const std::vector<std::string> *rooms = nullptr; ///< patterns of a token; null or empty: all rooms
};

/// nullopt: they may, by their token, by the policy, and, if they write, by what moderators imposed. Else
/// `forbidden`, for people. `now`: since 1970.
[[nodiscard]] std::optional<Error> whyNot(RoomPolicies::Deed deed, const std::string &room,
                                          const Person &person, const RoomPolicies &policies,
                                          const Sanctions &sanctions, std::chrono::milliseconds now);

} // namespace parlor
