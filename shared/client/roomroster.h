// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QHash>

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

private:
    qsizetype m_cap;
    QHash<QString, RoomMember> m_members;
    quint64 m_count = 0;
};

} // namespace parlor
