// SPDX-License-Identifier: MIT
#include "server/moderation/rights.h"

#include <algorithm>

namespace parlor {

namespace {

bool isWithin(const std::vector<std::string> *patterns, const std::string &room)
{
    return !patterns || patterns->empty() || std::ranges::any_of(*patterns, [&room](const std::string &each) {
        return matchesPattern(each, room);
    });
}

Error forbidden(std::string text)
{
    return {ErrorCode::Forbidden, std::move(text)};
}

} // namespace

std::optional<Error> whyNot(RoomPolicies::Deed deed, const std::string &room, const Person &person,
                            const RoomPolicies &policies, const Sanctions &sanctions,
                            std::chrono::milliseconds now)
{
    using enum RoomPolicies::Deed;
    if (!isWithin(person.rooms, room))
        return forbidden("your token is not for the room \"" + room + '"');
    if (!policies.may(deed, room, person.role)) {
        const char *const what = deed == Read ? "read" : deed == Write ? "write in" : "make";
        return forbidden(std::string("you may not ") + what + " the room \"" + room + '"');
    }
    if (deed == Write) {
        if (const Sanction *const mute = sanctions.muteOf(person.user, person.role, room, now))
            return forbidden(wording(*mute));
    }
    return std::nullopt;
}

} // namespace parlor
