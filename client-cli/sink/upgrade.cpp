// SPDX-License-Identifier: MIT
#include "client-cli/sink/upgrade.h"

#include "shared/websocket/fieldtext.h"
#include "shared/websocket/handshake.h"

#include <algorithm>

namespace parlor::cli::sink {

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kSubprotocol = "parlor.v2";

bool isSame(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, {}, websocket::lower, websocket::lower);
}

} // namespace

std::size_t Upgrade::feed(std::string_view bytes)
{
    const std::size_t before = m_head.size();
    m_head.append(bytes.substr(0, kHeadBytes + 1 - std::min(before, kHeadBytes)));
    const std::size_t end = m_head.find(kHeadEnd, before - std::min(before, kHeadEnd.size() - 1));
    if (end == std::string::npos) {
        if (m_head.size() > kHeadBytes)
            refuse("431 Request Header Fields Too Large", "the request's head is larger than 8 KiB");
        return m_head.size() - before;
    }
    m_head.resize(end + kHeadEnd.size());
    judge();
    return m_head.size() - before;
}

void Upgrade::judge()
{
    const std::string key = field("sec-websocket-key");
    if (!m_head.starts_with("GET /"))
        return refuse("405 Method Not Allowed", "only GET is answered here");
    if (!hasToken("upgrade", "websocket") || !hasToken("connection", "upgrade"))
        return refuse("426 Upgrade Required", "this is a sink for load generators: it speaks WebSocket only");
    if (field("sec-websocket-version") != "13" || key.empty() || key.find(',') != std::string::npos)
        return refuse("400 Bad Request", "the WebSocket handshake is malformed");
    m_isV2 = m_dialects != Dialects::V1 && hasToken("sec-websocket-protocol", kSubprotocol);
    if (m_dialects == Dialects::V2 && !m_isV2)
        return refuse("400 Bad Request", "the sub-protocol parlor.v2 was not offered, and v1 is not spoken");
    m_answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: " +
               websocket::acceptOf(key) + "\r\n";
    if (m_isV2)
        m_answer.append("Sec-WebSocket-Protocol: ").append(kSubprotocol).append("\r\n");
    m_answer += "\r\n";
    m_state = State::Open;
}

void Upgrade::refuse(std::string_view status, std::string_view why)
{
    m_state = State::Refused;
    m_answer.append("HTTP/1.1 ")
        .append(status)
        .append("\r\nContent-Type: text/plain\r\nConnection: close\r\n");
    m_answer.append("Content-Length: ").append(std::to_string(why.size() + 1)).append("\r\n");
    m_answer.append("Upgrade: websocket\r\n\r\n").append(why).append("\n");
}

std::string Upgrade::field(std::string_view name) const
{
    std::string values;
    std::string_view rest = m_head;
    while (true) {
        const std::size_t end = rest.find("\r\n");
        if (end == std::string_view::npos || end == 0)
            return values;
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !isSame(line.substr(0, colon), name))
            continue;
        values.append(values.empty() ? "" : ",").append(websocket::trimmed(line.substr(colon + 1)));
    }
}

bool Upgrade::hasToken(std::string_view name, std::string_view token) const
{
    const std::string values = field(name);
    std::string_view rest = values;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (isSame(websocket::trimmed(rest.substr(0, comma)), token))
            return true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
}

} // namespace parlor::cli::sink
