// SPDX-License-Identifier: MIT
#include "client-gui/models/mention.h"

namespace parlor::gui {

namespace {

bool isWordCharacter(QChar character)
{
    // Surrogates and marks too: a name ends before a space or punctuation, not within a letter.
    return character.isLetterOrNumber() || character == u'_' || character.isSurrogate() || character.isMark();
}

} // namespace

bool isMentionAt(QStringView text, qsizetype at, const QString &name)
{
    if (name.isEmpty() || text[at] != u'@')
        return false;
    if (at > 0 && isWordCharacter(text[at - 1]))
        return false;
    const QStringView rest = text.mid(at + 1);
    if (!rest.startsWith(name, Qt::CaseInsensitive))
        return false;
    return rest.size() == name.size() || !isWordCharacter(rest[name.size()]);
}

bool mentions(QStringView text, const QString &name)
{
    for (qsizetype at = text.indexOf(u'@'); at >= 0; at = text.indexOf(u'@', at + 1)) {
        if (isMentionAt(text, at, name))
            return true;
    }
    return false;
}

} // namespace parlor::gui
