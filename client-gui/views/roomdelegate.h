// SPDX-License-Identifier: MIT
#pragma once

#include <QStyledItemDelegate>

namespace parlor::gui {

class Theme;

/// A line of the room list: the name, bold while something is unread, and how much.
class RoomDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    /// The theme must outlive it.
    explicit RoomDelegate(Theme &theme, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    Theme &m_theme;
};

} // namespace parlor::gui
