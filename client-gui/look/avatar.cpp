// SPDX-License-Identifier: MIT
#include "client-gui/look/avatar.h"

#include <QFont>
#include <QPainter>
#include <QTextBoundaryFinder>

#include <array>
#include <cstdint>

namespace parlor::gui {

namespace {

const std::array<Hue, 12> &hues()
{
    static const std::array<Hue, 12> all{{
        {QColor(0x2F6CA8), QColor(0x86B8EA)}, // blue
        {QColor(0x1F6F5C), QColor(0x5CC2A7)}, // green
        {QColor(0x7A5A98), QColor(0xC3A2E0)}, // purple
        {QColor(0xA8481F), QColor(0xF0A27A)}, // rust
        {QColor(0x5A6B2C), QColor(0xA9BE70)}, // olive
        {QColor(0x9C3A63), QColor(0xEA9BBB)}, // rose
        {QColor(0x1F6E80), QColor(0x6FC1D2)}, // teal
        {QColor(0x4E5BAA), QColor(0xA6B0EE)}, // indigo
        {QColor(0x7D5A11), QColor(0xDDB866)}, // ochre
        {QColor(0xA13A37), QColor(0xF29C98)}, // red
        {QColor(0x3B7038), QColor(0x8CC788)}, // leaf
        {QColor(0x855080), QColor(0xD79FD1)}, // plum
    }};
    return all;
}

/// FNV-1a: the same on every machine and in every run, unlike qHash.
std::uint32_t hashOf(const QString &text)
{
    std::uint32_t hash = 2166136261U;
    for (const char byte : text.toUtf8()) {
        hash ^= static_cast<unsigned char>(byte);
        hash *= 16777619U;
    }
    return hash;
}

/// The first letter or digit of a word, as people count: a base and its marks.
QString firstLetter(QStringView word)
{
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, word.data(), word.size());
    qsizetype start = 0;
    while (finder.toNextBoundary() > 0) {
        const QStringView cluster = word.mid(start, finder.position() - start);
        const char32_t code = cluster.toUcs4().value(0);
        if (QChar::isLetterOrNumber(code))
            return cluster.toString().toUpper();
        start = finder.position();
    }
    return {};
}

} // namespace

const Hue &hueOf(const QString &key)
{
    return hues()[hashOf(key) % hues().size()];
}

QColor nameColor(const QString &key, const Tokens &tokens)
{
    const Hue &hue = hueOf(key);
    return tokens.dark ? hue.name : hue.fill;
}

QString initials(const QString &name)
{
    QString letters;
    int words = 0;
    for (const QStringView word : QStringView(name).split(u' ', Qt::SkipEmptyParts)) {
        const QString letter = firstLetter(word);
        if (letter.isEmpty())
            continue;
        letters += letter;
        if (++words == 2)
            break;
    }
    return letters.isEmpty() ? QStringLiteral("?") : letters;
}

void paintAvatar(QPainter &painter, const QRectF &square, const QString &key, const QString &name)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(hueOf(key).fill);
    const double radius = square.width() * 0.26;
    painter.drawRoundedRect(square, radius, radius);
    QFont font = painter.font();
    font.setPixelSize(std::max(8, static_cast<int>(square.height() * 0.38)));
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(Qt::white);
    painter.drawText(square, Qt::AlignCenter, initials(name));
    painter.restore();
}

} // namespace parlor::gui
