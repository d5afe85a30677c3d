// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/random.h"
#include "client-cli/load/plan/settings.h"

namespace parlor::cli::load {

/// When one user speaks in an open model: at times that depend on nothing that the server does. The same seed
/// and user have the same times in every run. Pure.
///
/// Fixed intervals begin at a random point of the first one (else all users who came together would speak
/// together), and each time is computed from its number, so that nothing adds up. Poisson's intervals are
/// drawn one after the other.
class SpeakingTimes
{
public:
    SpeakingTimes() = default;
    /// `perSecond` > 0; `pace`: Fixed or Poisson.
    SpeakingTimes(Offset begin, double perSecond, Pace pace, std::uint64_t seed, std::uint32_t user);

    [[nodiscard]] Offset next();

private:
    Random m_random{0};
    Pace m_pace = Pace::Fixed;
    double m_first = 0; ///< µs; with Poisson the last one
    double m_interval = 0;
    std::uint64_t m_given = 0;
};

} // namespace parlor::cli::load
