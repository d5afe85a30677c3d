// SPDX-License-Identifier: MIT
#include "client-gui/models/roomlistmodel.h"

#include "client-gui/models/harmless.h"

#include <QSet>

#include <algorithm>

namespace parlor::gui {

namespace {

/// A server may claim any number.
constexpr quint64 kMostUnread = 999'999;

QString shownRoom(const QString &name)
{
    return shownName(name, RoomListModel::tr("(no name)"));
}

} // namespace

RoomListModel::RoomListModel(QObject *parent)
    : QAbstractListModel(parent)
{
}

bool RoomListModel::before(const Room &one, const Room &other)
{
    if (one.joined != other.joined)
        return one.joined;
    return one.name < other.name;
}

int RoomListModel::placeFor(const Room &room) const
{
    return static_cast<int>(std::ranges::lower_bound(m_rooms, room, before) - m_rooms.begin());
}

void RoomListModel::insert(Room room)
{
    const int at = placeFor(room);
    beginInsertRows({}, at, at);
    m_rooms.insert(m_rooms.begin() + at, std::move(room));
    endInsertRows();
}

void RoomListModel::remove(int row)
{
    beginRemoveRows({}, row, row);
    m_rooms.erase(m_rooms.begin() + row);
    endRemoveRows();
}

void RoomListModel::changed(int row)
{
    Q_EMIT dataChanged(index(row), index(row));
}

int RoomListModel::rowOf(const QString &room) const
{
    const auto it = std::ranges::find(m_rooms, room, &Room::name);
    return it == m_rooms.end() ? -1 : static_cast<int>(it - m_rooms.begin());
}

RoomListModel::Room *RoomListModel::find(const QString &room)
{
    const int row = rowOf(room);
    return row < 0 ? nullptr : &m_rooms[static_cast<std::size_t>(row)];
}

void RoomListModel::setJoined(const QString &name, bool joined)
{
    const int row = rowOf(name);
    if (row < 0) {
        insert(Room{name, joined});
        return;
    }
    Room room = m_rooms[static_cast<std::size_t>(row)];
    if (room.joined == joined)
        return;
    room.joined = joined;
    room.unread = 0;
    room.mentions = 0;
    // Its place among the others: without it in the list, and then as beginMoveRows counts, with it.
    m_rooms[static_cast<std::size_t>(row)].joined = joined;
    const auto others = [&](const Room &each) { return each.name != name && before(each, room); };
    const int to = static_cast<int>(std::ranges::count_if(m_rooms, others));
    if (to != row) {
        beginMoveRows({}, row, row, {}, to > row ? to + 1 : to);
        m_rooms.erase(m_rooms.begin() + row);
        m_rooms.insert(m_rooms.begin() + to, std::move(room));
        endMoveRows();
    } else {
        m_rooms[static_cast<std::size_t>(row)] = std::move(room);
    }
    changed(to);
}

void RoomListModel::setMembers(const QString &name, quint64 members)
{
    Room *room = find(name);
    if (!room || std::exchange(room->members, members) == members)
        return;
    changed(rowOf(name));
}

void RoomListModel::setDraft(const QString &name, bool draft)
{
    Room *room = find(name);
    if (!room || std::exchange(room->draft, draft) == draft)
        return;
    changed(rowOf(name));
}

void RoomListModel::setUnread(const QString &name, quint64 count, int mentions)
{
    Room *room = find(name);
    const int unread = static_cast<int>(std::min(count, kMostUnread));
    if (!room || (room->unread == unread && room->mentions == mentions))
        return;
    room->unread = unread;
    room->mentions = mentions;
    changed(rowOf(name));
}

void RoomListModel::setDirectory(const QList<RoomSummary> &rooms)
{
    QSet<QString> there;
    for (const RoomSummary &each : rooms) {
        there.insert(each.name);
        if (rowOf(each.name) < 0)
            insert(Room{each.name});
        if (!isJoined(each.name)) // of our own rooms we know better
            setMembers(each.name, each.count);
    }
    for (int row = rowCount() - 1; row >= 0; --row) {
        const Room &room = m_rooms[static_cast<std::size_t>(row)];
        if (!room.joined && !there.contains(room.name))
            remove(row);
    }
}

bool RoomListModel::isJoined(const QString &room) const
{
    const int row = rowOf(room);
    return row >= 0 && m_rooms[static_cast<std::size_t>(row)].joined;
}

int RoomListModel::unread(const QString &room) const
{
    const int row = rowOf(room);
    return row < 0 ? 0 : m_rooms[static_cast<std::size_t>(row)].unread;
}

int RoomListModel::totalUnread() const
{
    int total = 0;
    for (const Room &each : m_rooms)
        total += each.unread;
    return total;
}

QStringList RoomListModel::joined() const
{
    QStringList names;
    for (const Room &each : m_rooms) {
        if (each.joined)
            names.append(each.name);
    }
    return names;
}

int RoomListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rooms.size());
}

QVariant RoomListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Room &room = m_rooms[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return shownRoom(room.name);
    case NameRole:
        return room.name;
    case Qt::ToolTipRole: {
        const QString name = shownRoom(room.name);
        const QString text = room.joined ? tr("#%1").arg(name)
                                         : tr("#%1: click to join (members: %2)").arg(name).arg(room.members);
        return QStringLiteral("<span>%1</span>").arg(text.toHtmlEscaped()); // never guessed to be markup
    }
    case Qt::AccessibleTextRole: {
        QString text = shownRoom(room.name);
        if (room.unread > 0)
            text += tr(", unread: %1").arg(room.unread);
        if (room.mentions > 0)
            text += tr(", mentions: %1").arg(room.mentions);
        if (!room.joined)
            text += tr(", not joined");
        return text;
    }
    case JoinedRole:
        return room.joined;
    case UnreadRole:
        return room.unread;
    case MentionRole:
        return room.mentions;
    case MembersRole:
        return room.members;
    case DraftRole:
        return room.draft;
    default:
        return {};
    }
}

QHash<int, QByteArray> RoomListModel::roleNames() const
{
    auto names = QAbstractListModel::roleNames();
    names.insert({{NameRole, "name"},
                  {JoinedRole, "joined"},
                  {UnreadRole, "unread"},
                  {MentionRole, "mentions"},
                  {MembersRole, "members"},
                  {DraftRole, "draft"}});
    return names;
}

} // namespace parlor::gui
