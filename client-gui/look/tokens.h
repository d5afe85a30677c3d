// SPDX-License-Identifier: MIT
#pragma once

#include <QColor>

namespace parlor::gui {

/// The colours of the desktop client, by what they are for. Nothing else in it names a colour.
struct Tokens
{
    QColor window; ///< chat, dialogs
    QColor side;   ///< rooms, ground of code
    QColor raised; ///< inputs, cards, menus
    QColor text;
    QColor muted;
    QColor line; ///< one-pixel separators
    QColor accent;
    QColor accentTint;
    QColor onAccent;
    QColor mention;
    QColor mentionTint;
    QColor warning;
    QColor warningGround;
    QColor error;
    QColor errorGround;
    QColor ok; ///< the connected dot
    bool dark = false;
};

[[nodiscard]] const Tokens &lightTokens();
[[nodiscard]] const Tokens &darkTokens();

/// WCAG 2.1's contrast ratio, 1 to 21.
[[nodiscard]] double contrast(const QColor &one, const QColor &other);
/// `share` of `top` (0 to 1) over `ground`.
[[nodiscard]] QColor mixed(const QColor &ground, const QColor &top, double share);

} // namespace parlor::gui
