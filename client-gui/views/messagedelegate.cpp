// SPDX-License-Identifier: MIT
#include "client-gui/views/messagedelegate.h"

#include "client-gui/look/avatar.h"
#include "client-gui/models/harmless.h"
#include "client-gui/views/deliverymark.h"

#include <QPainter>

namespace parlor::gui {

namespace {

constexpr int kCaptionGap = 14;
constexpr int kMentionBar = 3;

using Action = MessageLayout::Action;
using Hit = MessageLayout::Hit;

} // namespace

QColor mutedOn(const QColor &ground, const Tokens &tokens)
{
    constexpr double kReadable = 4.5; // WCAG 2.1, AA
    return contrast(tokens.muted, ground) >= kReadable ? tokens.muted : mixed(tokens.muted, tokens.text, 0.5);
}

MessageDelegate::MessageDelegate(Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
{
    connect(&m_theme, &Theme::changed, this, [this] { m_cache.dropLayouts(); });
}

bool MessageDelegate::showsFocus(const QStyleOptionViewItem &option) const
{
    return m_focus == Focus::Shown && option.state.testFlag(QStyle::State_HasFocus);
}

const MessageLayout &MessageDelegate::layout(const QModelIndex &index) const
{
    return m_cache.layout(index, tokens());
}

QSize MessageDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    return {m_cache.width(), m_cache.height(index, tokens())};
}

void MessageDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    const MessageLayout &parts = layout(index);
    const MessageRow row = MessageRow::from(index);
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver);
    const Hit hot = hovered ? m_hot : Hit();
    const QColor muted = mutedOn(groundOf(option, row), tokens());
    painter->save();
    painter->setClipRect(option.rect); // letters may carry a tower of marks
    painter->translate(option.rect.topLeft());
    if (!parts.gapLine.isEmpty())
        paintLine(*painter, parts.gapLine, parts.gapText,
                  hot.action == Action::LoadGap ? LineKind::Hot : LineKind::Quiet);
    if (!parts.dayLine.isEmpty())
        paintLine(*painter, parts.dayLine, parts.dayText, LineKind::Quiet);
    if (!parts.markerLine.isEmpty())
        paintLine(*painter, parts.markerLine, tr("New messages"), LineKind::New);
    paintGround(*painter, option, parts, row);
    if (row.groupStart || hovered || showsFocus(option))
        paintHead(*painter, parts, row, muted);
    paintBody(*painter, parts, row, muted);
    paintHotLink(*painter, parts, hot);
    paintActions(*painter, parts, hot);
    paintDeliveryMark(*painter, parts.mark, row.delivery, row.isStuck() ? tokens().error : muted);
    painter->restore();
}

void MessageDelegate::paintLine(QPainter &painter, const QRect &rect, const QString &caption,
                                LineKind kind) const
{
    const bool isNew = kind == LineKind::New;
    const QFontMetrics metrics(m_cache.fonts().caption);
    const QString shown = metrics.elidedText(caption, Qt::ElideRight, rect.width() - 4 * kCaptionGap);
    const int half = (metrics.horizontalAdvance(shown) + 1) / 2 + kCaptionGap;
    const QPoint middle = rect.center() + QPoint(0, 1); // where small letters have theirs
    painter.setPen(isNew ? mixed(tokens().window, tokens().mention, 0.6) : tokens().line);
    painter.drawLine(rect.left(), middle.y(), middle.x() - half, middle.y());
    painter.drawLine(middle.x() + half, middle.y(), rect.right(), middle.y());
    painter.setFont(m_cache.fonts().caption);
    painter.setPen(isNew ? tokens().mention : kind == LineKind::Hot ? tokens().accent : tokens().muted);
    painter.drawText(rect, Qt::AlignCenter | Qt::TextSingleLine, shown);
}

QColor MessageDelegate::groundOf(const QStyleOptionViewItem &option, const MessageRow &row) const
{
    if (option.state.testFlag(QStyle::State_Selected))
        return tokens().accentTint;
    if (row.mention)
        return tokens().mentionTint;
    if (option.state.testFlag(QStyle::State_MouseOver))
        return mixed(tokens().window, tokens().side, 0.6);
    return tokens().window;
}

void MessageDelegate::paintGround(QPainter &painter, const QStyleOptionViewItem &option,
                                  const MessageLayout &layout, const MessageRow &row) const
{
    painter.fillRect(layout.message, groundOf(option, row));
    if (row.mention) {
        QRect bar = layout.message;
        bar.setWidth(kMentionBar);
        if (option.direction == Qt::RightToLeft)
            bar.moveRight(layout.message.right());
        painter.fillRect(bar, tokens().mention);
    }
    if (showsFocus(option)) {
        painter.setPen(QPen(tokens().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(layout.message.adjusted(0, 0, -1, -1));
    }
}

void MessageDelegate::paintHead(QPainter &painter, const MessageLayout &layout, const MessageRow &row,
                                const QColor &muted) const
{
    if (row.groupStart) {
        painter.setFont(m_cache.fonts().body);
        paintAvatar(painter, layout.avatar, row.hue, shownName(row.name, row.user));
        painter.setFont(m_cache.fonts().name);
        painter.setPen(nameColor(row.hue, tokens()));
        painter.drawText(layout.name, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, layout.nameText);
    }
    painter.setFont(m_cache.fonts().small);
    painter.setPen(muted);
    const Qt::Alignment side = row.groupStart ? Qt::AlignLeft : Qt::AlignRight;
    painter.drawText(layout.time, static_cast<int>(Qt::AlignVCenter | side) | Qt::TextSingleLine,
                     layout.timeText);
}

void MessageDelegate::paintBody(QPainter &painter, const MessageLayout &layout, const MessageRow &row,
                                const QColor &muted) const
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(tokens().line);
    painter.setBrush(tokens().side);
    for (const QRect &code : layout.codes)
        painter.drawRoundedRect(QRectF(code).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    for (const QRect &block : layout.codeBlocks)
        painter.drawRoundedRect(QRectF(block).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.restore();

    using Delivery = MessageModel::Delivery;
    const bool waits = row.delivery == Delivery::Queued || row.delivery == Delivery::Sending ||
                       row.delivery == Delivery::Unconfirmed;
    painter.setPen(waits || row.deleted || row.deleting ? muted : tokens().text);
    layout.text->draw(&painter, layout.body.topLeft());
    if (layout.problem) {
        painter.setPen(tokens().error);
        layout.problem->draw(&painter, layout.problemBody.topLeft());
    }
    if (row.deleting) {
        painter.setFont(m_cache.fonts().small);
        painter.setPen(muted);
        const QString shown = painter.fontMetrics().elidedText(layout.deletingText, Qt::ElideRight,
                                                               layout.deletingNote.width());
        painter.drawText(layout.deletingNote, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, shown);
    }
}

void MessageDelegate::paintHotLink(QPainter &painter, const MessageLayout &layout, const Hit &hot) const
{
    if (hot.action != Action::OpenLink)
        return;
    painter.setPen(tokens().accent);
    for (const MessageLayout::Link &link : layout.links) {
        const int base = link.rect.center().y() + m_cache.fonts().lineHeight / 3;
        if (link.href == hot.href)
            painter.drawLine(link.rect.left(), base, link.rect.right(), base);
    }
}

void MessageDelegate::paintActions(QPainter &painter, const MessageLayout &layout, const Hit &hot) const
{
    QFont font = m_cache.fonts().caption;
    const auto paintOne = [&](const QRect &rect, const QString &text, const QColor &color, Action action) {
        if (rect.isEmpty())
            return;
        font.setUnderline(hot.action == action);
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, text);
    };
    paintOne(layout.fold, layout.foldText, tokens().accent, Action::Fold);
    paintOne(layout.resend, layout.resendText, tokens().accent, Action::Resend);
    paintOne(layout.keepIt, layout.keepItText, tokens().accent, Action::KeepIt);
    paintOne(layout.discard, layout.discardText, tokens().error, Action::Discard);
}

} // namespace parlor::gui
