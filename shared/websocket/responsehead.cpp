// SPDX-License-Identifier: MIT
#include "shared/websocket/responsehead.h"

#include "shared/websocket/fieldtext.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace parlor::websocket {

using Reason = Refusal::Reason;

namespace {

constexpr std::string_view kHttp = "HTTP/1.";
constexpr std::string_view kSpace = " \t";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// RFC 9110 §5.6.2.
bool isToken(std::string_view text)
{
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || kMarks.find(c) != std::string_view::npos;
    });
}

/// Visible characters, spaces and tabs, and octets past ASCII (RFC 9110 §5.5, RFC 9112 §4).
bool isText(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return c == '\t' || (octet >= 0x20 && octet != 0x7F);
    });
}

/// Takes the first line off, without its CRLF.
std::string_view takeLine(std::string_view &text)
{
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), line.size() + 2));
    return line;
}

/// HTTP/1.1 101 Switching Protocols. The space behind the number may be missing where no reason follows.
bool parseStatusLine(std::string_view line, ResponseHead &head)
{
    if (line.size() < 12 || !isDigit(line[7]) || line[8] != ' ' || (line.size() > 12 && line[12] != ' ') ||
        !isText(line) || !std::all_of(line.begin() + 9, line.begin() + 12, isDigit) || line[9] == '0')
        return false;
    head.minorVersion = line[7] - '0';
    head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    head.reason = trimmed(line.substr(12));
    return true;
}

/// `lines` is what stands between the status line and the empty one.
std::optional<Refusal> parseFields(std::string_view lines, std::vector<HeadField> &fields)
{
    while (!lines.empty()) {
        const std::string_view line = takeLine(lines);
        const bool isFold =
            kSpace.find(line.front()) != std::string_view::npos; // RFC 9112 §5.2: it counts as a space
        if (isFold && !fields.empty() && isText(line)) {
            std::string &value = fields.back().value;
            value.append(value.empty() || trimmed(line).empty() ? "" : " ").append(trimmed(line));
            continue;
        }
        const std::size_t colon = line.find(':');
        HeadField field{lowered(line.substr(0, colon)), {}};
        if (colon != std::string_view::npos)
            field.value = trimmed(line.substr(colon + 1));
        if (colon == std::string_view::npos || !isValidField(field))
            return Refusal{Reason::Malformed, "an HTTP head with a line that is no field"};
        if (fields.size() == ResponseReader::kFields)
            return Refusal{Reason::TooManyFields, "an HTTP head of more than " +
                                                      std::to_string(ResponseReader::kFields) + " fields"};
        fields.push_back(std::move(field));
    }
    return std::nullopt;
}

/// Of the whole head, without the empty line.
std::optional<Refusal> parseHead(std::string_view bytes, ResponseHead &head)
{
    head = {};
    if (!parseStatusLine(takeLine(bytes), head))
        return Refusal{Reason::Malformed, "an answer without an HTTP status"};
    return parseFields(bytes, head.fields);
}

bool hasBareLineFeed(std::string_view text)
{
    std::size_t at = text.find('\n');
    while (at != std::string_view::npos && at != 0 && text[at - 1] == '\r')
        at = text.find('\n', at + 1);
    return at != std::string_view::npos;
}

} // namespace

bool isValidField(const HeadField &field)
{
    return isToken(field.name) && isText(field.value);
}

std::vector<std::string_view> ResponseHead::values(std::string_view name) const
{
    std::vector<std::string_view> found;
    for (const HeadField &field : fields) {
        if (field.name == name)
            found.emplace_back(field.value);
    }
    return found;
}

bool ResponseHead::hasToken(std::string_view name, std::string_view token) const
{
    for (std::string_view value : values(name)) {
        for (;;) {
            const std::size_t comma = value.find(',');
            if (lowered(trimmed(value.substr(0, comma))) == token)
                return true;
            if (comma == std::string_view::npos)
                break;
            value.remove_prefix(comma + 1);
        }
    }
    return false;
}

std::size_t ResponseReader::feed(std::string_view bytes)
{
    if (m_state != State::Waiting)
        return 0;
    const std::size_t before = m_bytes.size();
    m_bytes.append(bytes.substr(0, kHeadBytes - before));
    std::optional<Refusal> why;
    while (m_state == State::Waiting && !why) {
        const std::string_view rest = std::string_view(m_bytes).substr(m_begin);
        const std::size_t size = rest.find("\r\n\r\n");
        const bool isWhole = size != std::string_view::npos;
        const std::string_view head = rest.substr(0, size);
        if (!head.starts_with(isWhole ? kHttp : kHttp.substr(0, head.size()))) {
            why = {Reason::NotHttp, "an answer that is not HTTP/1.1"};
        } else if (hasBareLineFeed(head)) {
            why = {Reason::Malformed, "an HTTP head with a line that ends without CR"};
        } else if (!isWhole) {
            if (m_bytes.size() < kHeadBytes)
                return bytes.size();
            why = {Reason::HeadTooLarge,
                   "an HTTP head without an end in " + std::to_string(kHeadBytes) + " bytes"};
        } else {
            m_begin += size + 4;
            why = parseHead(head, m_head);
            if (!why && (m_head.status >= 200 || m_head.status == 101))
                m_state = State::Whole;
        }
    }
    if (why) {
        m_refusal = std::move(*why);
        m_state = State::Refused;
    }
    std::string().swap(m_bytes);
    return std::min(bytes.size(), m_begin > before ? m_begin - before : 0);
}

} // namespace parlor::websocket
