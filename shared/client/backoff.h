// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace parlor {

/// Growing delays, each drawn at random, so that the clients of a server that died come back spread out and
/// not in waves.
class Backoff
{
public:
    /// After so many delays that grow, every further one is `every`.
    struct Patience
    {
        int after = 3;
        std::chrono::milliseconds every{30'000};
    };
    /// The n-th delay, counted from 0, is min(cap, first * 2^n), times a factor drawn evenly from
    /// [leastShare, mostShare): by default that is full jitter.
    struct Bounds
    {
        std::chrono::milliseconds first{1'000};
        std::chrono::milliseconds cap{30'000};
        double leastShare = 0.0;
        double mostShare = 1.0;
        std::optional<Patience> patience{};
    };
    /// `random` draws evenly from [0, 1).
    Backoff(Bounds bounds, std::function<double()> random);

    [[nodiscard]] std::chrono::milliseconds next();
    void reset() { m_drawn = 0; }
    /// There was a session, if only a short one: the next delay is one of those that grow, not the patient
    /// one.
    void noteContact();

private:
    Bounds m_bounds;
    std::function<double()> m_random;
    int m_drawn = 0;
};

/// Draws evenly from [0, 1), seeded from the system's entropy.
[[nodiscard]] std::function<double()> systemRandom();

} // namespace parlor
