// SPDX-License-Identifier: MIT
#pragma once

#include "server/http/requesthead.h"

#include <QHostAddress>

#include <utility>
#include <vector>

namespace parlor {

using Subnets = std::vector<std::pair<QHostAddress, int>>;

/// Whether this TCP peer is one of them; IPv4 mapped into IPv6 is IPv4.
[[nodiscard]] bool isWithin(const Subnets &subnets, const QHostAddress &peer);
/// Whose request this is: the TCP peer, or, where that is a trusted proxy, the right-most address of
/// X-Forwarded-For (the only one that the proxy itself wrote). Bracketed IPv6 and a port are understood; an
/// address that is none leaves the peer. IPv4 mapped into IPv6 comes out as IPv4.
[[nodiscard]] QHostAddress clientAddress(const RequestHead &head, const QHostAddress &peer,
                                         const Subnets &trustedProxies);

} // namespace parlor
