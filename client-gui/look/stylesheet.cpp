// SPDX-License-Identifier: MIT
#include "client-gui/look/stylesheet.h"

namespace parlor::gui {

QString styleSheet(const Tokens &tokens)
{
    QString sheet = QStringLiteral(R"(
QMainWindow, QDialog { background: @window; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 6px; }
)");
    const std::pair<QLatin1String, QColor> names[] = {
        {QLatin1String("@window"), tokens.window},
        {QLatin1String("@raised"), tokens.raised},
        {QLatin1String("@text"), tokens.text},
        {QLatin1String("@line"), tokens.line},
    };
    for (const auto &[name, color] : names)
        sheet.replace(name, color.name());
    return sheet;
}

} // namespace parlor::gui
