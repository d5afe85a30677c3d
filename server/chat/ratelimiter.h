// SPDX-License-Identifier: MIT
#pragma once

#include "server/chat/tokenbucket.h"

#include <array>
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

    RateLimiter(double rate, double burst, Time now)
        : m_bucket(rate, burst, now)
        , m_burst(burst)
    {
    }

    /// nullopt: the request may go on. What costs more than the burst costs all of it.
    [[nodiscard]] std::optional<Refusal> charge(double cost, Time now)
    {
        cost = std::min(cost, m_burst);
        if (m_bucket.take(cost, now))
            return std::nullopt;
        Refusal refusal{m_bucket.waitFor(cost)};
        if (now < m_silentUntil)
            return refusal; // sent before the last answer could arrive
        m_silentUntil = now + refusal.retry;
        refusal.enough =
            m_count >= m_refusals.size() && now - m_refusals[m_count % m_refusals.size()] < kMemory;
        m_refusals[m_count % m_refusals.size()] = now;
        ++m_count;
        return refusal;
    }

private:
    static constexpr std::chrono::seconds kMemory{10};

    TokenBucket m_bucket;
    double m_burst;
    std::array<Time, 3> m_refusals{};
    std::size_t m_count = 0;
    Time m_silentUntil{};
};

} // namespace parlor
