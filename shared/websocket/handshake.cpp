// SPDX-License-Identifier: MIT
#include "shared/websocket/handshake.h"

#include <QByteArray>
#include <QCryptographicHash>

#include <algorithm>
#include <cassert>
#include <utility>

namespace parlor::websocket {

using Reason = Refusal::Reason;

namespace {

constexpr std::string_view kHttp = "HTTP/1.";
constexpr std::string_view kSpace = " \t";

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

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

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
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
        if (fields.size() == ClientHandshake::kFields)
            return Refusal{Reason::TooManyFields, "an HTTP head of more than " +
                                                      std::to_string(ClientHandshake::kFields) + " fields"};
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

/// A list in one or several fields (RFC 9110 §5.6.1), of tokens that know no case.
bool hasToken(const std::vector<std::string_view> &values, std::string_view token)
{
    for (std::string_view value : values) {
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

/// RFC 6455 §4.2.2, item 5.4.
std::string acceptOf(const std::string &key)
{
    const std::string proof = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    return QCryptographicHash::hash(QByteArrayView(proof.data(), static_cast<qsizetype>(proof.size())),
                                    QCryptographicHash::Sha1)
        .toBase64()
        .toStdString();
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

ClientHandshake::ClientHandshake(UpgradeRequest request, const Nonce &nonce)
    : m_request(std::move(request))
    , m_key(QByteArray(nonce.data(), nonce.size()).toBase64().toStdString())
{
}

std::string ClientHandshake::request() const
{
    std::string text = "GET " + m_request.target + " HTTP/1.1\r\nHost: " + m_request.host +
                       "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: " +
                       m_key + "\r\n";
    for (std::size_t i = 0; i < m_request.subprotocols.size(); ++i)
        text.append(i == 0 ? "Sec-WebSocket-Protocol: " : ", ").append(m_request.subprotocols[i]);
    if (!m_request.subprotocols.empty())
        text += "\r\n";
    for (const HeadField &field : m_request.fields) {
        assert(isValidField(field));
        text.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return text + "\r\n";
}

std::size_t ClientHandshake::feed(std::string_view bytes)
{
    if (m_state != State::Waiting)
        return 0;
    const std::size_t before = m_head.size();
    m_head.append(bytes.substr(0, kHeadBytes - before));
    std::optional<Refusal> why;
    while (m_state == State::Waiting && !why) {
        const std::string_view rest = std::string_view(m_head).substr(m_begin);
        const std::size_t size = rest.find("\r\n\r\n");
        const bool isWhole = size != std::string_view::npos;
        const std::string_view head = rest.substr(0, size);
        if (!head.starts_with(isWhole ? kHttp : kHttp.substr(0, head.size()))) {
            why = {Reason::NotHttp, "an answer that is not HTTP/1.1"};
        } else if (hasBareLineFeed(head)) {
            why = {Reason::Malformed, "an HTTP head with a line that ends without CR"};
        } else if (!isWhole) {
            if (m_head.size() < kHeadBytes)
                return bytes.size();
            why = {Reason::HeadTooLarge,
                   "an HTTP head without an end in " + std::to_string(kHeadBytes) + " bytes"};
        } else {
            m_begin += size + 4;
            why = parseHead(head, m_response);
            // Further 1xx are news on the way to the answer (RFC 9110 §15.2).
            if (!why && (m_response.status >= 200 || m_response.status == 101)) {
                why = judge();
                if (!why)
                    m_state = State::Open;
            }
        }
    }
    if (why) {
        m_refusal = std::move(*why);
        m_state = State::Refused;
    }
    std::string().swap(m_head);
    return std::min(bytes.size(), m_begin > before ? m_begin - before : 0);
}

/// The answer is whole: does it open the connection (RFC 6455 §4.1, second list)?
std::optional<Refusal> ClientHandshake::judge()
{
    const ResponseHead &answer = m_response;
    if (answer.status != 101)
        return Refusal{Reason::Status, "HTTP " + std::to_string(answer.status) +
                                           (answer.reason.empty() ? "" : ' ' + answer.reason)};
    if (answer.minorVersion == 0)
        return Refusal{Reason::OldHttp, "101 in HTTP/1.0"};
    const auto upgrade = answer.values("upgrade");
    if (upgrade.size() != 1 || lowered(upgrade.front()) != "websocket")
        return Refusal{Reason::NoUpgrade, "101 without Upgrade: websocket"};
    if (!hasToken(answer.values("connection"), "upgrade"))
        return Refusal{Reason::NoConnectionUpgrade, "101 without Connection: Upgrade"};
    const auto accept = answer.values("sec-websocket-accept");
    if (accept.size() != 1 || accept.front() != acceptOf(m_key))
        return Refusal{Reason::WrongAccept, "101 with a wrong Sec-WebSocket-Accept"};
    if (!answer.values("sec-websocket-extensions").empty())
        return Refusal{Reason::UnaskedExtension, "101 with an extension that was not offered"};
    const auto chosen = answer.values("sec-websocket-protocol");
    const auto &asked = m_request.subprotocols;
    if (chosen.empty() && !asked.empty())
        return Refusal{Reason::NoSubprotocol, "the server does not speak " + asked.front()};
    if (chosen.size() > 1 ||
        (!chosen.empty() && std::find(asked.begin(), asked.end(), chosen.front()) == asked.end()))
        return Refusal{Reason::UnaskedSubprotocol, "101 with a sub-protocol that was not offered"};
    if (!chosen.empty())
        m_subprotocol = chosen.front();
    return std::nullopt;
}

} // namespace parlor::websocket
