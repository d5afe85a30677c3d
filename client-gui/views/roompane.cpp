// SPDX-License-Identifier: MIT
#include "client-gui/views/roompane.h"

#include "client-gui/look/theme.h"
#include "client-gui/views/roomdelegate.h"
#include "client-gui/views/rowlist.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSortFilterProxyModel>

namespace parlor::gui {

RoomPane::RoomPane(RoomListModel &rooms, Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_rooms(rooms)
    , m_filtered(new QSortFilterProxyModel(this))
    , m_filter(new QLineEdit)
    , m_list(new RowList)
{
    setObjectName(QStringLiteral("roomPane"));
    setAttribute(Qt::WA_StyledBackground);
    m_filtered->setSourceModel(&rooms);
    m_filtered->setFilterRole(RoomListModel::NameRole);
    m_filtered->setFilterCaseSensitivity(Qt::CaseInsensitive);

    m_filter->setObjectName(QStringLiteral("roomFilter"));
    m_filter->setPlaceholderText(tr("Filter rooms"));
    m_filter->setAccessibleName(tr("Filter rooms"));
    m_filter->setClearButtonEnabled(true);
    m_filter->installEventFilter(this);
    auto *caption = new QLabel(tr("ROOMS"));
    caption->setProperty("look", QStringLiteral("caption"));
    m_list->setObjectName(QStringLiteral("roomList"));
    m_list->setAccessibleName(tr("Rooms"));
    m_list->setModel(m_filtered);
    m_list->setItemDelegate(new RoomDelegate(theme, m_list));
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    auto *join = new QPushButton(tr("+ Join a room"));
    join->setObjectName(QStringLiteral("joinRoomButton"));
    join->setProperty("look", QStringLiteral("link"));
    join->setCursor(Qt::PointingHandCursor);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 16);
    column->setSpacing(0);
    column->addWidget(m_filter);
    column->addSpacing(16);
    column->addWidget(caption);
    column->addSpacing(6);
    column->addWidget(m_list, 1);
    column->addSpacing(8);
    column->addWidget(join, 0, Qt::AlignLeft);

    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filtered->setFilterFixedString(text);
        setCurrentRoom(m_current);
    });
    connect(m_filter, &QLineEdit::returnPressed, this, [this] {
        if (m_filtered->rowCount() > 0) {
            const QModelIndex first = m_filtered->index(0, 0);
            const QString room = first.data(RoomListModel::NameRole).toString();
            m_filter->clear();
            Q_EMIT roomChosen(room);
            Q_EMIT writingWanted();
        }
    });
    connect(m_list, &RowList::clicked, this, &RoomPane::choose);
    connect(m_list, &RowList::activated, this, &RoomPane::choose);
    connect(m_list, &QWidget::customContextMenuRequested, this, &RoomPane::showMenu);
    connect(join, &QPushButton::clicked, this, &RoomPane::joinRequested);
    // A room that comes, or changes its place, may be the one that is open.
    for (const auto moved : {&QAbstractItemModel::rowsInserted})
        connect(m_filtered, moved, this, [this] { setCurrentRoom(m_current); });
    connect(&theme, &Theme::changed, m_list->viewport(), qOverload<>(&QWidget::update));
}

/// Esc gives the search up, and is not the window's Esc.
bool RoomPane::eventFilter(QObject *watched, QEvent *event)
{
    const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress;
    if (watched != m_filter || !isKey || static_cast<QKeyEvent *>(event)->key() != Qt::Key_Escape)
        return QWidget::eventFilter(watched, event);
    event->accept();
    if (event->type() == QEvent::KeyPress) {
        m_filter->clear();
        Q_EMIT writingWanted();
    }
    return true;
}

void RoomPane::choose(const QModelIndex &index)
{
    if (index.isValid())
        Q_EMIT roomChosen(index.data(RoomListModel::NameRole).toString());
}

void RoomPane::setCurrentRoom(const QString &room)
{
    m_current = room;
    const int row = m_rooms.rowOf(room);
    const QModelIndex index = row < 0 ? QModelIndex() : m_filtered->mapFromSource(m_rooms.index(row));
    if (index.isValid())
        m_list->setCurrentIndex(index);
    else
        m_list->selectionModel()->clear();
}

QString RoomPane::neighbour(int steps) const
{
    const QStringList joined = m_rooms.joined();
    if (joined.isEmpty())
        return {};
    const qsizetype at = joined.indexOf(m_current);
    const qsizetype count = joined.size();
    return joined[((at < 0 ? 0 : at + steps) % count + count) % count];
}

QString RoomPane::nextUnread(int direction) const
{
    const QStringList joined = m_rooms.joined();
    const qsizetype count = joined.size();
    const qsizetype at = joined.indexOf(m_current);
    for (qsizetype i = 1; i <= count; ++i) {
        const QString &room = joined[((at + direction * i) % count + count) % count];
        if (m_rooms.unread(room) > 0)
            return room;
    }
    return {};
}

void RoomPane::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void RoomPane::showMenu(const QPoint &at)
{
    const QModelIndex index = m_list->indexAt(at);
    if (!index.isValid())
        return;
    const QString room = index.data(RoomListModel::NameRole).toString();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (m_rooms.isJoined(room)) {
        menu->addAction(tr("Open"), this, [this, room] { Q_EMIT roomChosen(room); });
        menu->addAction(tr("Leave #%1").arg(room), this, [this, room] { Q_EMIT leaveRequested(room); });
    } else {
        menu->addAction(tr("Join #%1").arg(room), this, [this, room] { Q_EMIT roomChosen(room); });
    }
    menu->popup(m_list->viewport()->mapToGlobal(at));
}

} // namespace parlor::gui
