// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/roomlistmodel.h"

#include <QWidget>

class QLineEdit;
class QSortFilterProxyModel;

namespace parlor::gui {

class RowList;
class Theme;

/// The left side: a filter, the rooms, and the way to another one.
class RoomPane : public QWidget
{
    Q_OBJECT
public:
    /// Both must outlive it.
    RoomPane(RoomListModel &rooms, Theme &theme, QWidget *parent = nullptr);

    void setCurrentRoom(const QString &room);
    /// The joined room `steps` further down the list; empty: there is none.
    [[nodiscard]] QString neighbour(int steps) const;
    /// The next joined room below with something unread.
    [[nodiscard]] QString nextUnread(int direction) const;
    void focusFilter();

Q_SIGNALS:
    void roomChosen(const QString &room);
    /// The person found the room, and goes on in it.
    void writingWanted();
    void leaveRequested(const QString &room);
    void joinRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void choose(const QModelIndex &index);
    void showMenu(const QPoint &at);

    RoomListModel &m_rooms;
    QSortFilterProxyModel *m_filtered;
    QLineEdit *m_filter;
    RowList *m_list;
    QString m_current;
};

} // namespace parlor::gui
