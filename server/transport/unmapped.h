// SPDX-License-Identifier: MIT
#pragma once

#include <QHostAddress>

namespace parlor {

/// An IPv4 address that a socket for both families shows as IPv6 (::ffff:192.0.2.1), as what it is.
[[nodiscard]] inline QHostAddress unmapped(const QHostAddress &address)
{
    bool isMapped = false;
    const quint32 v4 = address.toIPv4Address(&isMapped);
    return isMapped ? QHostAddress(v4) : address;
}

} // namespace parlor
