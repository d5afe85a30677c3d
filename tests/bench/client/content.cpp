// SPDX-License-Identifier: MIT
#include "tests/bench/client/content.h"

#include <charconv>

namespace parlor::bench {

namespace {

constexpr std::size_t kRoomDigits = 6;
constexpr std::size_t kNumberDigits = 10;
constexpr std::size_t kNumberAt = kRoomDigits + 1;

void writeDigits(char *out, std::size_t count, std::uint32_t value)
{
    for (; count != 0; value /= 10)
        out[--count] = static_cast<char>('0' + value % 10);
}

std::optional<std::uint32_t> readDigits(std::string_view digits)
{
    std::uint32_t value = 0;
    const char *end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc{} && stopped == end ? std::optional(value) : std::nullopt;
}

} // namespace

Content::Content(std::size_t size)
    : m_text(size < kMinSize ? kMinSize : size, 'x')
{
    m_text[kRoomDigits] = '-';
}

std::string_view Content::write(std::uint32_t room, std::uint32_t number)
{
    writeDigits(m_text.data(), kRoomDigits, room);
    writeDigits(m_text.data() + kNumberAt, kNumberDigits, number);
    return m_text;
}

std::optional<std::uint32_t> Content::read(std::string_view content, std::uint32_t room) const
{
    constexpr std::size_t kFillerAt = kNumberAt + kNumberDigits;
    const std::string_view own(m_text);
    if (content.size() != own.size() || content[kRoomDigits] != '-' ||
        content.substr(kFillerAt) != own.substr(kFillerAt) ||
        readDigits(content.substr(0, kRoomDigits)) != room) {
        return std::nullopt;
    }
    return readDigits(content.substr(kNumberAt, kNumberDigits));
}

} // namespace parlor::bench
