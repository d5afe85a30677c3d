// SPDX-License-Identifier: MIT
#pragma once

#include "server/peer/tokenbucket.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

namespace parlor {

/// A TokenBucket that several threads take from, without a lock.
class SharedBucket
{
public:
    using Time = TokenBucket::Time;

    [[nodiscard]] bool take(const RateLimit &limit, double tokens, Time now)
    {
        if (limit.rate <= 0)
            return true;
        TokenBucket known = m_bucket.load(std::memory_order_relaxed);
        while (true) {
            TokenBucket next = known;
            if (!next.take(limit, tokens, now))
                return false;
            if (m_bucket.compare_exchange_weak(known, next, std::memory_order_relaxed))
                return true;
        }
    }
    [[nodiscard]] bool has(const RateLimit &limit, double tokens, Time now) const
    {
        return m_bucket.load(std::memory_order_relaxed).has(limit, tokens, now);
    }
    [[nodiscard]] std::chrono::milliseconds waitFor(const RateLimit &limit, double tokens, Time now) const
    {
        return m_bucket.load(std::memory_order_relaxed).waitFor(limit, tokens, now);
    }
    [[nodiscard]] bool isFull(Time now) const { return m_bucket.load(std::memory_order_relaxed).isFull(now); }

private:
    static_assert(std::atomic<TokenBucket>::is_always_lock_free);
    std::atomic<TokenBucket> m_bucket{};
};

/// What one address, network or user may have. 0: no limit.
struct QuotaLimits
{
    std::uint64_t connections = 0;
    RateLimit arrivals{}; ///< new connections
};

/// What all connections of one address, network or user have used.
struct Quota
{
    SharedBucket
        requests; ///< any thread, for as long as it has a connection; the rest is the table's owner's
    std::uint64_t connections = 0;
    TokenBucket arrivals;
    bool isAbsent = false; ///< the table has noted that it went
};

/// The quotas of those who are connected, and of those who have used theirs up and went. Not thread-safe.
template <typename Key, typename Value, typename Hash>
class QuotaTable
{
public:
    using Time = TokenBucket::Time;
    /// Of those who are not connected; past it the one who went first is forgotten.
    static constexpr std::size_t kMostAbsent = 65'536;

    /// Made if need be. It stays in place while it has connections.
    [[nodiscard]] Value &at(const Key &key, Time now)
    {
        forget(now);
        return m_quotas[key];
    }
    /// After its last connection, or where at() was not followed by one.
    void left(const Key &key, Value &value)
    {
        if (!std::exchange(value.isAbsent, true))
            m_absent.push_back(key);
    }
    [[nodiscard]] std::size_t size() const { return m_quotas.size(); }

private:
    /// Two of those who went, for each one who comes: whose quotas are whole again are as if never seen.
    void forget(Time now)
    {
        for (int i = 0; i < 2 && !m_absent.empty(); ++i) {
            const Key key = m_absent.front();
            m_absent.pop_front();
            const auto found = m_quotas.find(key);
            Quota &quota = found->second;
            if (quota.connections != 0) { // it came back, and will be here again
                quota.isAbsent = false;
                continue;
            }
            if ((quota.requests.isFull(now) && quota.arrivals.isFull(now)) || m_absent.size() >= kMostAbsent)
                m_quotas.erase(found);
            else
                m_absent.push_back(key);
        }
    }

    std::unordered_map<Key, Value, Hash> m_quotas; ///< its nodes stay in place
    std::deque<Key> m_absent;                      ///< each once
};

} // namespace parlor
