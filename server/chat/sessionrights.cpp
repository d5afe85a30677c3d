// SPDX-License-Identifier: MIT
// What a Session's client may do, and what becomes of it where a moderator said so.
#include "server/chat/session.h"

#include "server/moderation/rights.h"
#include "shared/protocol/values.h"

namespace parlor {

std::optional<Error> Session::whyNot(RoomPolicies::Deed deed, const std::string &room) const
{
    const Person person{m_caller.identity->user(), role(), grant() ? &grant()->rooms : nullptr};
    return parlor::whyNot(deed, room, person, m_context.limits.roomPolicies, *m_context.sanctions,
                          m_context.wallClock());
}

std::chrono::milliseconds Session::intervalIn(const std::string &room) const
{
    return m_context.sanctions->intervalOf(room, role(), m_context.wallClock());
}

const Sanction *Session::banOf(const std::string &user) const
{
    return m_context.sanctions->banOf(m_address, user, role(), m_context.wallClock());
}

const Sanction *Session::muteOf(const std::string &room) const
{
    return m_context.sanctions->muteOf(m_caller.identity->user(), role(), room, m_context.wallClock());
}

} // namespace parlor
