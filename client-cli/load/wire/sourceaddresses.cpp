// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/sourceaddresses.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <span>

namespace parlor::cli::load {

namespace {

/// An address in the order of its bytes.
struct Numbers
{
    int family = AF_INET;
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] std::size_t size() const { return family == AF_INET ? 4 : 16; }
    bool operator==(const Numbers &) const = default;
};

std::optional<Numbers> numbersOf(std::string_view text)
{
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        text = text.substr(1, text.size() - 2);
    Numbers numbers;
    numbers.family = text.find(':') == std::string_view::npos ? AF_INET : AF_INET6;
    if (::inet_pton(numbers.family, std::string(text).c_str(), numbers.bytes.data()) != 1)
        return std::nullopt;
    return numbers;
}

void increment(Numbers &numbers)
{
    for (std::size_t i = numbers.size(); i > 0 && ++numbers.bytes[i - 1] == 0; --i)
        ;
}

Address addressOf(const Numbers &numbers)
{
    Address address;
    if (numbers.family == AF_INET) {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        std::memcpy(&where.sin_addr, numbers.bytes.data(), 4);
        std::memcpy(&address.storage, &where, sizeof where);
        address.size = sizeof where;
    } else {
        sockaddr_in6 where{};
        where.sin6_family = AF_INET6;
        std::memcpy(&where.sin6_addr, numbers.bytes.data(), 16);
        std::memcpy(&address.storage, &where, sizeof where);
        address.size = sizeof where;
    }
    return address;
}

Error wrongSource(std::string_view part, const std::string &why)
{
    return {ErrorCode::BadRequest, "'" + std::string(part) + "' " + why +
                                       "; write addresses of this machine and ranges of them: "
                                       "127.0.0.2-127.0.0.9,10.0.0.1"};
}

} // namespace

Result<SourceAddresses> SourceAddresses::parse(std::string_view text)
{
    std::vector<Numbers> found;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        const std::string_view part = text.substr(begin, comma - begin);
        begin = comma + 1;
        while (begin < text.size() && text[begin] == ' ')
            ++begin;
        const std::size_t dash = part.find('-');
        const auto first = numbersOf(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : numbersOf(part.substr(dash + 1));
        if (!first || !last)
            return wrongSource(part, "is no address, and no range of them");
        if (first->family != last->family)
            return wrongSource(part, "goes from an IPv4 to an IPv6 address");
        if (last->bytes < first->bytes)
            return wrongSource(part, "ends before it begins");
        for (Numbers each = *first;; increment(each)) {
            if (found.size() == kMost)
                return wrongSource(part, "makes more than " + std::to_string(kMost) + " addresses");
            found.push_back(each);
            if (each == *last)
                break;
        }
    }
    std::stable_partition(found.begin(), found.end(), [](const Numbers &n) { return n.family == AF_INET; });
    SourceAddresses sources;
    for (std::size_t i = 0; i < found.size(); ++i) {
        sources.m_ipv4 += found[i].family == AF_INET ? 1 : 0;
        sources.m_addresses.push_back(addressOf(found[i]));
    }
    std::vector<Numbers> sorted = found;
    const auto before = [](const Numbers &a, const Numbers &b) {
        return a.family != b.family ? a.family < b.family : a.bytes < b.bytes;
    };
    std::sort(sorted.begin(), sorted.end(), before);
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        return wrongSource(text, "has an address twice");
    return sources;
}

SourceAddresses SourceAddresses::automatic(const std::vector<Address> &server, std::size_t users)
{
    const auto isIpv4Loopback = [](const Address &address) {
        sockaddr_in where{};
        if (address.storage.ss_family != AF_INET)
            return false;
        std::memcpy(&where, &address.storage, sizeof where);
        return ntohl(where.sin_addr.s_addr) >> 24 == 127;
    };
    const std::size_t needed = std::min((users + kPerSource - 1) / kPerSource, kMost);
    if (needed < 2 || server.empty() || !std::all_of(server.begin(), server.end(), isIpv4Loopback))
        return {};
    SourceAddresses sources;
    Numbers next{AF_INET, {127, 0, 0, 1}};
    for (std::size_t i = 0; i < needed; ++i, increment(next))
        sources.m_addresses.push_back(addressOf(next));
    sources.m_ipv4 = needed;
    return sources;
}

const Address *SourceAddresses::choose(std::size_t user, int family) const
{
    const std::span<const Address> all(m_addresses);
    const auto ofFamily = family == AF_INET ? all.first(m_ipv4) : all.subspan(m_ipv4);
    return ofFamily.empty() ? nullptr : &ofFamily[user % ofFamily.size()];
}

} // namespace parlor::cli::load
