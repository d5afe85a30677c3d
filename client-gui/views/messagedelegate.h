// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/theme.h"
#include "client-gui/views/layoutcache.h"

#include <QStyledItemDelegate>

namespace parlor::gui {

/// The muted colour where it can be read on this ground, else one nearer to the text's.
[[nodiscard]] QColor mutedOn(const QColor &ground, const Tokens &tokens);

/// Paints a MessageModel's rows with the theme's colours. Owned by MessageView, which tells it the width and
/// what the mouse is over.
class MessageDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit MessageDelegate(Theme &theme, QObject *parent = nullptr);

    [[nodiscard]] LayoutCache &cache() { return m_cache; }
    [[nodiscard]] const LayoutCache &cache() const { return m_cache; }
    [[nodiscard]] const MessageLayout &layout(const QModelIndex &index) const;
    /// What the mouse is over in the row that it is over.
    void setHot(const MessageLayout::Hit &hit) { m_hot = hit; }
    enum class Focus { Quiet, Shown };
    /// Whether the current row has a ring: on the keyboard one must see where one is.
    void setFocus(Focus focus) { m_focus = focus; }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    enum class LineKind { Quiet, Hot, New };
    void paintLine(QPainter &painter, const QRect &rect, const QString &caption, LineKind kind) const;
    [[nodiscard]] QColor groundOf(const QStyleOptionViewItem &option, const MessageRow &row) const;
    void paintGround(QPainter &painter, const QStyleOptionViewItem &option, const MessageLayout &layout,
                     const MessageRow &row) const;
    void paintHead(QPainter &painter, const MessageLayout &layout, const MessageRow &row,
                   const QColor &muted) const;
    void paintBody(QPainter &painter, const MessageLayout &layout, const MessageRow &row,
                   const QColor &muted) const;
    void paintHotLink(QPainter &painter, const MessageLayout &layout, const MessageLayout::Hit &hot) const;
    void paintActions(QPainter &painter, const MessageLayout &layout, const MessageLayout::Hit &hot) const;
    [[nodiscard]] bool showsFocus(const QStyleOptionViewItem &option) const;
    [[nodiscard]] const Tokens &tokens() const { return m_theme.tokens(); }

    Theme &m_theme;
    mutable LayoutCache m_cache; // what it remembers changes nothing that is seen
    MessageLayout::Hit m_hot;
    Focus m_focus = Focus::Quiet;
};

} // namespace parlor::gui
