// SPDX-License-Identifier: MIT
#include "server/http/clientaddress.h"

#include "server/http/characters.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace parlor {

namespace {

constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

QHostAddress unmapped(const QHostAddress &address)
{
    if (address.protocol() != QAbstractSocket::IPv6Protocol)
        return address;
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    if (std::memcmp(bytes.c, kMappedPrefix, sizeof kMappedPrefix) != 0)
        return address; // QHostAddress's own conversion would take ::1 for 127.0.0.1
    return QHostAddress((quint32(bytes[12]) << 24) | (quint32(bytes[13]) << 16) | (quint32(bytes[14]) << 8) |
                        bytes[15]);
}

/// Strict, unlike QHostAddress, for which "1" is an address. Null if the text is none.
QHostAddress parsed(std::string_view text)
{
    const std::string zeroEnded(text);
    in_addr four{};
    if (inet_pton(AF_INET, zeroEnded.c_str(), &four) == 1)
        return QHostAddress(ntohl(four.s_addr));
    in6_addr six{};
    if (inet_pton(AF_INET6, zeroEnded.c_str(), &six) == 1)
        return unmapped(QHostAddress(six.s6_addr));
    return {};
}

/// `1.2.3.4`, `1.2.3.4:5678`, `::1`, `[::1]`, `[::1]:5678`.
QHostAddress forwardedAddress(std::string_view entry)
{
    if (entry.starts_with('[')) {
        const std::size_t end = entry.find(']');
        if (end == std::string_view::npos || (end + 1 < entry.size() && entry[end + 1] != ':'))
            return {};
        return parsed(entry.substr(1, end - 1));
    }
    if (std::ranges::count(entry, ':') == 1)
        entry = entry.substr(0, entry.find(':'));
    return parsed(entry);
}

} // namespace

bool isWithin(const Subnets &subnets, const QHostAddress &peer)
{
    const QHostAddress direct = unmapped(peer);
    return std::ranges::any_of(subnets, [&](const auto &subnet) { return direct.isInSubnet(subnet); });
}

QHostAddress clientAddress(const RequestHead &head, const QHostAddress &peer, const Subnets &trustedProxies)
{
    const QHostAddress direct = unmapped(peer);
    if (!isWithin(trustedProxies, direct))
        return direct;
    for (auto field = head.fields.rbegin(); field != head.fields.rend(); ++field) {
        if (!http::equalIgnoringCase(field->first, "x-forwarded-for"))
            continue;
        const std::size_t comma = field->second.rfind(',');
        const std::string_view last =
            comma == std::string_view::npos ? field->second : field->second.substr(comma + 1);
        const QHostAddress client = forwardedAddress(http::trimmed(last));
        return client.isNull() ? direct : client;
    }
    return direct;
}

} // namespace parlor
