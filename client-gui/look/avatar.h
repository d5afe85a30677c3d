// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/tokens.h"

#include <QRectF>
#include <QString>

class QPainter;

namespace parlor::gui {

/// One of twelve hues, by hueKey(): the same person has the same one everywhere and always.
struct Hue
{
    QColor fill; ///< ground of the avatar, under white initials; a name on a light ground
    QColor name; ///< a name on a dark ground
};

[[nodiscard]] const Hue &hueOf(const QString &key);
[[nodiscard]] QColor nameColor(const QString &key, const Tokens &tokens);
/// At most two letters; "?" for a name without any.
[[nodiscard]] QString initials(const QString &name);
/// A square with round corners and the initials in it.
void paintAvatar(QPainter &painter, const QRectF &square, const QString &key, const QString &name);

} // namespace parlor::gui
