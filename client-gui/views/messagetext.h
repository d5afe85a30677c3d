// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QString>

namespace parlor::gui {

/// What a message's text shows. Remote text is never markup for Qt: it becomes plain text and ranges in it.
struct MessageText
{
    enum class Kind {
        Link,
        Mention,   ///< of us
        Code,      ///< within a line; a no-break space at either end gives its ground room
        CodeBlock, ///< lines of its own
        Bold,
        Italic,
    };
    struct Range
    {
        Kind kind = Kind::Link;
        qsizetype start = 0; ///< in `display`
        qsizetype length = 0;
        QString href{}; ///< of a link, encoded, with the host in ASCII
        bool operator==(const Range &) const = default;
    };

    QString display;     ///< lines end with '\n'
    QList<Range> ranges; ///< ascending by start; Bold and Italic may hold others
};

/// Longer texts are cut, and end with "…".
inline constexpr qsizetype kShownCodePoints = 4000;

/// `self`: the name whose mentions count; empty: none. Takes time linear in the text's length.
[[nodiscard]] MessageText parseMessage(QStringView text, const QString &self);

} // namespace parlor::gui
