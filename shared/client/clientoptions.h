// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/backoff.h"
#include "shared/client/clock.h"

#include <chrono>
#include <optional>

namespace parlor {

/// What to do when the very first connection to a server fails.
enum class FirstFailure {
    KeepTrying, ///< as after any other loss
    GiveUp,     ///< stop and say why: for scripts
};

/// How a client behaves; the defaults are the protocol's.
struct ClientOptions
{
    /// From the start of an attempt to the handshake's end, and again from there to the answer to `auth`.
    std::chrono::milliseconds connectTimeout{10'000};
    /// A link without a byte for so long after a ping is dead.
    std::chrono::milliseconds deadAfter{10'000};
    /// A link without a byte for so long after a frame of ours is pinged at once.
    std::chrono::milliseconds doubtAfter{5'000};
    /// Pings are never closer than this, whatever the server asks for.
    std::chrono::milliseconds minPingInterval{1'000};
    /// For how long a message may be sent again: the server remembers a cid for ten minutes, and the way to
    /// it takes time.
    std::chrono::milliseconds resendWithin{9 * 60'000};
    /// A session that lived so long starts its back-off anew. A shorter one does not: a server that
    /// accepts and closes would otherwise be called without pause.
    std::chrono::milliseconds stableAfter{30'000};
    /// The wait after `rate_limited` or `unavailable` that names none.
    std::chrono::milliseconds retryWithoutAdvice{1'000};
    /// A session is renewed so long before its token expires.
    std::chrono::milliseconds renewBefore{60'000};
    /// Where that did not work, or there was no other token yet, it is tried again after so long.
    std::chrono::milliseconds renewAgainAfter{10'000};
    std::chrono::milliseconds typingInterval{3'000}; ///< between two `typing on` of ours
    std::chrono::milliseconds typingExpiry{6'000};   ///< of somebody else's
    /// Where a crowd's presence told only a part, the members are asked for after so long, and after as much
    /// of a spread for each of them as is drawn.
    std::chrono::milliseconds membersAgainAfter{5'000};
    std::chrono::milliseconds membersAgainSpread{50};
    /// People are not told of a loss of the connection that is over so soon.
    std::chrono::milliseconds quietLoss{3'000};
    Backoff::Bounds backoff{};
    FirstFailure firstFailure = FirstFailure::KeepTrying;
    /// Attempts in a row that may fail before the client stops; nullopt: no end.
    std::optional<int> maxAttempts{};
    Clock clock{};
    std::function<double()> random = systemRandom();
};

} // namespace parlor
