// SPDX-License-Identifier: MIT
#include "client-gui/models/timeofday.h"

#include <QLocale>

namespace parlor::gui {

QString timeOfDay(const QDateTime &time)
{
    const QLocale locale;
    if (locale.language() == QLocale::C) // its short format has seconds
        return time.time().toString(QStringLiteral("HH:mm"));
    return locale.toString(time.time(), QLocale::ShortFormat);
}

} // namespace parlor::gui
