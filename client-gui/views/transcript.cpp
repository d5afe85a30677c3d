// SPDX-License-Identifier: MIT
#include "client-gui/views/transcript.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/timeofday.h"
#include "client-gui/views/messagelayout.h"

#include <algorithm>

namespace parlor::gui {

QString transcript(QModelIndexList messages)
{
    std::sort(messages.begin(), messages.end());
    QStringList lines;
    for (const QModelIndex &index : messages) {
        const MessageRow row = MessageRow::from(index);
        lines.append(QStringLiteral("[%1] %2: %3")
                         .arg(timeOfDay(row.time), shownName(row.name, row.user), harmless(row.text)));
    }
    return lines.join(u'\n');
}

} // namespace parlor::gui
