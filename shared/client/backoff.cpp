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
    const double grown = std::ldexp(static_cast<double>(m_bounds.first.count()), m_drawn);
    const double ceiling = std::min(grown, static_cast<double>(m_bounds.cap.count()));
    if (grown < static_cast<double>(m_bounds.cap.count()))
        ++m_drawn;
    const double drawn = std::clamp(m_random(), 0.0, 1.0) * ceiling;
    return std::chrono::milliseconds(static_cast<std::int64_t>(drawn));
}

std::function<double()> systemRandom()
{
    auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
    return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

} // namespace parlor
