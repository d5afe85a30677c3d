// SPDX-License-Identifier: MIT
#include "client-gui/models/harmless.h"

#include "shared/client/personname.h"
#include "shared/protocol/namecharacters.h"

#include <algorithm>

namespace parlor::gui {

namespace {

/// Of names; the protocol allows less.
constexpr qsizetype kNameCodePoints = 100;

constexpr char32_t kReplacement = 0xfffd;

bool isLineEnd(char32_t c)
{
    return c == U'\n' || c == U'\r' || c == 0x0b || c == 0x0c || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool isInvisible(char32_t c)
{
    return c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f || c == 0x2060 || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

bool isHarmful(char32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f)                                 // C0, DEL, C1
           || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)      // direction
           || c == 0xfffc || QChar::isSurrogate(c) || QChar::isNonCharacter(c); // no text at all
}

/// Takes part in no glyph of its own.
bool isBlank(char32_t c)
{
    switch (QChar::category(c)) {
    case QChar::Mark_NonSpacing:
    case QChar::Mark_Enclosing:
    case QChar::Separator_Space:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
    case QChar::Other_Control:
    case QChar::Other_Format:
        return true;
    default:
        return c == kReplacement || c == 0x115f || c == 0x1160 || c == 0x2800 || c == 0x3164 || c == 0xffa0;
    }
}

} // namespace

QString harmless(QStringView text, qsizetype maxCodePoints)
{
    const std::u32string codes = text.toString().toStdU32String();
    QString out;
    out.reserve(text.size());
    qsizetype shown = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        char32_t c = codes[i];
        if ((isInvisible(c) && !namecharacters::isInFlag(codes, i)) ||
            (c == U'\r' && i + 1 < codes.size() && codes[i + 1] == U'\n'))
            continue;
        if (maxCodePoints >= 0 && shown++ == maxCodePoints) {
            out += u'…';
            break;
        }
        if (isLineEnd(c))
            c = U'\n';
        else if (c != U'\t' && isHarmful(c))
            c = kReplacement;
        out += QChar::fromUcs4(c);
    }
    return out;
}

QString oneLine(QStringView text, qsizetype maxCodePoints)
{
    return harmless(text, maxCodePoints).simplified();
}

QString shownName(QStringView name, QStringView id)
{
    const QString shown = oneLine(personName(name.toString()), kNameCodePoints);
    return std::ranges::all_of(shown.toStdU32String(), isBlank) ? oneLine(id, kNameCodePoints) : shown;
}

} // namespace parlor::gui
