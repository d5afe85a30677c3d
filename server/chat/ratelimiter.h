// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/tokenbucket.h"

#include <array>
#include <memory>
#include <optional>

namespace parlor {

/// A session's requests, and its patience with one who does not wait (docs/protocol.md section 9).
class RateLimiter
{
public:
    using Time = TokenBucket::Time;

    struct Refusal
    {
        std::chrono::milliseconds retry{};
        bool enough = false; ///< it was told often enough: close with 4101
    };

    /// nullopt: the request may go on. What costs more than the burst costs all of it.
    [[nodiscard]] std::optional<Refusal> charge(const RateLimit &limit, double cost, Time now)
    {
        cost = std::min(cost, limit.burst);
        if (m_bucket.take(limit, cost, now))
            return std::nullopt;
        Refusal refusal{m_bucket.waitFor(limit, cost, now)};
        if (!m_past)
            m_past = std::make_unique<Past>();
        if (now < m_past->silentUntil)
            return refusal; // sent before the last answer could arrive
        m_past->silentUntil = now + refusal.retry;
        Time &oldest = m_past->refusals[m_past->count % m_past->refusals.size()];
        refusal.enough = m_past->count >= m_past->refusals.size() && now - oldest < kMemory;
        oldest = now;
        ++m_past->count;
        return refusal;
    }

    /// For what the client did not ask for just now, and what can wait: half of the burst stays for requests.
    [[nodiscard]] bool hasSpare(const RateLimit &limit, double cost, Time now) const
    {
        const RateLimit half{limit.rate, limit.burst / 2};
        return m_bucket.has(half, std::min(cost, half.burst), now);
    }
    void takeSpare(const RateLimit &limit, double cost, Time now)
    {
        (void)m_bucket.take(limit, std::min(cost, limit.burst / 2), now);
    }

private:
    static constexpr std::chrono::seconds kMemory{10};
    struct Past
    {
        std::array<Time, 3> refusals{};
        std::size_t count = 0;
        Time silentUntil{};
    };

    TokenBucket m_bucket;
    std::unique_ptr<Past> m_past; ///< from the first refusal on
};

} // namespace parlor
