// SPDX-License-Identifier: MIT
#include "server/engine/graces.h"

#include <utility>

namespace parlor {

namespace {

/// After a cut of the network very many are over at once. One worker would end them all in one turn.
constexpr std::size_t kMostAtOnce = 1000;

} // namespace

void Graces::begin(SteadyTime end, Grace grace)
{
    const std::lock_guard lock(m_mutex);
    m_attachments.insert(grace.caller.attachment);
    m_graces.emplace(end, std::move(grace));
    m_next.store(m_graces.begin()->first, std::memory_order_relaxed);
}

std::vector<Graces::Grace> Graces::takeEnded(SteadyTime now)
{
    std::vector<Grace> over;
    if (now < m_next.load(std::memory_order_relaxed))
        return over;
    const std::lock_guard lock(m_mutex);
    while (!m_graces.empty() && m_graces.begin()->first <= now && over.size() < kMostAtOnce) {
        over.push_back(std::move(m_graces.extract(m_graces.begin()).mapped()));
        m_attachments.erase(over.back().caller.attachment);
    }
    m_next.store(m_graces.empty() ? SteadyTime::max() : m_graces.begin()->first, std::memory_order_relaxed);
    return over;
}

bool Graces::has(const Caller &caller) const
{
    const std::lock_guard lock(m_mutex);
    return m_attachments.contains(caller.attachment);
}

} // namespace parlor
