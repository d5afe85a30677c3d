// SPDX-License-Identifier: MIT
#include "tests/bench/client/traffic.h"

namespace parlor::bench {

namespace {

class RoomsOfOne final : public Traffic
{
public:
    explicit RoomsOfOne(const Options &options)
        : Traffic(options, options.clients)
        , m_probe(options.servers)
        , m_sentAt(options.clients)
    {
    }

    Phase run(std::chrono::milliseconds duration)
    {
        Phase phase;
        phase.settings = {{"clients", m_crowd.size()}};
        m_latencies.clear();
        m_goesOn = true;
        const StopWatch watch(m_probe);
        const Clock::time_point end = Clock::now() + duration;
        for (std::uint32_t room = 0; room < m_crowd.size(); ++room)
            say(room);
        while (Clock::now() < end && !isBroken())
            m_crowd.turn(std::chrono::milliseconds(10));
        m_goesOn = false;
        finish(phase, watch);
        phase.latencies = std::move(m_latencies);
        return phase;
    }

private:
    void say(std::uint32_t room)
    {
        m_sentAt[room] = Clock::now();
        publish(room);
        flush(room);
    }

    void onDelivery(Member &member, std::uint32_t) override
    {
        m_latencies.push_back(Clock::now() - m_sentAt[member.room()]);
        if (m_goesOn)
            say(member.room());
    }

    ServerProbe m_probe;
    std::vector<Clock::time_point> m_sentAt;
    std::vector<Clock::duration> m_latencies;
    bool m_goesOn = false;
};

} // namespace

std::vector<Phase> roomsOfOne(const Options &options)
{
    RoomsOfOne traffic(options);
    if (!traffic.problem().empty())
        return {{.problem = traffic.problem()}};
    Phase warmUp = traffic.run(options.warmUp);
    return {warmUp.isComplete() ? traffic.run(options.duration) : std::move(warmUp)};
}

} // namespace parlor::bench
