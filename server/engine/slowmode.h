// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

namespace parlor {

/// When members of a room in slow mode spoke last. Under the room's lock. Each server has its own, for as
/// long as it has the room in memory: whoever speaks on several speaks that much more often.
class SlowMode
{
public:
    using Milliseconds = std::chrono::milliseconds;

    /// nullopt: the user may speak, and has spoken at `now`. Else how long it still takes. The message that
    /// came last, by its cid, may come again for a minute: the room knows it for that long, and it is no
    /// further one.
    [[nodiscard]] std::optional<Milliseconds> wait(const std::string &user, const std::string &cid,
                                                   Milliseconds interval, Milliseconds now)
    {
        const auto [at, isNew] = m_last.try_emplace(user, Last{now, cid});
        if (isNew) {
            if (m_last.size() >= m_forgetAt)
                forgetBefore(now - interval);
            return std::nullopt;
        }
        Last &last = at->second;
        const Milliseconds passed = now - last.at;
        if (!cid.empty() && cid == last.cid && passed < kResend)
            return std::nullopt;
        if (passed.count() >= 0 && passed < interval)
            return interval - passed;
        last = {now, cid};
        return std::nullopt;
    }

private:
    struct Last
    {
        Milliseconds at;
        std::string cid;
    };

    void forgetBefore(Milliseconds time)
    {
        std::erase_if(m_last, [time](const auto &each) { return each.second.at <= time; });
        m_forgetAt = std::max<std::size_t>(2 * m_last.size(), kForgetAt);
    }

    static constexpr Milliseconds kResend{60'000};
    static constexpr std::size_t kForgetAt = 256;
    std::unordered_map<std::string, Last> m_last; ///< by user
    std::size_t m_forgetAt = kForgetAt;
};

} // namespace parlor
