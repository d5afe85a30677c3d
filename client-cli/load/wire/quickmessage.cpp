// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/quickmessage.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace parlor::cli::load {

namespace {

/// Whether a JSON string in it may hold more than it shows: an escape, or what a string must not hold.
bool hasEscapesOrControls(std::string_view text)
{
    constexpr std::size_t kStep = 16; // so many at once: the compiler makes vector instructions of it
    std::array<unsigned char, kStep> found{};
    const auto look = [&found](std::size_t place, char c) {
        const auto byte = static_cast<unsigned char>(c);
        found[place] |= static_cast<unsigned char>((byte < 0x20 ? 1 : 0) | (byte == '\\' ? 1 : 0));
    };
    std::size_t at = 0;
    for (; at + kStep <= text.size(); at += kStep) {
        for (std::size_t i = 0; i < kStep; ++i)
            look(i, text[at + i]);
    }
    for (; at < text.size(); ++at)
        look(0, text[at]);
    return std::any_of(found.begin(), found.end(), [](unsigned char each) { return each != 0; });
}

/// What is left of a frame without escapes. After a step that did not match nothing matches.
class Rest
{
public:
    explicit Rest(std::string_view text)
        : m_text(text)
    {
    }
    /// A literal, so that its comparison becomes a few instructions.
    template <std::size_t Size>
    bool skip(const char (&expected)[Size])
    {
        constexpr std::size_t kLength = Size - 1;
        if (m_text.size() < kLength || std::memcmp(m_text.data(), expected, kLength) != 0)
            return false;
        m_text.remove_prefix(kLength);
        return true;
    }
    /// A string's characters and its end, after its first quote.
    bool string(std::string_view &value)
    {
        const std::size_t end = m_text.find('"');
        if (end == std::string_view::npos)
            return false;
        value = m_text.substr(0, end);
        m_text.remove_prefix(end + 1);
        return true;
    }
    bool skipString()
    {
        std::string_view ignored;
        return string(ignored);
    }
    /// From 1 on; so many digits that it needs no look at the range.
    bool number(std::uint64_t &value)
    {
        constexpr std::size_t kMostDigits = 18;
        std::size_t digits = 0;
        std::uint64_t read = 0;
        while (digits < m_text.size() && digits <= kMostDigits && m_text[digits] >= '0' &&
               m_text[digits] <= '9')
            read = 10 * read + static_cast<std::uint64_t>(m_text[digits++] - '0');
        if (digits == 0 || digits > kMostDigits || m_text.front() == '0')
            return false;
        value = read;
        m_text.remove_prefix(digits);
        return true;
    }
    [[nodiscard]] bool isEmpty() const { return m_text.empty(); }

private:
    std::string_view m_text;
};

} // namespace

std::optional<QuickMessage> readQuickly(std::string_view frame)
{
    Rest rest(frame);
    QuickMessage message;
    if (!rest.skip(R"({"type":"message","room":")") || hasEscapesOrControls(frame))
        return std::nullopt;
    if (!rest.string(message.room) || !rest.skip(R"(,"seq":)") || !rest.number(message.seq) ||
        !rest.skip(R"(,"id":")") || !rest.skipString())
        return std::nullopt;
    if (rest.skip(R"(,"cid":")") && !rest.skipString())
        return std::nullopt;
    if (!rest.skip(R"(,"sender":")") || !rest.skipString() || !rest.skip(R"(,"user":")") ||
        !rest.skipString() || !rest.skip(R"(,"username":")") || !rest.skipString() ||
        !rest.skip(R"(,"content":")") || !rest.string(message.content) || !rest.skip(R"(,"timestamp":")") ||
        !rest.skipString() || !rest.skip("}") || !rest.isEmpty())
        return std::nullopt;
    return message;
}

} // namespace parlor::cli::load
