// SPDX-License-Identifier: MIT
#pragma once

#include <QStyledItemDelegate>

namespace parlor::gui {

class Theme;

/// A line of the member list: avatar, name, and "you".
class MemberDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    /// The theme must outlive it.
    explicit MemberDelegate(Theme &theme, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    Theme &m_theme;
};

} // namespace parlor::gui
