// SPDX-License-Identifier: MIT
#include "client-cli/load/address.h"

#include <cstring>
#include <memory>
#include <netdb.h>

namespace parlor::cli::load {

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
