// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QAbstractListModel>

#include <vector>

namespace parlor::gui {

/// The rooms of the left side: those that we are in, by name, and below them those that the server has
/// besides. Owned by JoinedRooms.
class RoomListModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        NameRole = Qt::UserRole,
        JoinedRole,  ///< bool: we are in it, or want to be
        UnreadRole,  ///< int
        MentionRole, ///< int: unread messages that name us
        MembersRole, ///< quint64: as the server last told
        DraftRole,   ///< bool: something is written there and not sent
    };
    Q_ENUM(Role)

    explicit RoomListModel(QObject *parent = nullptr);

    void setJoined(const QString &room, bool joined);
    void setMembers(const QString &room, quint64 members);
    void setDraft(const QString &room, bool draft);
    void setUnread(const QString &room, quint64 count, int mentions);
    /// What the server has; rooms that are not there any more and that we are not in go away.
    void setDirectory(const QList<RoomSummary> &rooms);

    [[nodiscard]] int rowOf(const QString &room) const; ///< -1: not there
    [[nodiscard]] bool isJoined(const QString &room) const;
    [[nodiscard]] int unread(const QString &room) const;
    [[nodiscard]] int totalUnread() const;
    [[nodiscard]] QStringList joined() const; ///< in the order of the list

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

private:
    struct Room
    {
        QString name;
        bool joined = false;
        int unread = 0;
        int mentions = 0;
        quint64 members = 0;
        bool draft = false;
    };
    [[nodiscard]] static bool before(const Room &one, const Room &other);
    [[nodiscard]] int placeFor(const Room &room) const;
    void insert(Room room);
    void remove(int row);
    void changed(int row);
    [[nodiscard]] Room *find(const QString &room);

    std::vector<Room> m_rooms; ///< sorted
};

} // namespace parlor::gui
