// SPDX-License-Identifier: MIT
#include "server/moderation/roompolicies.h"

#include <algorithm>

namespace parlor {

/// Goes back to the last star only: the time is the product of the lengths at most.
bool matchesPattern(std::string_view pattern, std::string_view name)
{
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string_view::npos;
    std::size_t afterStar = 0; ///< what the star does not stand for
    while (in < name.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            afterStar = in;
        } else if (at < pattern.size() && pattern[at] == name[in]) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++afterStar;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool RoomPolicies::may(Deed deed, std::string_view room, Role role) const
{
    const auto rule = std::ranges::find_if(
        m_rules, [room](const RoomRule &each) { return matchesPattern(each.pattern, room); });
    if (rule == m_rules.end())
        return true;
    const LeastRole least = deed == Deed::Read ? rule->read : deed == Deed::Write ? rule->write : rule->make;
    return static_cast<int>(role) >= static_cast<int>(least);
}

} // namespace parlor
