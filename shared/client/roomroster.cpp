// SPDX-License-Identifier: MIT
#include "shared/client/roomroster.h"

#include <utility>

namespace parlor {

void RoomRoster::reset(const QList<RoomMember> &members, quint64 count)
{
    m_members.clear();
    apply(members, {}, count);
}

PresenceChange RoomRoster::apply(const QList<RoomMember> &joined, const QList<QString> &leftIds,
                                 quint64 count)
{
    PresenceChange change;
    change.count = count;
    m_count = count;
    for (const QString &id : leftIds) {
        const auto it = m_members.constFind(id);
        if (it == m_members.cend())
            continue;
        change.left.append(*it);
        m_members.erase(it);
    }
    for (const RoomMember &each : joined) {
        const bool known = m_members.contains(each.id);
        if (!known && m_members.size() >= m_cap)
            continue;
        if (!known)
            change.joined.append(each);
        m_members.insert(each.id, each);
    }
    return change;
}

std::optional<RoomMember> RoomRoster::rename(const QString &id, const QString &username)
{
    const auto it = m_members.find(id);
    if (it == m_members.end())
        return std::nullopt;
    RoomMember before = *it;
    it->username = username;
    return before;
}

} // namespace parlor
