// SPDX-License-Identifier: MIT
#include "tests/bench/client/traffic.h"

#include <random>

namespace parlor::bench {

namespace {

class FixedRate final : public Traffic
{
public:
    explicit FixedRate(const Options &options)
        : Traffic(options, options.rooms)
        , m_probe(options.server)
        , m_planned(options.rooms)
    {
    }

    Phase run(std::chrono::milliseconds duration)
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
        for (Clock::time_point next = Clock::now(); next < end && !isBroken();) {
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

private:
    void onDelivery(Member &member, std::uint32_t number) override
    {
        m_latencies.push_back(Clock::now() - m_planned[member.room()][number]);
    }

    ServerProbe m_probe;
    std::vector<std::vector<Clock::time_point>> m_planned; ///< by room and number
    std::vector<Clock::duration> m_latencies;
};

} // namespace

std::vector<Phase> fixedRate(const Options &options)
{
    FixedRate traffic(options);
    if (!traffic.problem().empty())
        return {{.problem = traffic.problem()}};
    Phase warmUp = traffic.run(options.warmUp);
    return {warmUp.isComplete() ? traffic.run(options.duration) : std::move(warmUp)};
}

} // namespace parlor::bench
