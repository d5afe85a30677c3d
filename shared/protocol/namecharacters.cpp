// SPDX-License-Identifier: MIT
#include "shared/protocol/namecharacters.h"

#include <QChar>

#include <algorithm>
#include <array>
#include <cstdio>

namespace parlor::namecharacters {

namespace {

using Text = std::u32string_view;

struct CodeRange
{
    char32_t first;
    char32_t last;
};

/// Unicode's Default_Ignorable_Code_Point, and letters and symbols that are blank: of Braille, of music, of
/// hieroglyphs, of Khitan; and what stands for an object that is not there (U+FFFC).
constexpr std::array<CodeRange, 21> kInvisible{{
    {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},     {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},   {0x2060, 0x206F},   {0x2800, 0x2800},
    {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFC},
    {0x13439, 0x13442}, {0x16FE4, 0x16FE4}, {0x1BCA0, 0x1BCA3}, {0x1D159, 0x1D159}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
}};

/// Unicode's Extended_Pictographic: every emoji but keycaps, skin tones and flags of countries, and places
/// for those to come.
constexpr std::array<CodeRange, 78> kPictographs{{
    {0xA9, 0xA9},       {0xAE, 0xAE},       {0x203C, 0x203C},   {0x2049, 0x2049},   {0x2122, 0x2122},
    {0x2139, 0x2139},   {0x2194, 0x2199},   {0x21A9, 0x21AA},   {0x231A, 0x231B},   {0x2328, 0x2328},
    {0x2388, 0x2388},   {0x23CF, 0x23CF},   {0x23E9, 0x23F3},   {0x23F8, 0x23FA},   {0x24C2, 0x24C2},
    {0x25AA, 0x25AB},   {0x25B6, 0x25B6},   {0x25C0, 0x25C0},   {0x25FB, 0x25FE},   {0x2600, 0x2605},
    {0x2607, 0x2612},   {0x2614, 0x2685},   {0x2690, 0x2705},   {0x2708, 0x2712},   {0x2714, 0x2714},
    {0x2716, 0x2716},   {0x271D, 0x271D},   {0x2721, 0x2721},   {0x2728, 0x2728},   {0x2733, 0x2734},
    {0x2744, 0x2744},   {0x2747, 0x2747},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2763, 0x2767},   {0x2795, 0x2797},   {0x27A1, 0x27A1},   {0x27B0, 0x27B0},
    {0x27BF, 0x27BF},   {0x2934, 0x2935},   {0x2B05, 0x2B07},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},
    {0x2B55, 0x2B55},   {0x3030, 0x3030},   {0x303D, 0x303D},   {0x3297, 0x3297},   {0x3299, 0x3299},
    {0x1F000, 0x1F0FF}, {0x1F10D, 0x1F10F}, {0x1F12F, 0x1F12F}, {0x1F16C, 0x1F171}, {0x1F17E, 0x1F17F},
    {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F1AD, 0x1F1E5}, {0x1F201, 0x1F20F}, {0x1F21A, 0x1F21A},
    {0x1F22F, 0x1F22F}, {0x1F232, 0x1F23A}, {0x1F23C, 0x1F23F}, {0x1F249, 0x1F3FA}, {0x1F400, 0x1F53D},
    {0x1F546, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F774, 0x1F77F}, {0x1F7D5, 0x1F7FF}, {0x1F80C, 0x1F80F},
    {0x1F848, 0x1F84F}, {0x1F85A, 0x1F85F}, {0x1F888, 0x1F88F}, {0x1F8AE, 0x1F8FF}, {0x1F90C, 0x1F93A},
    {0x1F93C, 0x1F945}, {0x1F947, 0x1FAFF}, {0x1FC00, 0x1FFFD},
}};

constexpr char32_t kNonJoiner = 0x200C;
constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kTextStyle = 0xFE0E;
constexpr char32_t kEmojiStyle = 0xFE0F;
constexpr char32_t kKeycap = 0x20E3;
constexpr char32_t kBlackFlag = 0x1F3F4;
constexpr char32_t kTagEnd = 0xE007F;
constexpr std::uint8_t kVirama = 9; ///< its canonical combining class

constexpr bool isWithin(char32_t c, char32_t first, char32_t last)
{
    return c >= first && c <= last;
}

template <std::size_t n>
bool isIn(const std::array<CodeRange, n> &ranges, char32_t c)
{
    const auto range = std::ranges::lower_bound(ranges, c, {}, &CodeRange::last);
    return range != ranges.end() && c >= range->first;
}

bool isPictograph(char32_t c)
{
    return isIn(kPictographs, c);
}

bool turnsText(char32_t c)
{
    return c == 0x61C || isWithin(c, 0x200E, 0x200F) || isWithin(c, 0x202A, 0x202E) ||
           isWithin(c, 0x2066, 0x2069);
}

bool isSkinTone(char32_t c)
{
    return isWithin(c, 0x1F3FB, 0x1F3FF);
}

bool isTag(char32_t c)
{
    return isWithin(c, 0xE0020, kTagEnd);
}

bool isVariationSelector(char32_t c)
{
    return isWithin(c, 0xFE00, kEmojiStyle) || isWithin(c, 0xE0100, 0xE01EF) || isWithin(c, 0x180B, 0x180D) ||
           c == 0x180F;
}

/// The character `back` places before; 0: there is none.
char32_t before(Text name, std::size_t at, std::size_t back = 1)
{
    return back <= at ? name[at - back] : 0;
}

/// The joining type of the nearest letter in this direction: marks stand between it and the non-joiner.
QChar::JoiningType joiningType(Text name, std::size_t at, std::ptrdiff_t step)
{
    for (auto i = static_cast<std::ptrdiff_t>(at) + step; i >= 0 && i < std::ssize(name); i += step) {
        const QChar::JoiningType type = QChar::joiningType(name[static_cast<std::size_t>(i)]);
        if (type != QChar::Joining_Transparent)
            return type;
    }
    return QChar::Joining_None;
}

bool isBehindVirama(Text name, std::size_t at)
{
    return at > 0 && QChar::combiningClass(name[at - 1]) == kVirama;
}

/// RFC 5892 appendix A.1.
bool mayNotJoin(Text name, std::size_t at)
{
    if (isBehindVirama(name, at))
        return true;
    const auto left = joiningType(name, at, -1);
    const auto right = joiningType(name, at, 1);
    return (left == QChar::Joining_Left || left == QChar::Joining_Dual) &&
           (right == QChar::Joining_Right || right == QChar::Joining_Dual);
}

/// RFC 5892 appendix A.2, or between two emoji (UTS 51, ED-16).
bool mayJoin(Text name, std::size_t at)
{
    if (isBehindVirama(name, at))
        return true;
    std::size_t back = 1;
    while (before(name, at, back) == kEmojiStyle || isSkinTone(before(name, at, back)))
        ++back;
    return isPictograph(before(name, at, back)) && at + 1 < name.size() && isPictograph(name[at + 1]);
}

bool isKeycapBase(char32_t c)
{
    return isWithin(c, U'0', U'9') || c == U'#' || c == U'*';
}

/// Behind an emoji (UTS 51), an ideograph, or a Mongolian letter.
bool maySelectVariant(Text name, std::size_t at)
{
    const char32_t c = name[at];
    const char32_t base = before(name, at);
    if (c == kTextStyle || c == kEmojiStyle) {
        const bool isKeycap = isKeycapBase(base) && at + 1 < name.size() && name[at + 1] == kKeycap;
        return isPictograph(base) || isKeycap;
    }
    if (isWithin(c, 0x180B, 0x180F))
        return QChar::script(base) == QChar::Script_Mongolian;
    const bool isForIdeographs = isWithin(c, 0xFE00, 0xFE02) || c >= 0xE0100;
    return isForIdeographs && QChar::script(base) == QChar::Script_Han;
}

std::string onlyWhere(char32_t c, const char *where)
{
    return "a username has " + codePoint(c) + " only " + where;
}

} // namespace

bool isInFlag(Text text, std::size_t at)
{
    constexpr std::size_t kMost = 6;
    std::size_t begin = at + 1;
    while (begin > 0 && at + 1 - begin <= kMost + 1 && isTag(text[begin - 1]))
        --begin;
    if (begin > at || before(text, begin) != kBlackFlag)
        return false;
    const Text code = text.substr(begin, kMost + 1);
    const std::size_t length = code.find(kTagEnd);
    return length != Text::npos && length >= 3 && at <= begin + length &&
           std::ranges::all_of(code.substr(0, length), [](char32_t c) {
               return isWithin(c, 0xE0030, 0xE0039) || isWithin(c, 0xE0061, 0xE007A);
           });
}

std::string codePoint(char32_t c)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "U+%04X", static_cast<unsigned>(c));
    return text.data();
}

std::optional<std::string> mistake(Text name, std::size_t at)
{
    const char32_t c = name[at];
    const auto none = [c](const char *why) { return "a username has no " + codePoint(c) + ": it " + why; };
    if (turnsText(c))
        return none("changes the direction of the text around it");
    if (c == kNonJoiner) {
        return mayNotJoin(name, at) ? std::nullopt
                                    : std::optional(onlyWhere(c, "between letters that would join, as in "
                                                                 "Persian, or behind a virama"));
    }
    if (c == kJoiner) {
        return mayJoin(name, at) ? std::nullopt
                                 : std::optional(onlyWhere(c, "between two emoji, or behind a virama"));
    }
    if (isVariationSelector(c)) {
        return maySelectVariant(name, at)
                   ? std::nullopt
                   : std::optional(onlyWhere(c, "behind a character that has such a variant, as emoji have"));
    }
    if (isTag(c)) {
        return isInFlag(name, at) ? std::nullopt
                                  : std::optional(onlyWhere(c, "in the flag of a country's part, as Wales'"));
    }
    if (QChar::isNonCharacter(c))
        return none("is no character");
    if (isIn(kInvisible, c))
        return none("is invisible");
    switch (QChar::category(c)) {
    case QChar::Other_Control:
        return none("is a control character");
    case QChar::Other_Format:
        return none("is a format character");
    case QChar::Other_Surrogate:
        return none("is half a character");
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return none("breaks the line");
    default:
        return std::nullopt;
    }
}

bool isTelling(Text name, std::size_t at)
{
    const char32_t c = name[at];
    if (c == kKeycap) {
        const char32_t base = before(name, at);
        return isKeycapBase(base == kEmojiStyle ? before(name, at, 2) : base);
    }
    const bool isMarkOrFormat = QChar::isMark(c) || QChar::category(c) == QChar::Other_Format;
    return isPictograph(c) || !(isMarkOrFormat || QChar::isSpace(c) || QChar::isPunct(c));
}

} // namespace parlor::namecharacters
