// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

namespace parlor {

/// So many tokens a second, so many at once. The time comes from the caller and must not go back.
class TokenBucket
{
public:
    using Time = std::chrono::steady_clock::time_point;

    /// `rate` 0: no limit. It starts full.
    TokenBucket(double rate, double burst, Time now)
        : m_rate(rate)
        , m_burst(burst)
        , m_tokens(burst)
        , m_time(now)
    {
    }

    /// Takes the tokens, or none if there are too few.
    [[nodiscard]] bool take(double tokens, Time now)
    {
        if (m_rate <= 0)
            return true;
        refill(now);
        if (m_tokens < tokens)
            return false;
        m_tokens -= tokens;
        return true;
    }

    /// How long until `tokens` are there, at least 1 ms. More than the burst never are: that counts as a full
    /// bucket.
    [[nodiscard]] std::chrono::milliseconds waitFor(double tokens) const
    {
        const double missing = std::max(0.0, std::min(tokens, m_burst) - m_tokens);
        return std::chrono::milliseconds(1 + static_cast<std::int64_t>(missing / m_rate * 1000));
    }

private:
    void refill(Time now)
    {
        const std::chrono::duration<double> passed = now - m_time;
        m_tokens = std::min(m_burst, m_tokens + passed.count() * m_rate);
        m_time = now;
    }

    double m_rate;
    double m_burst;
    double m_tokens;
    Time m_time;
};

} // namespace parlor
