// SPDX-License-Identifier: MIT
#include "client-gui/models/sentence.h"

namespace parlor::gui {

QString sentence(const QString &cause)
{
    if (cause.isEmpty())
        return cause;
    QString whole = cause;
    whole[0] = whole[0].toUpper();
    if (!whole.endsWith(u'.'))
        whole.append(u'.');
    return whole;
}

} // namespace parlor::gui
