// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/plan.h"

#include <algorithm>

namespace parlor::cli::load {

namespace {

std::string nameOf(std::uint32_t from, std::uint32_t to)
{
    if (from == to)
        return "hold " + std::to_string(to);
    return "ramp " + std::to_string(from) + "-" + std::to_string(to);
}

/// The part of a duration that is `numerator` of `denominator` steps into it.
Offset part(Offset duration, std::uint32_t numerator, std::uint32_t denominator)
{
    return duration * numerator / denominator;
}

} // namespace

Plan::Plan(const std::vector<Stage> &stages)
{
    Offset begin{};
    std::uint32_t users = 0;
    for (const Stage &stage : stages) {
        // On the way up user k comes when the line reaches k, on the way down goes when it comes back to k.
        for (std::uint32_t k = users; k < stage.users; ++k)
            m_changes.push_back(
                {begin + part(stage.duration, k - users, stage.users - users), k, Turn::Comes});
        for (std::uint32_t k = users; k > stage.users; --k)
            m_changes.push_back(
                {begin + part(stage.duration, users - k + 1, users - stage.users), k - 1, Turn::Goes});
        m_phases.push_back({nameOf(users, stage.users), begin, begin + stage.duration, users, stage.users});
        begin += stage.duration;
        users = stage.users;
        m_peak = std::max(m_peak, users);
    }
    for (std::uint32_t k = users; k > 0; --k)
        m_changes.push_back({begin, k - 1, Turn::Goes});
}

std::size_t Plan::phaseAt(Offset at) const
{
    for (std::size_t i = 0; i < m_phases.size(); ++i) {
        if (at < m_phases[i].end)
            return i;
    }
    return m_phases.empty() ? 0 : m_phases.size() - 1;
}

std::uint32_t Plan::usersAt(Offset at) const
{
    std::uint32_t users = 0;
    for (const Change &change : m_changes) {
        if (change.at > at)
            break;
        users = change.turn == Turn::Comes ? users + 1 : users - 1;
    }
    return users;
}

SpeakingTimes::SpeakingTimes(Offset begin, double perSecond, std::uint64_t seed, std::uint32_t user)
    : m_interval(1e6 / perSecond)
{
    Random random(seed, user);
    m_first = static_cast<double>(begin.count()) + random.fraction() * m_interval;
}

MessageSizes::MessageSizes(SizeRange range, std::uint64_t seed, std::uint32_t user)
    : m_range(range)
    , m_random(~seed, user) // another stream than that of its times
{
}

Offset SpeakingTimes::at(std::uint64_t n) const
{
    return Offset(static_cast<Offset::rep>(m_first + static_cast<double>(n) * m_interval));
}

} // namespace parlor::cli::load
