// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace parlor {

/// An IP address: of IPv6, or one of IPv4 mapped into it (RFC 4291 §2.5.5.2).
using IpAddress = std::array<std::uint8_t, 16>;

/// The addresses that begin with the same bits.
class Network
{
public:
    Network() = default;
    /// Those that have the first `bits` (of 128) in common with `member`.
    Network(const IpAddress &member, unsigned bits);
    /// `192.0.2.0/24`, `2001:db8::/32`, or one address. The error is for people.
    [[nodiscard]] static Result<Network> parse(std::string_view text);

    /// Networks of IPv6 have no addresses of IPv4, whose mapped form may begin as they do.
    [[nodiscard]] bool contains(const IpAddress &address) const
    {
        return Network(address, m_bits).m_base == m_base && Network(address, 128).isV4() == isV4();
    }
    /// Its first address.
    [[nodiscard]] const IpAddress &base() const { return m_base; }
    [[nodiscard]] unsigned bits() const { return m_bits; } ///< of 128, also for IPv4
    [[nodiscard]] bool isV4() const;
    /// As parse() reads it, in one form: without what another text of the same network has.
    [[nodiscard]] std::string text() const;
    bool operator==(const Network &) const = default;

private:
    IpAddress m_base{};
    unsigned m_bits = 128;
};

} // namespace parlor
