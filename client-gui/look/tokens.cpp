// SPDX-License-Identifier: MIT
#include "client-gui/look/tokens.h"

#include <algorithm>
#include <cmath>

namespace parlor::gui {

namespace {

double channel(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &color)
{
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) +
           0.0722 * channel(color.blueF());
}

} // namespace

const Tokens &lightTokens()
{
    static const Tokens tokens{
        .window = QColor(0xFAF9F6),
        .side = QColor(0xF1EFEA),
        .raised = QColor(0xFFFFFF),
        .text = QColor(0x1E1D1B),
        .muted = QColor(0x6B6862),
        .line = QColor(0xE2DFD8),
        .accent = QColor(0x1F6F5C),
        .accentTint = QColor(0xDCEBE6),
        .onAccent = QColor(0xFFFFFF),
        .mention = QColor(0xA8481F),
        .mentionTint = QColor(0xFBE9DF),
        .warning = QColor(0x6B4E00),
        .warningGround = QColor(0xFFF3D6),
        .error = QColor(0x8A2B18),
        .errorGround = QColor(0xFBE3DE),
        .ok = QColor(0x2E8B57),
        .dark = false,
    };
    return tokens;
}

const Tokens &darkTokens()
{
    static const Tokens tokens{
        .window = QColor(0x1B1C1D),
        .side = QColor(0x232526),
        .raised = QColor(0x26292B),
        .text = QColor(0xECEAE6),
        .muted = QColor(0xA09C94),
        .line = QColor(0x34373A),
        .accent = QColor(0x5CC2A7),
        .accentTint = QColor(0x24413A),
        .onAccent = QColor(0x10201B),
        .mention = QColor(0xF0A27A),
        .mentionTint = QColor(0x40291D),
        .warning = QColor(0xF0D48A),
        .warningGround = QColor(0x3A3118),
        .error = QColor(0xF4AB9B),
        .errorGround = QColor(0x43231D),
        .ok = QColor(0x5CC28A),
        .dark = true,
    };
    return tokens;
}

double contrast(const QColor &one, const QColor &other)
{
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

QColor mixed(const QColor &ground, const QColor &top, double share)
{
    const auto part = [share](double from, double to) {
        return static_cast<float>(from + (to - from) * share);
    };
    return QColor::fromRgbF(part(ground.redF(), top.redF()), part(ground.greenF(), top.greenF()),
                            part(ground.blueF(), top.blueF()));
}

} // namespace parlor::gui
