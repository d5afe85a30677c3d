// SPDX-License-Identifier: MIT
#include "client-cli/listeningsocket.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace parlor::cli {

namespace {

Error listenError(const HostAndPort &place, const std::string &why)
{
    const bool isV6 = place.host.find(':') != std::string::npos;
    return {.text = "cannot listen on " + (isV6 ? "[" + place.host + "]" : place.host) + ":" +
                    std::to_string(place.port) + ": " + why};
}

/// With its cure, where there is one.
std::string systemError(int number)
{
    std::string text = std::strerror(number);
    if (number == EADDRINUSE)
        text += "; take another port, or 0 for any free one";
    else if (number == EADDRNOTAVAIL)
        text +=
            ": this machine has no such address; take one that `ip addr` shows, or 0.0.0.0 for all of them";
    else if (number == EACCES)
        text += ": ports below 1024 need CAP_NET_BIND_SERVICE; take another port";
    return text;
}

} // namespace

Result<int> listenAt(const HostAndPort &place)
{
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int failure = ::getaddrinfo(place.host.c_str(), std::to_string(place.port).c_str(), &hints, &found);
    if (failure != 0)
        return listenError(place, std::string(::gai_strerror(failure)) +
                                      "; take an address of this machine, as 127.0.0.1");
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (socket >= 0 && ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        ::bind(socket, found->ai_addr, found->ai_addrlen) == 0 && ::listen(socket, SOMAXCONN) == 0)
        return socket;
    const int number = errno;
    if (socket >= 0)
        ::close(socket);
    return listenError(place, systemError(number));
}

std::uint16_t listeningPort(int socket)
{
    sockaddr_storage where{};
    socklen_t size = sizeof where;
    if (::getsockname(socket, reinterpret_cast<sockaddr *>(&where), &size) != 0)
        return 0;
    if (where.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6 *>(&where)->sin6_port);
    return ntohs(reinterpret_cast<const sockaddr_in *>(&where)->sin_port);
}

} // namespace parlor::cli
