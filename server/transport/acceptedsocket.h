// SPDX-License-Identifier: MIT
#pragma once

#include <QSslConfiguration>

#include <cstdint>
#include <optional>

namespace parlor {

/// Which Transport carries a connection's bytes.
enum class TransportKind : std::uint8_t {
    Native, ///< NativeTransport: a descriptor in the worker's epoll set
    Qt,     ///< QtTransport
};

/// A connected socket that was accepted for a worker, which owns the descriptor from now on.
struct AcceptedSocket
{
    int descriptor = -1;
    TransportKind transport = TransportKind::Native;
    std::optional<QSslConfiguration> tls{}; ///< nullopt: plain TCP. With it the transport is Qt's
};

} // namespace parlor
