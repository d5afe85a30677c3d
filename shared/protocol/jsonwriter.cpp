// SPDX-License-Identifier: MIT
#include "shared/protocol/jsonwriter.h"

#include <array>
#include <charconv>
#include <cmath>

namespace parlor {

namespace {

template <typename T>
void appendNumber(std::string &out, T value)
{
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void appendEscaped(std::string &out, std::string_view text)
{
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::size_t clean = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        out.append(text, clean, i - clean);
        clean = i + 1;
        out.push_back('\\');
        switch (c) {
        case '"':
        case '\\':
            out.push_back(static_cast<char>(c));
            break;
        case '\n':
            out.push_back('n');
            break;
        case '\t':
            out.push_back('t');
            break;
        case '\r':
            out.push_back('r');
            break;
        case '\b':
            out.push_back('b');
            break;
        case '\f':
            out.push_back('f');
            break;
        default:
            out.append("u00");
            out.push_back(kHex[c >> 4]);
            out.push_back(kHex[c & 15]);
        }
    }
    out.append(text, clean);
}

} // namespace

void JsonWriter::separate()
{
    if (m_needsComma)
        m_out.push_back(',');
    m_needsComma = true;
}

JsonWriter &JsonWriter::open(char c)
{
    separate();
    m_out.push_back(c);
    m_needsComma = false;
    return *this;
}

JsonWriter &JsonWriter::close(char c)
{
    m_out.push_back(c);
    m_needsComma = true;
    return *this;
}

JsonWriter &JsonWriter::key(std::string_view name)
{
    separate();
    m_out.push_back('"');
    m_out.append(name);
    m_out.append("\":");
    m_needsComma = false;
    return *this;
}

JsonWriter &JsonWriter::string(std::string_view utf8)
{
    separate();
    m_out.push_back('"');
    appendEscaped(m_out, utf8);
    m_out.push_back('"');
    return *this;
}

JsonWriter &JsonWriter::number(std::uint64_t value)
{
    separate();
    appendNumber(m_out, value);
    return *this;
}

JsonWriter &JsonWriter::number(std::int64_t value)
{
    separate();
    appendNumber(m_out, value);
    return *this;
}

JsonWriter &JsonWriter::number(double value)
{
    constexpr double kExact = 9007199254740992.0; // 2^53: past it a double is no exact integer
    if (!std::isfinite(value))
        return number(std::uint64_t{0});
    if (value == std::trunc(value) && std::abs(value) <= kExact)
        return number(static_cast<std::int64_t>(value));
    separate();
    appendNumber(m_out, value);
    return *this;
}

JsonWriter &JsonWriter::raw(std::string_view json)
{
    separate();
    m_out.append(json);
    return *this;
}

} // namespace parlor
