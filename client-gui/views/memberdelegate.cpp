// SPDX-License-Identifier: MIT
#include "client-gui/views/memberdelegate.h"

#include "client-gui/look/avatar.h"
#include "client-gui/look/theme.h"
#include "client-gui/models/memberlistmodel.h"

#include <QPainter>

namespace parlor::gui {

namespace {

constexpr int kMemberHeight = 40;
constexpr int kAvatar = 28;

} // namespace

MemberDelegate::MemberDelegate(Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
{
}

QSize MemberDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {100, kMemberHeight};
}

void MemberDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const
{
    const Tokens &tokens = m_theme.tokens();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool selected = (option.state & QStyle::State_Selected) != 0;
    const bool focused = selected && (option.state & QStyle::State_HasFocus) != 0;
    if (focused || (option.state & QStyle::State_MouseOver) != 0) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(focused ? tokens.accentTint : mixed(tokens.window, tokens.text, 0.05));
        painter->drawRoundedRect(QRectF(option.rect).adjusted(0, 1, 0, -1), 8, 8);
    }
    const QRect area = option.rect.adjusted(8, 0, -8, 0);
    const QString name = index.data(MemberListModel::NameRole).toString();
    painter->setFont(option.font);
    paintAvatar(*painter, QRectF(area.left(), area.center().y() - kAvatar / 2.0 + 0.5, kAvatar, kAvatar),
                index.data(MemberListModel::HueRole).toString(), name);

    QFont font = option.font;
    font.setPixelSize(14);
    painter->setFont(font);
    const QFontMetrics metrics = painter->fontMetrics();
    QRect text = area.adjusted(kAvatar + 12, 0, 0, 0);
    const QString you = index.data(MemberListModel::SelfRole).toBool() ? tr("you") : QString();
    const int reserved = you.isEmpty() ? 0 : metrics.horizontalAdvance(you) + 10;
    const QString shown = metrics.elidedText(name, Qt::ElideRight, text.width() - reserved);
    painter->setPen(tokens.text);
    painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft, shown);
    painter->setPen(tokens.muted);
    text.setLeft(text.left() + metrics.horizontalAdvance(shown) + 10);
    painter->drawText(text, Qt::AlignVCenter | Qt::AlignLeft, you);
    painter->restore();
}

} // namespace parlor::gui
