// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QAbstractListModel>
#include <QCollator>

#include <vector>

namespace parlor::gui {

/// Who is in one room, by name. Owned by ChatController.
class MemberListModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        IdRole = Qt::UserRole, ///< of the session
        UserRole,              ///< who is behind it
        NameRole,
        SelfRole, ///< bool: that is us
    };
    Q_ENUM(Role)

    explicit MemberListModel(QObject *parent = nullptr);

    void setSelf(const QString &clientId);
    void reset(const QList<RoomMember> &members, quint64 count);
    void apply(const PresenceChange &change);
    void rename(const QString &id, const QString &username);

    /// May be more than are listed: the server names a thousand.
    [[nodiscard]] quint64 count() const { return m_count; }
    [[nodiscard]] QStringList names() const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    void countChanged(quint64 count);

private:
    [[nodiscard]] bool before(const RoomMember &one, const RoomMember &other) const;
    [[nodiscard]] int rowOf(const QString &id) const;
    void insert(const RoomMember &member);
    void remove(int row);
    void setCount(quint64 count);

    QCollator m_collator;
    QString m_self;
    std::vector<RoomMember> m_members; ///< sorted
    quint64 m_count = 0;
};

} // namespace parlor::gui
