// SPDX-License-Identifier: MIT
#include "client-gui/views/roomdelegate.h"

#include "client-gui/look/theme.h"
#include "client-gui/models/roomlistmodel.h"

#include <QPainter>

namespace parlor::gui {

namespace {

constexpr int kRoomHeight = 40;
constexpr int kBadgeHeight = 22;

/// A pill at the right end of `area`; returns its width.
int paintBadge(QPainter &painter, const QRect &area, const QString &text, const QColor &ground,
               const QColor &ink)
{
    QFont font = painter.font();
    font.setPixelSize(12);
    font.setWeight(QFont::Bold);
    painter.setFont(font);
    const int width = std::max(painter.fontMetrics().horizontalAdvance(text) + 14, kBadgeHeight + 4);
    const QRect pill(area.right() - width, area.center().y() - kBadgeHeight / 2 + 1, width, kBadgeHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(pill, kBadgeHeight / 2.0, kBadgeHeight / 2.0);
    painter.setPen(ink);
    painter.drawText(pill, Qt::AlignCenter, text);
    return width;
}

} // namespace

RoomDelegate::RoomDelegate(Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
{
}

QSize RoomDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {100, kRoomHeight};
}

void RoomDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const
{
    const Tokens &tokens = m_theme.tokens();
    const bool selected = (option.state & QStyle::State_Selected) != 0;
    const bool hovered = (option.state & QStyle::State_MouseOver) != 0;
    const bool focused = selected && (option.state & QStyle::State_HasFocus) != 0;
    const bool joined = index.data(RoomListModel::JoinedRole).toBool();
    const int unread = index.data(RoomListModel::UnreadRole).toInt();
    const int mentions = index.data(RoomListModel::MentionRole).toInt();

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect ground = option.rect.adjusted(0, 1, 0, -1);
    if (selected || hovered) {
        painter->setPen(focused ? QPen(tokens.accent, 1) : QPen(Qt::NoPen));
        painter->setBrush(selected ? tokens.accentTint : mixed(tokens.side, tokens.text, 0.06));
        painter->drawRoundedRect(QRectF(ground).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    }

    QRect area = ground.adjusted(12, 0, -10, 0);
    painter->setFont(option.font);
    if (mentions > 0)
        area.setRight(area.right() -
                      paintBadge(*painter, area, QStringLiteral("@%1").arg(mentions), tokens.mention,
                                 tokens.dark ? tokens.onAccent : tokens.raised) -
                      8);
    else if (unread > 0)
        area.setRight(area.right() -
                      paintBadge(*painter, area, unread > 999 ? tr("999+") : QString::number(unread),
                                 mixed(tokens.side, tokens.text, 0.1), tokens.text) -
                      8);
    else if (index.data(RoomListModel::DraftRole).toBool() && !selected)
        area.setRight(
            area.right() -
            paintBadge(*painter, area, tr("draft"), mixed(tokens.side, tokens.text, 0.06), tokens.muted) - 8);

    QFont font = option.font;
    font.setPixelSize(14);
    painter->setFont(font);
    painter->setPen(selected ? tokens.accent : tokens.muted);
    painter->drawText(area, Qt::AlignVCenter | Qt::AlignLeft, QStringLiteral("#"));
    font.setWeight(unread > 0 || selected ? QFont::DemiBold : QFont::Normal);
    painter->setFont(font);
    painter->setPen(selected ? tokens.accent : joined ? tokens.text : tokens.muted);
    area.setLeft(area.left() + 22);
    const QString name = index.data(Qt::DisplayRole).toString();
    painter->drawText(area, Qt::AlignVCenter | Qt::AlignLeft,
                      painter->fontMetrics().elidedText(name, Qt::ElideRight, area.width()));
    painter->restore();
}

} // namespace parlor::gui
