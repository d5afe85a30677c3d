// SPDX-License-Identifier: MIT
#pragma once

#include <QLayout>
#include <QWidget>

namespace parlor::gui {

/// Makes a dialog as high as its texts need at its width; Qt guesses the width of wrapped text.
inline void fitHeight(QWidget &dialog)
{
    dialog.layout()->activate();
    const int width =
        std::max({dialog.width(), dialog.minimumWidth(), dialog.layout()->minimumSize().width()});
    const int height = dialog.layout()->hasHeightForWidth() ? dialog.layout()->totalHeightForWidth(width)
                                                            : dialog.layout()->totalSizeHint().height();
    dialog.resize(dialog.isVisible() ? width : dialog.minimumWidth(), height);
}

} // namespace parlor::gui
