// SPDX-License-Identifier: MIT
#include "shared/protocol/values.h"

#include "shared/protocol/limits.h"

#include <QChar>
#include <QString>

#include <algorithm>
#include <array>
#include <chrono>

namespace parlor::values {

namespace {

std::size_t codePoints(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Letters and symbols by their category that nobody sees: the Hangul fillers and the blank of Braille.
constexpr std::array<char32_t, 5> kBlanks{0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800};

/// Whether a name may show this: nothing that is invisible, unassigned, or turns the text around it.
bool isShowable(char32_t c)
{
    if (std::find(kBlanks.begin(), kBlanks.end(), c) != kBlanks.end())
        return false;
    switch (QChar::category(c)) {
    case QChar::Other_Control:
    case QChar::Other_Format: // bidi controls, zero width characters, byte order marks
    case QChar::Other_Surrogate:
    case QChar::Other_NotAssigned:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return false;
    default:
        return true;
    }
}

} // namespace

Result<std::string> roomName(std::string_view name)
{
    if (name.empty() || name.size() > limits::kRoomNameBytes)
        return Error{ErrorCode::RoomInvalid, "a room's name has 1 to 64 characters"};
    std::string lower(name);
    for (char &c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        const bool allowed =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!allowed)
            return Error{ErrorCode::RoomInvalid, "a room's name is made of a-z, 0-9, '.', '_' and '-'"};
    }
    return lower;
}

Result<std::string> username(std::string_view name)
{
    const auto invalid = [](const char *text) { return Error{ErrorCode::NameInvalid, text}; };
    if (name.empty())
        return invalid("a username has at least one character");
    if (name.size() >
        limits::kUsernameCodePoints * 8) // normalising cannot bring so long a name under the limit
        return invalid("a username has at most 32 characters");
    if (name.starts_with("\xEF\xBB\xBF")) // Qt would drop it without a word
        return invalid("a username has no control, format or direction characters");
    const QString text = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()))
                             .normalized(QString::NormalizationForm_C)
                             .trimmed();
    const auto points = text.toStdU32String();
    if (points.size() > limits::kUsernameCodePoints)
        return invalid("a username has at most 32 characters");
    bool visible = false;
    for (char32_t c : points) {
        if (!isShowable(c))
            return invalid("a username has no control, format, direction or invisible characters");
        visible = visible || !(QChar::isSpace(c) || QChar::isMark(c));
    }
    if (!visible)
        return invalid("a username is not only spaces and accents");
    return text.toStdString();
}

std::optional<Error> checkContent(std::string_view text)
{
    if (text.empty())
        return Error{ErrorCode::BadRequest, "\"content\" is empty"};
    if (text.size() > limits::kContentCodePoints && codePoints(text) > limits::kContentCodePoints)
        return Error{ErrorCode::TooLarge, "\"content\" has more than 4000 characters"};
    const bool control = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    });
    if (control)
        return Error{ErrorCode::BadRequest, "\"content\" has control characters other than \\n and \\t"};
    return std::nullopt;
}

std::optional<Error> checkCid(std::string_view cid)
{
    if (cid.empty() || codePoints(cid) > limits::kCidCodePoints)
        return Error{ErrorCode::BadRequest, "\"cid\" has 1 to 36 characters"};
    return std::nullopt;
}

Timestamp timestamp(std::chrono::milliseconds sinceEpoch)
{
    using namespace std::chrono;
    const auto day = floor<days>(sinceEpoch);
    const year_month_day date{sys_days{day}};
    const hh_mm_ss time{sinceEpoch - day};
    Timestamp out{{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                   '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'}};
    const auto put = [&out](std::size_t end, std::int64_t number) {
        for (; number > 0; number /= 10)
            out.characters[--end] = static_cast<char>('0' + number % 10);
    };
    put(4, std::clamp(int(date.year()), 0, 9999));
    put(7, unsigned(date.month()));
    put(10, unsigned(date.day()));
    put(13, time.hours().count());
    put(16, time.minutes().count());
    put(19, time.seconds().count());
    put(23, time.subseconds().count());
    return out;
}

} // namespace parlor::values
