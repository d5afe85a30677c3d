// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/tables.h"

#include <vector>

namespace parlor::sqlite {

struct RetentionLimits
{
    std::chrono::milliseconds age{0}; ///< 0: messages do not grow too old
    std::uint64_t messages = 0;       ///< of a room; 0: any number
};

/// Drops what need not be kept, a little at a time, room after room. The writing thread's.
class Retention
{
public:
    /// A resend is recognised for so long.
    static constexpr std::chrono::minutes kResends{10};
    /// Or for so long more, if the clock was ahead and has been set back since.
    static constexpr std::chrono::minutes kAhead{60};

    explicit Retention(const RetentionLimits &limits)
        : m_limits(limits)
    {
    }

    struct Dropped
    {
        std::string room;
        MessagePlace floor; ///< the last one that was dropped
        std::uint64_t count = 0;
    };
    struct Step
    {
        std::vector<Dropped> dropped{};
        bool more = false; ///< the round over all rooms is not over
        Problem problem{}; ///< nothing was dropped
    };
    /// One transaction of a few milliseconds at most.
    [[nodiscard]] Step step(StoreWriter &store, std::chrono::milliseconds now);

private:
    [[nodiscard]] Problem drop(StoreWriter &store, std::chrono::milliseconds now, Step &done);
    [[nodiscard]] Problem dropOld(StoreWriter &store, std::chrono::milliseconds now, Step &done);

    const RetentionLimits m_limits;
    std::int64_t m_room = 0; ///< the row of the last one that was looked at
};

} // namespace parlor::sqlite
