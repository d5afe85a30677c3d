// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/batch.h"
#include "shared/protocol/closecode.h"

#include <cstdint>
#include <string_view>

namespace parlor {

/// How a slice of a room's batch goes to one member.
enum class Route : std::uint8_t {
    Direct, ///< nothing else will come for this member in this flush: if its queue is empty, send at once
    Queued, ///< behind what is queued
};

/// One client's end of a WebSocket, as its session sees it. Implemented by the worker's connection; its
/// thread. After close(), or once the client is gone, everything is ignored.
class Peer
{
public:
    /// A frame for this client alone, behind all that was sent before.
    virtual void sendText(std::string_view payload) = 0;
    virtual void sendBinary(std::string_view payload) = 0;
    /// A part of a room's batch.
    virtual void deliver(const Slice &slice, Route route) = 0;
    /// Close, behind all that was sent before. PeerListener::onEnded() follows at the end of the turn.
    virtual void close(CloseCode code, std::string_view reason) = 0;
    /// No onText() until releaseInput(): what comes meanwhile waits, in order.
    virtual void holdInput() = 0;
    virtual void releaseInput() = 0;
    [[nodiscard]] virtual bool isOpen() const = 0;
    /// Whether all that was sent has left for the kernel.
    [[nodiscard]] virtual bool isDrained() const = 0;
    /// Whether the client has ended the connection behind what it said; its end is about to be told.
    [[nodiscard]] virtual bool isGone() const = 0;

protected:
    ~Peer() = default;
};

} // namespace parlor
