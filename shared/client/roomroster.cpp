// SPDX-License-Identifier: MIT
#include "shared/client/roomroster.h"

#include "shared/client/personname.h"

#include <utility>

namespace parlor {

void RoomRoster::reset(const QList<RoomMember> &members, quint64 count)
{
    m_members.clear();
    m_names.clear();
    m_namesakes.clear();
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
        removeName(it->username);
        m_members.erase(it);
    }
    for (const RoomMember &each : joined) {
        const bool known = m_members.contains(each.id);
        if (!known && m_members.size() >= m_cap)
            continue;
        if (!known)
            change.joined.append(each);
        insert(each);
    }
    return change;
}

std::optional<RoomMember> RoomRoster::rename(const QString &id, const QString &username)
{
    const auto it = m_members.find(id);
    if (it == m_members.end())
        return std::nullopt;
    RoomMember before = *it;
    removeName(before.username);
    it->username = username;
    addName(username);
    return before;
}

void RoomRoster::insert(const RoomMember &member)
{
    if (const auto before = m_members.constFind(member.id); before != m_members.cend())
        removeName(before->username);
    m_members.insert(member.id, member);
    addName(member.username);
}

void RoomRoster::addName(const QString &username)
{
    const QString name = personName(username);
    if (++m_names[name] == 2)
        m_namesakes.insert(name);
}

void RoomRoster::removeName(const QString &username)
{
    const QString name = personName(username);
    const auto it = m_names.find(name);
    if (--*it == 1)
        m_namesakes.remove(name);
    else if (*it == 0)
        m_names.erase(it);
}

} // namespace parlor
