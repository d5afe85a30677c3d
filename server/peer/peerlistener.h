// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/accesslog.h"

#include <cstdint>
#include <string_view>

namespace parlor {

/// How a connection ended.
struct Ending
{
    std::uint16_t code = 1006; ///< of the Close that came first; 1006: none did
    bool byPeer = false;       ///< the client's Close, not ours
};

/// What a connection tells its owner; owned by the connection, destroyed after onEnded().
class PeerListener
{
public:
    virtual ~PeerListener() = default;
    virtual void onText(std::string_view message) = 0;
    virtual void onBinary(std::string_view message) = 0;
    /// All that was sent has left for the kernel.
    virtual void onDrained() = 0;
    virtual void onEnded(const Ending &ending) = 0;
    /// For the access log, before onEnded().
    [[nodiscard]] virtual accesslog::Visitor visitor() const { return {}; }
};

} // namespace parlor
