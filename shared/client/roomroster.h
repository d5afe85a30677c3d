// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QHash>
#include <QSet>

namespace parlor {

/// Who is in a room, as far as the server told.
class RoomRoster
{
public:
    /// `cap`: members kept; the count goes on.
    explicit RoomRoster(qsizetype cap = 10'000)
        : m_cap(cap)
    {
    }

    void reset(const QList<RoomMember> &members, quint64 count);
    /// Returns only changes of members that are kept: nobody is told to have left who was never listed.
    PresenceChange apply(const QList<RoomMember> &joined, const QList<QString> &leftIds, quint64 count);
    /// The member as it was before; nullopt if it is not known.
    std::optional<RoomMember> rename(const QString &id, const QString &username);

    [[nodiscard]] QList<RoomMember> members() const { return m_members.values(); }
    [[nodiscard]] quint64 count() const { return m_count; }
    /// Names, as clients show them, that several of the members have.
    [[nodiscard]] const QSet<QString> &namesakes() const { return m_namesakes; }

private:
    void insert(const RoomMember &member);
    void addName(const QString &username);
    void removeName(const QString &username);

    qsizetype m_cap;
    QHash<QString, RoomMember> m_members;
    QHash<QString, qsizetype> m_names; ///< members that have it
    QSet<QString> m_namesakes;
    quint64 m_count = 0;
};

} // namespace parlor
