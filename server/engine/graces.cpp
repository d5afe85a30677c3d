// SPDX-License-Identifier: MIT
#include "server/engine/graces.h"

#include <algorithm>
#include <utility>

namespace parlor {

void Graces::begin(SteadyTime end, Grace grace)
{
    const std::lock_guard lock(m_mutex);
    m_graces.emplace(end, std::move(grace));
    m_next.store(m_graces.begin()->first, std::memory_order_relaxed);
}

std::vector<Graces::Grace> Graces::takeEnded(SteadyTime now)
{
    std::vector<Grace> over;
    if (now < m_next.load(std::memory_order_relaxed))
        return over;
    const std::lock_guard lock(m_mutex);
    while (!m_graces.empty() && m_graces.begin()->first <= now)
        over.push_back(std::move(m_graces.extract(m_graces.begin()).mapped()));
    m_next.store(m_graces.empty() ? SteadyTime::max() : m_graces.begin()->first, std::memory_order_relaxed);
    return over;
}

bool Graces::has(const Caller &caller) const
{
    const std::lock_guard lock(m_mutex);
    return std::ranges::any_of(m_graces, [&caller](const auto &each) {
        const Caller &gone = each.second.caller;
        return gone.attachment == caller.attachment &&
               gone.identity->clientId() == caller.identity->clientId();
    });
}

} // namespace parlor
