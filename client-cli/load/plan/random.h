// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>

namespace parlor::cli::load {

/// SplitMix64: small, quick, and the same on every system, so that a seed names a run. Not for secrets.
class Random
{
public:
    /// `stream` tells apart what must not be the same under one seed.
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
        : m_state(seed)
    {
        m_state = next() ^ (stream * 0xD1B54A32D192ED03ULL);
    }

    [[nodiscard]] std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    /// Evenly from [0, 1).
    [[nodiscard]] double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    /// From the exponential distribution.
    [[nodiscard]] double exponential(double mean) { return -mean * std::log1p(-fraction()); }
    /// Evenly from low to high, both included.
    [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high)
    {
        return low + next() % (high - low + 1);
    }

private:
    std::uint64_t m_state;
};

} // namespace parlor::cli::load
