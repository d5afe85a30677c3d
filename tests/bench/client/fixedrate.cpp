// SPDX-License-Identifier: MIT
#include "tests/bench/client/fixedrate.h"

#include <random>

namespace parlor::bench {

FixedRate::FixedRate(const Options &options)
    : Traffic(options, options.rooms)
    , m_probe(options.servers)
    , m_planned(options.rooms)
{
}

Phase FixedRate::run(std::chrono::milliseconds duration, const std::function<bool()> &goesOn)
{
    Phase phase;
    phase.settings = {{"clients", m_crowd.size()},
                      {"rooms", static_cast<std::int64_t>(m_planned.size())},
                      {"per_second", m_options.perSecond}};
    m_latencies.clear();
    // Arrivals as of many people who know nothing of each other, and the same ones for every server.
    std::mt19937_64 random(1);
    std::exponential_distribution<double> gap(m_options.perSecond);
    const StopWatch watch(m_probe);
    const Clock::time_point end = Clock::now() + duration;
    std::uint32_t room = 0;
    for (Clock::time_point next = Clock::now(); (next < end || (goesOn && goesOn())) && !isBroken();) {
        Clock::time_point now = Clock::now();
        for (; now < next && !isBroken(); now = Clock::now())
            m_crowd.turn(next - now);
        phase.sendLags.push_back(now - next);
        m_planned[room].push_back(next);
        publish(room);
        flush(room);
        room = (room + 1) % static_cast<std::uint32_t>(m_planned.size());
        next += std::chrono::nanoseconds(static_cast<std::int64_t>(gap(random) * 1e9));
    }
    finish(phase, watch);
    phase.latencies = std::move(m_latencies);
    return phase;
}

void FixedRate::onDelivery(Member &member, std::uint32_t number)
{
    m_latencies.push_back(Clock::now() - m_planned[member.room()][number]);
}

std::vector<Phase> fixedRate(const Options &options)
{
    FixedRate traffic(options);
    if (!traffic.problem().empty())
        return {{.problem = traffic.problem()}};
    Phase warmUp = traffic.run(options.warmUp);
    return {warmUp.isComplete() ? traffic.run(options.duration) : std::move(warmUp)};
}

} // namespace parlor::bench
