// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/views/messagetext.h"

#include <QFont>
#include <QRect>
#include <QTextLayout>

namespace parlor::gui {

/// Where the lines of a text came to be, in the text's coordinates.
struct BrokenLines
{
    struct Link
    {
        QRect rect;
        QString href;
    };
    int height = 0;
    int lines = 0;
    bool more = false;  ///< there was no room for all
    bool wraps = false; ///< some line goes on in the next one
    int needed = 0;     ///< width of the longest line
    QList<Link> links{};
    QList<QRect> codes{};
    QList<QRect> codeBlocks{};
};

/// Breaks a text into lines of even height; blocks of code are set in.
struct TextLines
{
    int width = 0;
    int lineHeight = 0;
    int maxLines = 0;
    int maxHeight = 0;
    Qt::LayoutDirection direction = Qt::LeftToRight; ///< of a text that has none itself

    [[nodiscard]] BrokenLines lay(QTextLayout &layout, const MessageText &text, const QFont &font,
                                  const QList<QTextLayout::FormatRange> &formats) const;
};

} // namespace parlor::gui
