// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

namespace parlor {

/// So many tokens a second, so many at once. The same for all buckets of a kind.
struct RateLimit
{
    double rate = 0; ///< 0: no limit
    double burst = 0;
};

/// Starts full. There is one for each connection, so it is a single number: the time at which it will be full
/// again (the generic cell rate algorithm, ITU-T I.371). The time comes from the caller and must not go back.
class TokenBucket
{
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Takes the tokens, or none if there are too few.
    [[nodiscard]] bool take(const RateLimit &limit, double tokens, Time now)
    {
        if (limit.rate <= 0)
            return true;
        if (!has(limit, tokens, now))
            return false;
        m_fullAt = std::max(m_fullAt, now) + std::chrono::duration_cast<Time::duration>(
                                                 std::chrono::duration<double>(tokens / limit.rate));
        return true;
    }

    /// Whether take() would take them.
    [[nodiscard]] bool has(const RateLimit &limit, double tokens, Time now) const
    {
        return limit.rate <= 0 || missing(limit, now) + tokens <= limit.burst + kRounding;
    }

    /// How long until `tokens` are there, at least 1 ms. More than the burst never are: that counts as a full
    /// bucket.
    [[nodiscard]] std::chrono::milliseconds waitFor(const RateLimit &limit, double tokens, Time now) const
    {
        const double lacking = missing(limit, now) + std::min(tokens, limit.burst) - limit.burst;
        return std::chrono::milliseconds(
            1 + static_cast<std::int64_t>(std::max(0.0, lacking) / limit.rate * 1000));
    }

    [[nodiscard]] bool isFull(Time now) const { return m_fullAt <= now; }

private:
    static constexpr double kRounding = 1e-6; ///< tokens: the last one of a burst is one, too

    [[nodiscard]] double missing(const RateLimit &limit, Time now) const
    {
        return std::max(0.0, std::chrono::duration<double>(m_fullAt - now).count()) * limit.rate;
    }

    Time m_fullAt{};
};

} // namespace parlor
