// SPDX-License-Identifier: MIT
#include "client-gui/views/messagelayout.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/timeofday.h"
#include "client-gui/views/messagetext.h"
#include "client-gui/views/textlines.h"

#include <QCoreApplication>
#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetrics>
#include <QLocale>

#include <limits>

namespace parlor::gui {

namespace {

using Delivery = MessageModel::Delivery;

// Pixels at 14 pixel text, on the grid of the window.
constexpr int kLeft = 24;
constexpr int kRight = 14; // a scroll bar of 10 is beside it
constexpr int kAvatar = 36;
constexpr int kTextLeft = kLeft + kAvatar + 12;
constexpr int kMarkSide = 14;
constexpr int kMarkColumn = kMarkSide + 16;
constexpr int kLineAbove = 32; ///< height of a day line and its like
constexpr int kGroupTop = 8;
constexpr int kBottom = 3;
constexpr int kMentionBottom = 6;
constexpr int kActionGap = 16;
constexpr int kNameGap = 8;
constexpr int kProblemCodePoints = 300;
/// QListView keeps the height of a row in 16 bits.
constexpr int kMaxBodyHeight = 30000;
constexpr int kNever = std::numeric_limits<int>::max();

QString tr(const char *text)
{
    return QCoreApplication::translate("MessageLayout", text);
}

QList<QTextLayout::FormatRange> formats(const MessageText &text, const LayoutContext &context)
{
    QList<QTextLayout::FormatRange> list;
    for (const MessageText::Range &range : text.ranges) {
        QTextCharFormat format;
        int start = static_cast<int>(range.start);
        int length = static_cast<int>(range.length);
        switch (range.kind) {
        case MessageText::Kind::Link:
            format.setForeground(context.tokens.accent);
            break;
        case MessageText::Kind::Mention:
        case MessageText::Kind::Bold:
            format.setFontWeight(QFont::Bold);
            break;
        case MessageText::Kind::Italic:
            format.setFontItalic(true);
            break;
        case MessageText::Kind::Code:
            // The spaces at the ends stay as narrow as the text's.
            ++start;
            length -= 2;
            [[fallthrough]];
        case MessageText::Kind::CodeBlock:
            format.setFont(context.fonts.code);
            break;
        }
        list.append({start, length, format});
    }
    return list;
}

/// In our own words: what looks like markup in a name is none.
MessageText inItalics(const QString &text)
{
    MessageText shown;
    shown.display = oneLine(text);
    shown.ranges = {{.kind = MessageText::Kind::Italic, .start = 0, .length = shown.display.size()}};
    return shown;
}

} // namespace

MessageRow MessageRow::from(const QModelIndex &index)
{
    return MessageRow{
        .user = index.data(MessageModel::UserRole).toString(),
        .hue = index.data(MessageModel::HueRole).toString(),
        .name = index.data(MessageModel::NameRole).toString(),
        .text = index.data(MessageModel::TextRole).toString(),
        .time = index.data(MessageModel::TimeRole).toDateTime(),
        .delivery = index.data(MessageModel::DeliveryRole).value<Delivery>(),
        .problem = index.data(MessageModel::ProblemRole).toString(),
        .groupStart = index.data(MessageModel::GroupStartRole).toBool(),
        .day = index.data(MessageModel::DayRole).toDate(),
        .gap = index.data(MessageModel::GapRole).toString(),
        .gapOpen = index.data(MessageModel::GapOpenRole).toBool(),
        .marker = index.data(MessageModel::MarkerRole).toBool(),
        .mention = index.data(MessageModel::MentionRole).toBool(),
        .deleted = index.data(MessageModel::DeletedRole).toBool(),
        .deleting = index.data(MessageModel::DeletingRole).toBool(),
    };
}

bool MessageRow::isStuck() const
{
    return delivery == Delivery::Failed || delivery == Delivery::NeedsDecision;
}

MessageFonts::MessageFonts(const QFont &base)
    : body(base)
    , name(base)
    , small(base)
    , caption(base)
    , code(QFontDatabase::systemFont(QFontDatabase::FixedFont))
{
    const int size = QFontInfo(base).pixelSize();
    name.setWeight(QFont::DemiBold);
    small.setPixelSize(qRound(size * 12 / 14.0));
    caption.setPixelSize(qRound(size * 12 / 14.0));
    caption.setWeight(QFont::DemiBold);
    code.setPixelSize(qRound(size * 13 / 14.0));
    lineHeight = qRound(size * 22 / 14.0);
}

MessageLayout::MessageLayout(const MessageRow &row, const LayoutContext &context)
{
    const MessageFonts &fonts = context.fonts;
    const int right = std::max(context.width - kRight, kTextLeft + kMarkColumn + fonts.lineHeight);
    int y = 0;
    const auto lineAbove = [&](QRect &rect) {
        rect = QRect(kLeft, y, right - kLeft, kLineAbove);
        y += kLineAbove;
    };
    if (!row.gap.isEmpty()) {
        lineAbove(gapLine);
        gapOpen = row.gapOpen;
        //: a line between messages, and what a click on it does
        gapText = gapOpen ? tr("%1 · Load").arg(row.gap) : row.gap;
    }
    if (row.day.isValid()) {
        lineAbove(dayLine);
        dayText = dayName(row.day, context.today);
    }
    if (row.marker)
        lineAbove(markerLine);

    const int top = y;
    timeText = timeOfDay(row.time);
    const QFontMetrics smallFont(fonts.small);
    const int timeWidth = smallFont.horizontalAdvance(timeText) + 1;
    if (row.groupStart) {
        y += kGroupTop;
        avatar = QRect(kLeft, y + 1, kAvatar, kAvatar);
        const QFontMetrics bold(fonts.name);
        const int room = right - kTextLeft - kNameGap - timeWidth;
        nameText =
            bold.elidedText(shownName(row.name, row.user), Qt::ElideRight, std::max(room, fonts.lineHeight));
        name = QRect(kTextLeft, y, bold.horizontalAdvance(nameText) + 1, fonts.lineHeight);
        // On one base line with the name.
        const int shift = (bold.ascent() - bold.descent() - smallFont.ascent() + smallFont.descent() + 1) / 2;
        time = QRect(name.right() + 1 + kNameGap, y + 2 * shift, timeWidth, fonts.lineHeight - 2 * shift);
        y += fonts.lineHeight;
    } else {
        time = QRect(std::min(4, kTextLeft - 6 - timeWidth), y, kTextLeft - 10, fonts.lineHeight);
    }

    const int textRight = row.isMarked() ? right - kMarkColumn : right;
    const MessageText parsed = row.deleted ? inItalics(row.text) : parseMessage(row.text, context.self);
    text = std::make_unique<QTextLayout>();
    const TextLines breaker{
        .width = textRight - kTextLeft,
        .lineHeight = fonts.lineHeight,
        .maxLines = context.folding == Folding::Folded ? kFoldedLines : kMaxBodyHeight / fonts.lineHeight,
        .maxHeight = kMaxBodyHeight,
        .direction = context.direction,
    };
    const BrokenLines broken = breaker.lay(*text, parsed, fonts.body, formats(parsed, context));
    body = QRect(kTextLeft, y, textRight - kTextLeft, broken.height);
    lines = broken.lines;
    for (const auto &[rect, href] : broken.links)
        links.append({rect.translated(body.topLeft()), href});
    for (const QRect &rect : broken.codes)
        codes.append(rect.translated(body.topLeft()));
    for (const QRect &rect : broken.codeBlocks)
        codeBlocks.append(rect.translated(body.topLeft()));
    y += broken.height;
    if (row.isMarked())
        mark = QRect(right - kMarkSide, y - (fonts.lineHeight + kMarkSide) / 2, kMarkSide, kMarkSide);

    const QFontMetrics bold(fonts.caption);
    const auto actionAt = [&](int x, const QString &caption) {
        return QRect(x, y, bold.horizontalAdvance(caption) + 1, fonts.lineHeight);
    };
    if (broken.more || (context.folding == Folding::Unfolded && lines > kFoldedLines)) {
        foldText = context.folding == Folding::Folded ? tr("Show all") : tr("Show less");
        fold = actionAt(kTextLeft, foldText);
        y += fonts.lineHeight;
    }
    if (row.isStuck()) {
        MessageText reason;
        reason.display = row.problem.isEmpty() ? tr("Not sent.") : harmless(row.problem, kProblemCodePoints);
        problem = std::make_unique<QTextLayout>();
        const TextLines reasonBreaker{
            .width = textRight - kTextLeft,
            .lineHeight = qRound(fonts.lineHeight * 18 / 22.0),
            .maxLines = kFoldedLines,
            .maxHeight = kMaxBodyHeight,
            .direction = context.direction,
        };
        const int tall = reasonBreaker.lay(*problem, reason, fonts.small, {}).height;
        problemBody = QRect(kTextLeft, y, textRight - kTextLeft, tall);
        y += tall;
        resendText = tr("Retry");
        discardText = tr("Delete");
        resend = actionAt(kTextLeft, resendText);
        discard = actionAt(resend.right() + 1 + kActionGap, discardText);
        y += fonts.lineHeight;
    }
    if (row.deleting) {
        deletingText = tr("Deleting for everybody…");
        keepItText = tr("Undo");
        const int most = textRight - kTextLeft - kActionGap - bold.horizontalAdvance(keepItText) - 1;
        deletingNote = QRect(kTextLeft, y, std::min(smallFont.horizontalAdvance(deletingText) + 1, most),
                             fonts.lineHeight);
        keepIt = actionAt(deletingNote.right() + 1 + kActionGap, keepItText);
        y += fonts.lineHeight;
    }
    const bool keepsHeight =
        !broken.wraps && !broken.more && !problem && textRight - kTextLeft >= broken.needed;
    sameHeightFrom = keepsHeight ? context.width - (body.width() - broken.needed) : kNever;
    y += row.mention ? kMentionBottom : kBottom;
    message = QRect(0, top, context.width, y - top);
    height = y;

    if (context.direction == Qt::RightToLeft) {
        const auto mirror = [&](QRect &rect) {
            if (!rect.isNull())
                rect.moveLeft(context.width - rect.x() - rect.width());
        };
        for (QRect *each : {&gapLine, &dayLine, &markerLine, &avatar, &name, &time, &mark, &fold,
                            &problemBody, &resend, &discard, &deletingNote, &keepIt})
            mirror(*each);
        const int shift = context.width - body.x() - body.width() - body.x();
        body.translate(shift, 0);
        for (Link &each : links)
            each.rect.translate(shift, 0);
        for (QRect &each : codes)
            each.translate(shift, 0);
        for (QRect &each : codeBlocks)
            each.translate(shift, 0);
    }
}

MessageLayout::Hit MessageLayout::hitAt(const QPoint &point) const
{
    const int reach = kActionGap / 2 - 1;
    const auto hits = [&](const QRect &rect) {
        return !rect.isEmpty() && rect.adjusted(-reach, 0, reach, 0).contains(point);
    };
    if (hits(resend))
        return {Action::Resend};
    if (hits(discard))
        return {Action::Discard};
    if (hits(keepIt))
        return {Action::KeepIt};
    if (hits(fold))
        return {Action::Fold};
    if (gapOpen && gapLine.contains(point))
        return {Action::LoadGap};
    for (const Link &link : links) {
        if (link.rect.contains(point))
            return {Action::OpenLink, link.href};
    }
    return {};
}

QString MessageLayout::onlyLink() const
{
    for (const Link &link : links) {
        if (link.href != links.first().href)
            return {};
    }
    return links.isEmpty() ? QString() : links.first().href;
}

QString dayName(const QDate &day, const QDate &today)
{
    if (day == today)
        return tr("Today");
    if (day == today.addDays(-1))
        return tr("Yesterday");
    //: a day of this year, and of another one, in the format of QLocale::toString
    return QLocale().toString(day, day.year() == today.year() ? tr("dddd, d MMMM") : tr("dddd, d MMMM yyyy"));
}

} // namespace parlor::gui
