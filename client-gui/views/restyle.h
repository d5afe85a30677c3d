// SPDX-License-Identifier: MIT
#pragma once

#include <QStyle>
#include <QWidget>

namespace parlor::gui {

/// After a property changed that the style sheet selects by: Qt looks at them only when a widget is polished.
inline void restyle(QWidget &widget)
{
    widget.style()->unpolish(&widget);
    widget.style()->polish(&widget);
    for (QWidget *child : widget.findChildren<QWidget *>()) {
        child->style()->unpolish(child);
        child->style()->polish(child);
    }
}

} // namespace parlor::gui
