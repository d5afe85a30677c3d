// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/batch.h"
#include "server/engine/delivery.h"
#include "shared/protocol/closecode.h"

#include <QHostAddress>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parlor {

using SteadyTime = std::chrono::steady_clock::time_point;

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
};

struct PeerInfo
{
    std::string_view subprotocol; ///< the one that was agreed on; empty: none
    QHostAddress address;         ///< the client's, behind trusted proxies too
};

/// An Application's name for a peer that has not said anything yet.
using PeerNumber = std::uint32_t;

/// What a worker serves: one for each worker, on its thread.
class Application
{
public:
    virtual ~Application() = default;
    /// A WebSocket is open. What is sent here leaves together with the 101. Of many thousand connections most
    /// say nothing for long: until accept() there is no PeerListener.
    [[nodiscard]] virtual PeerNumber greet(Peer &peer, const PeerInfo &info) = 0;
    /// It says its first word: this hears it, and all that follows.
    [[nodiscard]] virtual std::unique_ptr<PeerListener> accept(PeerNumber number) = 0;
    /// It has ended before that.
    virtual void forget(PeerNumber number) = 0;
    /// Something for this worker from the engine.
    virtual void onDelivery(Delivery delivery) = 0;
    struct Flushed
    {
        bool unfinished = false;              ///< something is left for the next turn, which comes soon
        std::optional<SteadyTime> resumeAt{}; ///< a turn is wanted then: something is held back until then
    };
    /// The end of a turn: what rooms have for their members goes to their peers, `sends` at most.
    virtual Flushed flush(std::size_t sends) = 0;
    /// What the last flush() gave is sent: that took so long, and is over `now`.
    virtual void onFlushed(std::chrono::nanoseconds took, SteadyTime now) = 0;
    /// About ten times a second.
    virtual void onTick() = 0;
    /// The server is about to stop: send clients away, all within `window`.
    virtual void drain(std::chrono::milliseconds window) = 0;
};

} // namespace parlor
