// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/delivery.h"
#include "server/peer/application.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace parlor {

/// Who was kicked within the grace: a session that had no connection just then is put out when it comes back.
/// One per worker, its thread.
class RecentKicks
{
public:
    /// As its clients are told.
    static std::string reasonOf(const delivery::Kicked &kicked)
    {
        return kicked.reason.empty() ? "removed by a moderator" : kicked.reason;
    }

    void add(delivery::Kicked kicked, SteadyTime now, SteadyTime end)
    {
        std::erase_if(m_kicks, [now](const Kick &each) { return each.end <= now; });
        m_kicks.push_back({std::move(kicked), end});
    }
    /// Null: nobody kicked this user.
    [[nodiscard]] const delivery::Kicked *find(const std::string &user, Role role, SteadyTime now) const
    {
        const auto found = std::ranges::find_if(m_kicks, [&](const Kick &each) {
            return each.end > now && each.kicked.user == user && reaches(each.kicked.rank, role);
        });
        return found == m_kicks.end() ? nullptr : &found->kicked;
    }

private:
    struct Kick
    {
        delivery::Kicked kicked;
        SteadyTime end;
    };
    std::vector<Kick> m_kicks;
};

} // namespace parlor
