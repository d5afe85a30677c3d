// SPDX-License-Identifier: MIT
#include "client-cli/load/upgrade.h"

#include <QByteArray>
#include <QCryptographicHash>

#include <algorithm>
#include <array>
#include <cstring>

namespace parlor::cli::load {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Calls `visit` with the trimmed value of every field of this name.
template <typename Visit>
void forEachField(std::string_view head, std::string_view name, Visit visit)
{
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos && at + 2 < head.size()) {
        const std::size_t begin = at + 2;
        at = head.find("\r\n", begin);
        const std::string_view line = head.substr(begin, at - begin);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && equalsIgnoringCase(line.substr(0, colon), name))
            visit(trimmed(line.substr(colon + 1)));
    }
}

std::optional<std::string_view> field(std::string_view head, std::string_view name)
{
    std::optional<std::string_view> found;
    forEachField(head, name, [&found](std::string_view value) { found = found.value_or(value); });
    return found;
}

bool hasToken(std::string_view head, std::string_view name, std::string_view token)
{
    bool found = false;
    forEachField(head, name, [&](std::string_view value) {
        while (!found && !value.empty()) {
            const std::size_t comma = value.find(',');
            found = equalsIgnoringCase(trimmed(value.substr(0, comma)), token);
            value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
        }
    });
    return found;
}

/// RFC 6455 §4.2.2, item 5.4.
std::string acceptOf(std::string_view key)
{
    QCryptographicHash hash(QCryptographicHash::Sha1);
    hash.addData(QByteArrayView(key.data(), static_cast<qsizetype>(key.size())));
    constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    hash.addData(QByteArrayView(kGuid.data(), static_cast<qsizetype>(kGuid.size())));
    return hash.result().toBase64().toStdString();
}

} // namespace

std::string upgradeKey(std::uint64_t high, std::uint64_t low)
{
    std::array<char, 16> bytes{};
    std::memcpy(bytes.data(), &high, sizeof high);
    std::memcpy(bytes.data() + sizeof high, &low, sizeof low);
    return QByteArray(bytes.data(), bytes.size()).toBase64().toStdString();
}

std::string upgradeRequest(const Target &target, std::string_view key, std::string_view subprotocol)
{
    std::string request = "GET " + target.path + " HTTP/1.1\r\nHost: " + target.authority +
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "User-Agent: parlor-cli/" PARLOR_VERSION "\r\nSec-WebSocket-Key: ";
    request.append(key).append("\r\n");
    if (!subprotocol.empty())
        request.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    return request.append("\r\n");
}

std::optional<std::string> whyNotUpgraded(std::string_view head, std::string_view key,
                                          std::string_view subprotocol)
{
    const std::string_view line = head.substr(0, head.find("\r\n"));
    if (!line.starts_with("HTTP/1.1 ") || line.size() < 12)
        return "the answer is not HTTP/1.1";
    const std::string_view status = line.substr(9, 3);
    if (status != "101")
        return "HTTP " + std::string(trimmed(line.substr(9)));
    if (!hasToken(head, "Upgrade", "websocket") || !hasToken(head, "Connection", "upgrade"))
        return "101 without Upgrade: websocket and Connection: Upgrade";
    if (field(head, "Sec-WebSocket-Accept") != acceptOf(key))
        return "101 with a wrong Sec-WebSocket-Accept";
    if (field(head, "Sec-WebSocket-Extensions"))
        return "101 with an extension that was not offered";
    const auto chosen = field(head, "Sec-WebSocket-Protocol");
    if (!subprotocol.empty() && !chosen)
        return "the server does not speak " + std::string(subprotocol) + "; try --dialect v1";
    if (chosen && *chosen != subprotocol)
        return "101 with a sub-protocol that was not offered";
    return std::nullopt;
}

} // namespace parlor::cli::load
