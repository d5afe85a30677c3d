// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/screenline.h"

#include <QString>

#include <algorithm>
#include <array>
#include <utility>

namespace parlor::cli::load {

namespace {

/// Two columns wide (Unicode's East_Asian_Width W and F, in whole blocks), ascending.
constexpr std::array<std::pair<char32_t, char32_t>, 19> kWide{{{0x1100, 0x115f},
                                                               {0x231a, 0x231b},
                                                               {0x2e80, 0x303e},
                                                               {0x3041, 0x33ff},
                                                               {0x3400, 0x4dbf},
                                                               {0x4e00, 0x9fff},
                                                               {0xa000, 0xa4cf},
                                                               {0xa960, 0xa97f},
                                                               {0xac00, 0xd7a3},
                                                               {0xf900, 0xfaff},
                                                               {0xfe10, 0xfe19},
                                                               {0xfe30, 0xfe6f},
                                                               {0xff00, 0xff60},
                                                               {0xffe0, 0xffe6},
                                                               {0x1f300, 0x1f64f},
                                                               {0x1f680, 0x1f6ff},
                                                               {0x1f900, 0x1f9ff},
                                                               {0x1fa70, 0x1faff},
                                                               {0x20000, 0x3fffd}}};

std::u32string pointsOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toStdU32String();
}

std::string_view sequenceOf(Style style)
{
    switch (style) {
    case Style::Plain:
        break;
    case Style::Dim:
        return "\033[2m";
    case Style::Bold:
        return "\033[1m";
    case Style::Good:
        return "\033[32m";
    case Style::Warning:
        return "\033[33m";
    case Style::Bad:
        return "\033[1;31m";
    }
    return {};
}

} // namespace

int columnsOf(char32_t c)
{
    const auto category = QChar::category(c);
    if (category == QChar::Mark_NonSpacing || category == QChar::Mark_Enclosing ||
        category == QChar::Other_Format)
        return 0;
    const bool isWide = std::any_of(kWide.begin(), kWide.end(),
                                    [c](const auto &range) { return c >= range.first && c <= range.second; });
    return isWide ? 2 : 1;
}

int columnsOf(std::string_view text)
{
    int columns = 0;
    for (const char32_t c : pointsOf(text))
        columns += columnsOf(c);
    return columns;
}

ScreenLine &ScreenLine::add(std::string_view text, Style style)
{
    if (text.empty())
        return *this;
    m_columns += columnsOf(text);
    m_texts.push_back({std::string(text), style});
    return *this;
}

ScreenLine &ScreenLine::to(int column)
{
    const int blanks = std::max(column - m_columns, isEmpty() ? 0 : 1);
    return add(std::string(static_cast<std::size_t>(std::max(blanks, 0)), ' '));
}

std::string ScreenLine::drawn(int columns, Colours colours) const
{
    const bool isCut = m_columns > columns;
    int left = isCut ? columns - 1 : columns;
    std::string out;
    for (const Text &each : m_texts) {
        std::u32string shown;
        for (const char32_t c : pointsOf(each.text)) {
            left -= columnsOf(c);
            if (left < 0)
                break;
            shown += c;
        }
        const std::string_view sequence = colours == Colours::On ? sequenceOf(each.style) : "";
        if (!shown.empty()) {
            out += sequence;
            out += QString::fromStdU32String(shown).toStdString();
            out += sequence.empty() ? "" : "\033[0m";
        }
        if (left < 0)
            break;
    }
    if (isCut && columns > 0)
        out += "…";
    return out;
}

} // namespace parlor::cli::load
