// SPDX-License-Identifier: MIT
#include "shared/client/backoff.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

namespace parlor {

Backoff::Backoff(Bounds bounds, std::function<double()> random)
    : m_bounds(bounds)
    , m_random(std::move(random))
{
}

std::chrono::milliseconds Backoff::next()
{
    const auto cap = static_cast<double>(m_bounds.cap.count());
    double delay = std::min(std::ldexp(static_cast<double>(m_bounds.first.count()), m_drawn), cap);
    if (m_bounds.patience && m_drawn >= m_bounds.patience->after)
        delay = static_cast<double>(m_bounds.patience->every.count());
    else if (delay < cap || m_bounds.patience)
        ++m_drawn;
    const double drawn = std::clamp(m_random(), 0.0, 1.0);
    const double share = m_bounds.leastShare + drawn * (m_bounds.mostShare - m_bounds.leastShare);
    return std::chrono::milliseconds(static_cast<std::int64_t>(delay * share));
}

void Backoff::noteContact()
{
    if (m_bounds.patience)
        m_drawn = std::min(m_drawn, std::max(0, m_bounds.patience->after - 1));
}

std::function<double()> systemRandom()
{
    auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
    return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

} // namespace parlor
