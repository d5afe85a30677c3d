// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/hostandport.h"
#include "shared/protocol/result.h"

namespace parlor::cli {

/// A TCP socket that listens there: non-blocking, closed on exec, the caller's to close. Port 0 is any free
/// one. The error says what cannot be listened on, why, and what to do.
[[nodiscard]] Result<int> listenAt(const HostAndPort &place);

/// The port that a listening socket has; 0: none.
[[nodiscard]] std::uint16_t listeningPort(int socket);

} // namespace parlor::cli
