// SPDX-License-Identifier: MIT
#pragma once

#include "server/auth/grant.h"
#include "server/engine/delivery.h"
#include "server/peer/peer.h"
#include "server/peer/peerlistener.h"

#include <QHostAddress>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace parlor {

using SteadyTime = std::chrono::steady_clock::time_point;

struct ChatLimits;
class SharedBucket;

/// What a client showed with its upgrade, to say who it is.
struct Credential
{
    std::string token;                    ///< empty: nothing
    std::shared_ptr<const Grant> grant{}; ///< what it says; null: nothing, or that is not known yet
};

/// Why somebody may not open a WebSocket.
struct NotAdmitted
{
    std::string why;                                       ///< for people
    std::optional<std::chrono::milliseconds> retryAfter{}; ///< it is not their fault: worth another try then
};

struct PeerInfo
{
    std::string_view subprotocol; ///< the one that was agreed on; empty: none
    QHostAddress address;         ///< the client's, behind trusted proxies too
    Credential credential{};
    SharedBucket *addressRequests = nullptr; ///< lives as long as the connection; null: nobody counts them
};

/// An Application's name for a peer that has not said anything yet.
using PeerNumber = std::uint32_t;

/// What a worker serves: one for each worker, on its thread.
class Application
{
public:
    virtual ~Application() = default;
    /// Whether somebody who shows this token (empty: none) may open a WebSocket: what greet() is to be told,
    /// or why not.
    [[nodiscard]] virtual std::variant<Credential, NotAdmitted> admit(std::string /*token*/,
                                                                      std::string_view /*subprotocol*/)
    {
        return Credential{};
    }
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
    /// Keys of tokens have come, or did not.
    virtual void onKeysRefreshed() {}
    /// What an operator has changed.
    virtual void onLimits(const ChatLimits & /*limits*/) {}
    /// About ten times a second.
    virtual void onTick() = 0;

    /// The server is about to stop: send clients away, all within `window`.
    virtual void drain(std::chrono::milliseconds window) = 0;
    /// Send this part (0 to 1) of the clients to other servers, all within `window`.
    virtual void rebalance(double /*fraction*/, std::chrono::milliseconds /*window*/) {}
};

} // namespace parlor
