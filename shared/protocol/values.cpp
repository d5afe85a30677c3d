// SPDX-License-Identifier: MIT
#include "shared/protocol/values.h"

#include "shared/protocol/limits.h"
#include "shared/protocol/namecharacters.h"

#include <QString>
#include <QStringDecoder>

#include <simdjson.h>

#include <algorithm>
#include <chrono>

namespace parlor::values {

namespace {

/// UTF-16 units that can become one name in NFC: a character of it is composed of eight at most.
constexpr qsizetype kUnitsBeforeNormalising = 8 * limits::kUsernameCodePoints;

std::size_t codePoints(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Not QString::fromUtf8(): it drops a byte order mark without a word.
QString decoded(std::string_view utf8)
{
    using Flag = QStringConverter::Flag;
    QStringDecoder decoder(QStringDecoder::Utf8,
                           QStringConverter::Flags(Flag::Stateless) | Flag::ConvertInitialBom);
    return decoder.decode(QByteArrayView(utf8.data(), static_cast<qsizetype>(utf8.size())));
}

} // namespace

bool isUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text.data(), text.size());
}

Result<std::string> roomName(std::string_view name)
{
    std::string lower(name);
    for (char &c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        const bool allowed =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!allowed) {
            const auto at = static_cast<std::size_t>(&c - lower.data());
            const char32_t refused = decoded(name.substr(at, 4)).toStdU32String().front();
            return Error{ErrorCode::RoomInvalid,
                         "a room's name is made of a-z, 0-9, '.', '_' and '-'; it has no " +
                             namecharacters::codePoint(refused)};
        }
    }
    if (name.empty() || name.size() > limits::kRoomNameBytes)
        return Error{ErrorCode::RoomInvalid, "a room's name has 1 to 64 characters"};
    return lower;
}

namespace {

/// Each run of spaces, of any kind, as one U+0020.
QString withSingleSpaces(const QString &text)
{
    QString result;
    for (const QChar each : text) {
        const bool isSpace = each.category() == QChar::Separator_Space;
        if (!isSpace || !result.endsWith(QLatin1Char(' ')))
            result += isSpace ? QLatin1Char(' ') : each;
    }
    return result;
}

} // namespace

Result<std::string> username(std::string_view name)
{
    const auto invalid = [](std::string text) { return Error{ErrorCode::NameInvalid, std::move(text)}; };
    constexpr const char *kTooLong = "a username has at most 32 characters; one emoji may be several";
    QString text = decoded(name).trimmed();
    if (text.isEmpty())
        return invalid("a username has at least one letter, digit or symbol");
    if (text.size() > kUnitsBeforeNormalising)
        return invalid(kTooLong);
    text = withSingleSpaces(text.normalized(QString::NormalizationForm_C));
    const std::u32string points = text.toStdU32String();
    if (points.size() > limits::kUsernameCodePoints)
        return invalid(kTooLong);
    bool tells = false;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (const auto mistake = namecharacters::mistake(points, i))
            return invalid(*mistake);
        tells = tells || namecharacters::isTelling(points, i);
    }
    if (!tells)
        return invalid("a username has at least one letter, digit or symbol; this one has only spaces, "
                       "punctuation or accents");
    if (text.compare(QLatin1String("server"), Qt::CaseInsensitive) == 0)
        return invalid("\"" + text.toStdString() + "\" is the server's own name; choose another one");
    return text.toStdString();
}

std::optional<Error> checkContent(std::string_view text)
{
    if (text.empty())
        return Error{ErrorCode::BadRequest, "\"content\" is empty"};
    if (text.size() > limits::kContentCodePoints && codePoints(text) > limits::kContentCodePoints)
        return Error{ErrorCode::TooLarge, "\"content\" has more than 4000 characters"};
    const auto control = std::find_if(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    });
    if (control != text.end())
        return Error{ErrorCode::BadRequest,
                     "\"content\" has " + namecharacters::codePoint(static_cast<unsigned char>(*control)) +
                         "; of control characters only \\n and \\t may be in it"};
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
