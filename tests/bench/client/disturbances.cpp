// SPDX-License-Identifier: MIT
#include "tests/bench/client/fixedrate.h"

#include <atomic>
#include <thread>

namespace parlor::bench {

namespace {

constexpr std::uint32_t kAtOnce = 64;
constexpr std::uint32_t kReconnectsOfRoom = 10;
/// For the server to end connections that it has had enough of.
constexpr std::chrono::seconds kCutWithin{5};

} // namespace

std::vector<Phase> sleepers(const Options &options)
{
    FixedRate traffic(options);
    if (!traffic.problem().empty())
        return {{.problem = traffic.problem()}};
    std::vector<Phase> phases{traffic.run(options.duration)};
    if (!phases.back().isComplete())
        return phases;

    Crowd others(options.ports, options.dialect);
    if (!others.connect(options.others, kAtOnce, options.patience) ||
        !others.join([](std::uint32_t) { return 0; }, Crowd::kJoinsAtOnce, options.patience)) {
        phases.push_back({.problem = others.problem()});
        return phases;
    }
    traffic.settle();                                // what their coming caused
    phases.push_back(traffic.run(options.duration)); // and nobody reads what `others` get
    const Clock::time_point deadline = Clock::now() + kCutWithin;
    while (others.ended() < options.others && Clock::now() < deadline)
        others.turn(std::chrono::milliseconds(10));
    phases.back().settings["sleepers"] = options.others;
    phases.back().settings["cut"] = others.ended();
    return phases;
}

std::vector<Phase> reconnects(const Options &options)
{
    FixedRate traffic(options);
    if (!traffic.problem().empty())
        return {{.problem = traffic.problem()}};
    std::vector<Phase> phases{traffic.run(options.duration)};
    if (!phases.back().isComplete())
        return phases;

    std::atomic<bool> isOver = false;
    Crowd others(options.ports, options.dialect);
    std::jthread storm([&] {
        const auto roomOf = [&](std::uint32_t index) { return options.rooms + index / kReconnectsOfRoom; };
        if (others.connect(options.others, options.atOnce, options.patience))
            static_cast<void>(others.join(roomOf, options.atOnce, options.patience));
        isOver = true;
    });
    Phase phase = traffic.run(options.duration, [&isOver] { return !isOver; });
    storm.join();
    phase.settings["reconnects"] = options.others;
    if (phase.problem.empty())
        phase.problem = others.problem();
    phases.push_back(std::move(phase));
    return phases;
}

} // namespace parlor::bench
