// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/address.h"

#include <cstddef>
#include <string_view>

namespace parlor::cli::load {

/// This machine's addresses that connections come from. A machine has about 28 000 ports for each pair of its
/// own and a server's address: more connections need more addresses. Pure; it is only read.
class SourceAddresses
{
public:
    static constexpr std::size_t kMost = 65'536;
    /// Connections that one address is given by automatic(): connect(2) takes every second port, and once
    /// these are gone it looks at all of them each time before it takes another one, which is slow.
    static constexpr std::size_t kPerSource = 14'000;

    /// None: the system chooses.
    SourceAddresses() = default;

    /// 127.0.0.2-127.0.0.9,10.0.0.1 or fd00::1-fd00::ff
    [[nodiscard]] static Result<SourceAddresses> parse(std::string_view text);
    /// Of 127.0.0.0/8, as many as so many users need, if the server is there and one is too few. Else none.
    [[nodiscard]] static SourceAddresses automatic(const std::vector<Address> &server, std::size_t users);

    [[nodiscard]] std::size_t size() const { return m_addresses.size(); }
    [[nodiscard]] bool isEmpty() const { return m_addresses.empty(); }
    /// For this user, to a server of this family (AF_INET, AF_INET6). Users in turn have one after the other.
    /// nullptr: there is none of this family.
    [[nodiscard]] const Address *choose(std::size_t user, int family) const;
    [[nodiscard]] const std::vector<Address> &all() const { return m_addresses; }

private:
    std::vector<Address> m_addresses; ///< IPv4's first
    std::size_t m_ipv4 = 0;
};

} // namespace parlor::cli::load
