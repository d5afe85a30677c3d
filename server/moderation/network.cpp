// SPDX-License-Identifier: MIT
#include "server/moderation/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace parlor {

namespace {

constexpr IpAddress kMappedV4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0};
constexpr unsigned kMappedBits = 96;

bool isMapped(const IpAddress &address)
{
    return std::equal(kMappedV4.begin(), kMappedV4.begin() + kMappedBits / 8, address.begin());
}

std::optional<IpAddress> addressOf(const std::string &text)
{
    IpAddress address = kMappedV4;
    if (inet_pton(AF_INET, text.c_str(), address.data() + kMappedBits / 8) == 1)
        return address;
    if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1)
        return address;
    return std::nullopt;
}

Error wrongNetwork(std::string_view text, const std::string &what)
{
    return {ErrorCode::BadRequest, '"' + std::string(text) + "\" " + what};
}

} // namespace

Network::Network(const IpAddress &member, unsigned bits)
    : m_base(member)
    , m_bits(std::min(bits, 128U))
{
    if (m_bits % 8 != 0)
        m_base[m_bits / 8] &= static_cast<std::uint8_t>(0xFF << (8 - m_bits % 8));
    std::fill(m_base.begin() + (m_bits + 7) / 8, m_base.end(), std::uint8_t{0});
}

Result<Network> Network::parse(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const std::string addressText(text.substr(0, slash));
    // Its end is where C sees it.
    const auto address =
        addressText.find('\0') == std::string::npos ? addressOf(addressText) : std::optional<IpAddress>();
    if (!address)
        return wrongNetwork(text, "is no network: give one as 192.0.2.0/24, 2001:db8::/32, or one address");
    const bool isV4Text = addressText.find(':') == std::string::npos;
    const unsigned most = isV4Text ? 32 : 128;
    unsigned length = most;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (error != std::errc() || end != digits.data() + digits.size() || length > most)
            return wrongNetwork(text,
                                "has no valid length: after the slash come 0 to " + std::to_string(most));
    }
    const Network network(*address, isV4Text ? kMappedBits + length : length);
    if (network.m_base != *address)
        return wrongNetwork(text, "has bits past its length: the network is " + network.text());
    return network;
}

bool Network::isV4() const
{
    return m_bits >= kMappedBits && isMapped(m_base);
}

std::string Network::text() const
{
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const bool isFour = isV4();
    inet_ntop(isFour ? AF_INET : AF_INET6, m_base.data() + (isFour ? kMappedBits / 8 : 0), buffer.data(),
              buffer.size());
    return std::string(buffer.data()) + '/' + std::to_string(isFour ? m_bits - kMappedBits : m_bits);
}

} // namespace parlor
