// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/speakingtimes.h"

namespace parlor::cli::load {

SpeakingTimes::SpeakingTimes(Offset begin, double perSecond, Pace pace, std::uint64_t seed,
                             std::uint32_t user)
    : m_random(seed, user)
    , m_pace(pace)
    , m_first(static_cast<double>(begin.count()))
    , m_interval(1e6 / perSecond)
{
    if (pace == Pace::Fixed)
        m_first += m_random.fraction() * m_interval;
}

Offset SpeakingTimes::next()
{
    double at = m_first + static_cast<double>(m_given++) * m_interval;
    if (m_pace == Pace::Poisson)
        at = m_first += m_random.exponential(m_interval);
    return Offset(static_cast<Offset::rep>(at));
}

} // namespace parlor::cli::load
