// SPDX-License-Identifier: MIT
#include "client-gui/views/textlines.h"

#include <QFontMetrics>
#include <QGlyphRun>
#include <QTextOption>

#include <cmath>

namespace parlor::gui {

namespace {

using Kind = MessageText::Kind;
using Range = MessageText::Range;

constexpr int kBlockInset = 10;
constexpr int kBlockPadding = 5;
constexpr int kBlockMargin = 3;
constexpr int kTabSpaces = 4;

/// The block of code that a line is in, if any.
const Range *blockAt(const MessageText &text, int position)
{
    for (const Range &range : text.ranges) {
        if (range.kind == Kind::CodeBlock && position >= range.start &&
            position < range.start + range.length + 1)
            return &range;
    }
    return nullptr;
}

/// Adds the rectangles of what is marked on one line.
void markLine(const QTextLine &line, const QRect &row, const MessageText &text, BrokenLines &out)
{
    const qsizetype lineEnd = line.textStart() + line.textLength();
    for (const Range &range : text.ranges) {
        if (range.kind != Kind::Link && range.kind != Kind::Code)
            continue;
        const qsizetype from = std::max<qsizetype>(range.start, line.textStart());
        const qsizetype to = std::min(range.start + range.length, lineEnd);
        if (from >= to)
            continue;
        // Glyphs and not cursor positions: these are ambiguous between directions of writing.
        QRectF extent;
        for (const QGlyphRun &run : line.glyphRuns(static_cast<int>(from), static_cast<int>(to - from)))
            extent |= run.boundingRect();
        const int left = static_cast<int>(std::floor(extent.left()));
        const int right = static_cast<int>(std::ceil(extent.right()));
        const QRect rect(left, row.y(), std::max(1, right - left), row.height());
        if (range.kind == Kind::Link)
            out.links.append({rect, range.href});
        else
            out.codes.append(rect.adjusted(0, 2, 0, -2));
    }
}

} // namespace

BrokenLines TextLines::lay(QTextLayout &layout, const MessageText &text, const QFont &font,
                           const QList<QTextLayout::FormatRange> &formats) const
{
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    const bool fromRight = text.display.isRightToLeft() || direction == Qt::RightToLeft;
    option.setTextDirection(fromRight ? Qt::RightToLeft : Qt::LeftToRight);
    option.setAlignment(fromRight ? Qt::AlignRight : Qt::AlignLeft);
    option.setTabStopDistance(QFontMetricsF(font).horizontalAdvance(u' ') * kTabSpaces);
    QString display = text.display;
    layout.setText(display.replace(u'\n', QChar::LineSeparator));
    layout.setFont(font);
    layout.setTextOption(option);
    layout.setFormats(formats);
    layout.setCacheEnabled(true);

    BrokenLines out;
    const Range *block = nullptr;
    int blockTop = 0;
    const auto leaveBlock = [&] {
        if (block == nullptr)
            return;
        out.height += kBlockPadding;
        out.codeBlocks.append(QRect(0, blockTop, width, out.height - blockTop));
        out.height += kBlockMargin;
        block = nullptr;
    };
    layout.beginLayout();
    qsizetype laid = 0;
    while (true) {
        const bool full = out.lines == maxLines || out.height + 2 * lineHeight > maxHeight;
        if (full && laid < text.display.size()) {
            out.more = true;
            break;
        }
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        if (const Range *here = blockAt(text, line.textStart()); here != block) {
            leaveBlock();
            if (here != nullptr) {
                blockTop = out.height + kBlockMargin;
                out.height = blockTop + kBlockPadding;
            }
            block = here;
        }
        const int inset = block != nullptr ? kBlockInset : 0;
        line.setLineWidth(width - 2 * inset);
        laid = line.textStart() + line.textLength();
        out.wraps = out.wraps || (laid < text.display.size() && text.display[laid - 1] != u'\n');
        out.needed = std::max(out.needed, static_cast<int>(std::ceil(line.naturalTextWidth())) + 2 * inset);
        const int height = std::max(lineHeight, static_cast<int>(std::ceil(line.height())));
        line.setPosition({static_cast<double>(inset), out.height + (height - line.height()) / 2});
        markLine(line, QRect(0, out.height, width, height), text, out);
        out.height += height;
        ++out.lines;
    }
    leaveBlock();
    layout.endLayout();
    return out;
}

} // namespace parlor::gui
