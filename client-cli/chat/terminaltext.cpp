// SPDX-License-Identifier: MIT
#include "client-cli/chat/terminaltext.h"

#include "shared/protocol/namecharacters.h"

#include <QHash>

#include <array>
#include <unistd.h>

namespace parlor::cli {

namespace {

bool isDangerous(char32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) // C0, DEL, C1
           || c == 0x2028 || c == 0x2029        // line and paragraph separator
           || c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) // direction
           || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

QString escaped(char32_t c)
{
    const auto value = static_cast<unsigned>(c);
    if (c <= 0xff)
        return QStringLiteral("\\x%1").arg(value, 2, 16, QLatin1Char('0'));
    return QStringLiteral("\\u{%1}").arg(value, 4, 16, QLatin1Char('0'));
}

} // namespace

QString sanitised(QStringView text, LineBreaks breaks)
{
    QString out;
    out.reserve(text.size());
    const std::u32string points = text.toString().toStdU32String();
    for (std::size_t i = 0; i < points.size(); ++i) {
        const char32_t c = points[i];
        if (c == U'\n')
            out += breaks == LineBreaks::Escape ? QStringLiteral("\\n") : QStringLiteral("\n    ");
        else if (c == U'\t')
            out += QLatin1Char(' ');
        else if (isDangerous(c) && !namecharacters::isInFlag(points, i))
            out += escaped(c);
        else
            out += QString::fromUcs4(&c, 1);
    }
    return out;
}

bool isDumbTerminal()
{
    return qEnvironmentVariableIsEmpty("TERM") || qgetenv("TERM") == "dumb";
}

Palette Palette::forDescriptor(int fd)
{
    const bool refused = !qEnvironmentVariableIsEmpty("NO_COLOR") || isDumbTerminal();
    return Palette(::isatty(fd) && !refused ? Use::Always : Use::Never);
}

QString Palette::named(const QString &text, const QString &key) const
{
    static constexpr std::array kColours{"1;31", "1;32", "1;33", "1;34", "1;35", "1;36"};
    return wrap(text, kColours.at(qHash(key, 0) % kColours.size()));
}

QString Palette::wrap(const QString &text, const char *code) const
{
    if (m_use == Use::Never)
        return text;
    return QStringLiteral("\x1b[%1m%2\x1b[0m").arg(QLatin1String(code), text);
}

} // namespace parlor::cli
