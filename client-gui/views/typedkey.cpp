// SPDX-License-Identifier: MIT
#include "client-gui/views/typedkey.h"

#include <QKeyEvent>

namespace parlor::gui {

bool isTyped(const QKeyEvent &event)
{
    constexpr Qt::KeyboardModifiers kAltGr = Qt::ControlModifier | Qt::AltModifier; // as Windows has it
    const auto commands = event.modifiers() & (kAltGr | Qt::MetaModifier);
    if (commands != Qt::NoModifier && commands != kAltGr)
        return false;
    const char32_t first = event.text().toUcs4().value(0);
    return event.key() != Qt::Key_Space && first != 0 && QChar::isPrint(first);
}

} // namespace parlor::gui
