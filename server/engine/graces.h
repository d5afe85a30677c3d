// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace parlor {

/// Sessions whose connection is gone and that may come back until their grace is over. Thread-safe.
class Graces
{
public:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Grace
    {
        Caller caller;
        std::vector<RoomName> rooms;
    };

    void begin(SteadyTime end, Grace grace);
    /// Those that are over, a thousand at most; they are forgotten. Costs nothing while there is none.
    [[nodiscard]] std::vector<Grace> takeEnded(SteadyTime now);
    /// Whether the caller's connection has one.
    [[nodiscard]] bool has(const Caller &caller) const;

private:
    mutable std::mutex m_mutex;
    std::multimap<SteadyTime, Grace> m_graces; ///< by their end
    std::unordered_set<std::uint64_t> m_attachments;
    std::atomic<SteadyTime> m_next{SteadyTime::max()};
};

} // namespace parlor
