// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>

namespace parlor {

/// Growing delays with full jitter: the n-th is drawn evenly from 0 to min(cap, first * 2^n), so that the
/// clients of a server that died come back spread out and not in waves.
class Backoff
{
public:
    struct Bounds
    {
        std::chrono::milliseconds first{1000};
        std::chrono::milliseconds cap{30000};
    };
    /// `random` draws evenly from [0, 1).
    Backoff(Bounds bounds, std::function<double()> random);

    [[nodiscard]] std::chrono::milliseconds next();
    void reset() { m_drawn = 0; }

private:
    Bounds m_bounds;
    std::function<double()> m_random;
    int m_drawn = 0;
};

/// Draws evenly from [0, 1), seeded from the system's entropy.
[[nodiscard]] std::function<double()> systemRandom();

} // namespace parlor
