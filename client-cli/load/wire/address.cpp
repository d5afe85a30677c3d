// SPDX-License-Identifier: MIT
#include "client-cli/load/wire/address.h"

#include <array>
#include <cstring>
#include <memory>
#include <netdb.h>

namespace parlor::cli::load {

std::string toString(const Address &address)
{
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const auto *where = reinterpret_cast<const sockaddr *>(&address.storage);
    if (::getnameinfo(where, address.size, host.data(), host.size(), port.data(), port.size(),
                      NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "an unknown address";
    const bool isIpv6 = address.storage.ss_family == AF_INET6;
    return (isIpv6 ? "[" + std::string(host.data()) + "]" : std::string(host.data())) + ":" + port.data();
}

Result<std::vector<Address>> resolve(const std::string &host, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo *found = nullptr;
    const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failure != 0)
        return Error{ErrorCode::Unavailable,
                     "cannot find the address of " + host + ": " + ::gai_strerror(failure)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::vector<Address> addresses;
    for (const addrinfo *each = found; each != nullptr; each = each->ai_next) {
        Address address;
        std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
        address.size = each->ai_addrlen;
        addresses.push_back(address);
    }
    return addresses;
}

} // namespace parlor::cli::load
