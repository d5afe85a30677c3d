// SPDX-License-Identifier: MIT
#include "client-gui/models/memberlistmodel.h"

#include "client-gui/models/harmless.h"
#include "shared/client/personname.h"

#include <QHash>

#include <algorithm>
#include <iterator>
#include <utility>

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

MemberListModel::Member MemberListModel::made(const RoomMember &member) const
{
    const QString shown = shownName(member.username, member.id);
    return {member, shown, m_collator.sortKey(shown.toCaseFolded())};
}

bool MemberListModel::before(const Member &one, const Member &other)
{
    if (const int order = one.key.compare(other.key); order != 0)
        return order < 0;
    return one.who.id < other.who.id;
}

MemberListModel::Members::iterator MemberListModel::find(const QString &id)
{
    return std::ranges::find_if(m_members, [&](const Member &each) { return each.who.id == id; });
}

void MemberListModel::setSelf(const QString &clientId)
{
    if (std::exchange(m_self, clientId) != clientId && !m_members.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {SelfRole});
}

void MemberListModel::setNamesakes(const QSet<QString> &names)
{
    if (std::exchange(m_namesakes, names) != names && !m_members.empty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {HueRole});
}

void MemberListModel::setCount(quint64 count)
{
    const bool wasKnown = std::exchange(m_known, true);
    if (std::exchange(m_count, count) != count || !wasKnown)
        Q_EMIT countChanged(count);
}

void MemberListModel::setUnknown()
{
    beginResetModel();
    m_members.clear();
    endResetModel();
    m_known = false;
    m_count = 0;
    Q_EMIT countChanged(0);
}

void MemberListModel::reset(const QList<RoomMember> &members, quint64 count)
{
    Members now;
    now.reserve(static_cast<std::size_t>(members.size()));
    for (const RoomMember &each : members)
        now.push_back(made(each));
    std::ranges::sort(now, before);
    if (!std::ranges::equal(now, m_members, {}, &Member::who, &Member::who)) { // they move while one looks
        beginResetModel();
        m_members = std::move(now);
        endResetModel();
    }
    setCount(count);
}

void MemberListModel::insert(Member member)
{
    const auto place = std::ranges::upper_bound(m_members, member, before);
    const int at = static_cast<int>(place - m_members.begin());
    beginInsertRows({}, at, at);
    m_members.insert(place, std::move(member));
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
    QSet<QString> gone; // whoever comes may be here already, too
    for (const RoomMember &each : change.left)
        gone.insert(each.id);
    QHash<QString, RoomMember> here;
    for (const RoomMember &each : change.joined) {
        gone.insert(each.id);
        here.insert(each.id, each);
    }
    Members joined;
    joined.reserve(static_cast<std::size_t>(here.size()));
    for (const RoomMember &each : std::as_const(here))
        joined.push_back(made(each));
    const bool isFew = gone.size() <= kFewChanges;
    if (isFew && m_members.size() + joined.size() <= static_cast<std::size_t>(kMaxRows)) {
        for (int row = rowCount() - 1; row >= 0; --row) {
            if (gone.contains(m_members[static_cast<std::size_t>(row)].who.id))
                remove(row);
        }
        for (Member &each : joined)
            insert(std::move(each));
    } else {
        merge(std::move(joined), gone);
    }
    setCount(change.count);
}

void MemberListModel::merge(Members joined, const QSet<QString> &gone)
{
    std::ranges::sort(joined, before);
    beginResetModel();
    std::erase_if(m_members, [&](const Member &each) { return gone.contains(each.who.id); });
    Members all;
    all.reserve(m_members.size() + joined.size());
    std::merge(std::make_move_iterator(m_members.begin()), std::make_move_iterator(m_members.end()),
               std::make_move_iterator(joined.begin()), std::make_move_iterator(joined.end()),
               std::back_inserter(all), before);
    m_members = std::move(all);
    endResetModel();
}

void MemberListModel::rename(const QString &id, const QString &username)
{
    const auto it = find(id);
    if (it == m_members.end())
        return;
    RoomMember member = it->who;
    member.username = username;
    apply({.joined = {member}, .left = {}, .count = m_count});
}

int MemberListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : std::min(static_cast<int>(m_members.size()), kMaxRows);
}

QVariant MemberListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto &[member, shown, key] = m_members[static_cast<std::size_t>(index.row())];
    const bool self = member.id == m_self;
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return shown;
    case Qt::AccessibleTextRole:
        return self ? tr("%1, you").arg(shown) : shown;
    case IdRole:
        return member.id;
    case UserRole:
        return member.user;
    case HueRole:
        return hueKey(member.id, member.user, member.username, m_namesakes);
    case SelfRole:
        return self;
    default:
        return {};
    }
}

QHash<int, QByteArray> MemberListModel::roleNames() const
{
    auto names = QAbstractListModel::roleNames();
    names.insert(
        {{IdRole, "id"}, {UserRole, "user"}, {HueRole, "hue"}, {NameRole, "name"}, {SelfRole, "self"}});
    return names;
}

} // namespace parlor::gui
