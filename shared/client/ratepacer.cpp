// SPDX-License-Identifier: MIT
#include "shared/client/ratepacer.h"

#include <algorithm>
#include <cmath>

namespace parlor {

namespace {

/// Two clocks and a network's jitter lie between our count and the server's.
constexpr double kMargin = 0.9;

} // namespace

RatePacer::RatePacer(Clock clock)
    : m_clock(std::move(clock))
{
}

void RatePacer::setTerms(double rate, double burst)
{
    const double usedRate = std::max(0.0, rate) * kMargin;
    const double usedBurst = std::max(1.0, std::floor(burst * kMargin));
    if (usedRate == m_rate && usedBurst == m_burst)
        return;
    m_rate = usedRate;
    m_burst = usedBurst;
    m_tokens = usedBurst;
    m_at = m_clock.steady();
}

double RatePacer::available() const
{
    const std::chrono::duration<double> passed = m_clock.steady() - m_at;
    return std::min(m_burst, m_tokens + passed.count() * m_rate);
}

std::chrono::milliseconds RatePacer::waitFor(double cost) const
{
    if (m_rate <= 0)
        return {};
    const double lacking = std::min(cost, m_burst) - available();
    if (lacking <= 0)
        return {};
    const auto longest = static_cast<double>(kLongestWait.count());
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(std::min(std::ceil(lacking / m_rate * 1000), longest)));
}

void RatePacer::charge(double cost)
{
    m_tokens = available() - cost;
    m_at = m_clock.steady();
}

void RatePacer::drain()
{
    m_tokens = std::min(0.0, available());
    m_at = m_clock.steady();
}

} // namespace parlor
