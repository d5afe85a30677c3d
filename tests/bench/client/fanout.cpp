// SPDX-License-Identifier: MIT
#include "tests/bench/client/traffic.h"

#include <deque>

namespace parlor::bench {

namespace {

class FanOut final : public Traffic
{
public:
    explicit FanOut(const Options &options)
        : Traffic(options, 1)
        , m_probe(options.servers)
    {
    }

    Phase run(std::uint32_t inFlight, std::chrono::milliseconds duration)
    {
        Phase phase;
        phase.settings = {{"clients", m_crowd.size()}, {"in_flight", inFlight}};
        m_latencies.clear();
        m_free = inFlight;
        const StopWatch watch(m_probe);
        const Clock::time_point end = Clock::now() + duration;
        while (Clock::now() < end && !isBroken()) {
            // All that fell free together goes in one write, so that a server that can join messages may.
            for (; m_free != 0; --m_free) {
                m_underWay.push_back({Clock::now(), m_crowd.size()});
                publish(0);
            }
            flush(0);
            m_crowd.turn(std::chrono::milliseconds(10));
        }
        finish(phase, watch);
        phase.latencies = std::move(m_latencies);
        return phase;
    }

private:
    struct UnderWay
    {
        Clock::time_point sent;
        std::uint32_t missing;
    };

    void onDelivery(Member &, std::uint32_t number) override
    {
        UnderWay &message = m_underWay[number - m_firstUnderWay];
        if (--message.missing != 0)
            return;
        m_latencies.push_back(Clock::now() - message.sent);
        ++m_free;
        while (!m_underWay.empty() && m_underWay.front().missing == 0) {
            m_underWay.pop_front();
            ++m_firstUnderWay;
        }
    }

    ServerProbe m_probe;
    std::deque<UnderWay> m_underWay;
    std::vector<Clock::duration> m_latencies;
    std::uint32_t m_firstUnderWay = 0;
    std::uint32_t m_free = 0;
};

} // namespace

std::vector<Phase> fanOut(const Options &options)
{
    FanOut traffic(options);
    if (!traffic.problem().empty())
        return {{.problem = traffic.problem()}};
    std::vector<Phase> phases;
    for (const std::uint32_t inFlight : options.inFlight) {
        Phase phase = traffic.run(inFlight, options.warmUp);
        if (phase.isComplete())
            phase = traffic.run(inFlight, options.duration);
        phases.push_back(std::move(phase));
        if (!phases.back().isComplete())
            break;
    }
    return phases;
}

} // namespace parlor::bench
