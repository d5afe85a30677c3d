// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QAbstractListModel>
#include <QCollator>
#include <QSet>

#include <vector>

namespace parlor::gui {

/// Who is in one room, by name; of very many the first. Owned by JoinedRooms.
class MemberListModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        IdRole = Qt::UserRole, ///< of the session
        UserRole,              ///< who is behind it
        HueRole,               ///< hueKey()
        NameRole,
        SelfRole, ///< bool: that is us
    };
    Q_ENUM(Role)

    explicit MemberListModel(QObject *parent = nullptr);

    void setSelf(const QString &clientId);
    /// Names that several members have.
    void setNamesakes(const QSet<QString> &names);
    void reset(const QList<RoomMember> &members, quint64 count);
    /// Takes time in proportion to the members, not to the members times the changes.
    void apply(const PresenceChange &change);
    /// We are not in the room any more: who is there is not known.
    void setUnknown();
    void rename(const QString &id, const QString &username);

    /// Whether the server told who is there.
    [[nodiscard]] bool isKnown() const { return m_known; }
    /// May be more than are listed: the server names a thousand at first, and we list kMaxRows.
    [[nodiscard]] quint64 count() const { return m_count; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    /// The count changed, or whether it is known.
    void countChanged(quint64 count);

private:
    static constexpr int kMaxRows = 10'000;

    struct Member
    {
        RoomMember who;
        QString shown;        ///< the name, as it is drawn
        QCollatorSortKey key; ///< of it, in lower case: the C locale knows no other way
    };
    using Members = std::vector<Member>;
    [[nodiscard]] Member made(const RoomMember &member) const;
    [[nodiscard]] static bool before(const Member &one, const Member &other);
    [[nodiscard]] Members::iterator find(const QString &id);
    void insert(Member member);
    void remove(int row);
    void merge(Members joined, const QSet<QString> &gone);
    void setCount(quint64 count);

    QCollator m_collator;
    QString m_self;
    QSet<QString> m_namesakes;
    Members m_members; ///< sorted; the first kMaxRows of them are rows
    quint64 m_count = 0;
    bool m_known = false;
};

} // namespace parlor::gui
