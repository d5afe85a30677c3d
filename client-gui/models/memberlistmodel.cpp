// SPDX-License-Identifier: MIT
#include "client-gui/models/memberlistmodel.h"

#include <QHash>

#include <algorithm>

namespace parlor::gui {

namespace {

/// More changes at once than this, and the list is made anew instead of moved row by row.
constexpr qsizetype kFewChanges = 50;

} // namespace

MemberListModel::MemberListModel(QObject *parent)
    : QAbstractListModel(parent)
{
    m_collator.setCaseSensitivity(Qt::CaseInsensitive);
    m_collator.setNumericMode(true);
}

bool MemberListModel::before(const RoomMember &one, const RoomMember &other) const
{
    const int order = m_collator.compare(one.username, other.username);
    return order != 0 ? order < 0 : one.id < other.id;
}

int MemberListModel::rowOf(const QString &id) const
{
    const auto it = std::ranges::find(m_members, id, &RoomMember::id);
    return it == m_members.end() ? -1 : static_cast<int>(it - m_members.begin());
}

void MemberListModel::setSelf(const QString &clientId)
{
    if (std::exchange(m_self, clientId) != clientId && !m_members.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {SelfRole});
}

void MemberListModel::setCount(quint64 count)
{
    if (std::exchange(m_count, count) != count)
        Q_EMIT countChanged(count);
}

void MemberListModel::reset(const QList<RoomMember> &members, quint64 count)
{
    beginResetModel();
    m_members.assign(members.begin(), members.end());
    std::ranges::sort(m_members, [this](const auto &one, const auto &other) { return before(one, other); });
    endResetModel();
    setCount(count);
}

void MemberListModel::insert(const RoomMember &member)
{
    if (rowOf(member.id) >= 0)
        return;
    const auto place = std::ranges::lower_bound(
        m_members, member, [this](const auto &one, const auto &other) { return before(one, other); });
    const int at = static_cast<int>(place - m_members.begin());
    beginInsertRows({}, at, at);
    m_members.insert(m_members.begin() + at, member);
    endInsertRows();
}

void MemberListModel::remove(int row)
{
    beginRemoveRows({}, row, row);
    m_members.erase(m_members.begin() + row);
    endRemoveRows();
}

void MemberListModel::apply(const PresenceChange &change)
{
    if (change.joined.size() + change.left.size() > kFewChanges) {
        QHash<QString, RoomMember> all;
        for (const RoomMember &each : m_members)
            all.insert(each.id, each);
        for (const RoomMember &each : change.joined)
            all.insert(each.id, each);
        for (const RoomMember &each : change.left)
            all.remove(each.id);
        reset(all.values(), change.count);
        return;
    }
    for (const RoomMember &each : change.left) {
        if (const int row = rowOf(each.id); row >= 0)
            remove(row);
    }
    for (const RoomMember &each : change.joined)
        insert(each);
    setCount(change.count);
}

void MemberListModel::rename(const QString &id, const QString &username)
{
    const int row = rowOf(id);
    if (row < 0)
        return;
    RoomMember member = m_members[static_cast<std::size_t>(row)];
    remove(row);
    member.username = username;
    insert(member);
}

QStringList MemberListModel::names() const
{
    QStringList names;
    for (const RoomMember &each : m_members)
        names.append(each.username);
    return names;
}

int MemberListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_members.size());
}

QVariant MemberListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RoomMember &member = m_members[static_cast<std::size_t>(index.row())];
    const bool self = member.id == m_self;
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return member.username;
    case Qt::AccessibleTextRole:
        return self ? tr("%1, you").arg(member.username) : member.username;
    case IdRole:
        return member.id;
    case UserRole:
        return member.user;
    case SelfRole:
        return self;
    default:
        return {};
    }
}

QHash<int, QByteArray> MemberListModel::roleNames() const
{
    auto names = QAbstractListModel::roleNames();
    names.insert({{IdRole, "id"}, {UserRole, "user"}, {NameRole, "name"}, {SelfRole, "self"}});
    return names;
}

} // namespace parlor::gui
