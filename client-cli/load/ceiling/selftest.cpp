// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/selftest.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/run/loadrun.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <utility>

namespace parlor::cli::load {

using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kRoomUsers = 100;
constexpr std::uint32_t kRoomsOfThread = 2;
constexpr double kConnectsPerSecond = 1000;
constexpr Offset kHeld = 5s; ///< long enough for those whose connect took several seconds
constexpr Offset kFirst = 1s;
constexpr Offset kStep = 4s;
constexpr const char *kGoal = "delivery_latency p(99)<250ms"; ///< that they are still as many as are sent

/// Bytes, resident, of this process.
std::uint64_t residentMemory()
{
    std::FILE *file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr)
        return 0;
    unsigned long pages = 0;
    const int read = std::fscanf(file, "%*u %lu", &pages);
    std::fclose(file);
    return read == 1 ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

/// Looks at the memory while all are there.
class MemoryWatch final : public RunWatcher
{
public:
    void second(const RunStatus &status) override
    {
        if (status.record.seconds.empty())
            return;
        const std::uint32_t members = status.record.seconds.back().members;
        if (members < m_members)
            return;
        m_members = members;
        m_memory = residentMemory();
    }
    [[nodiscard]] std::uint32_t members() const { return m_members; }
    [[nodiscard]] std::uint64_t memory() const { return m_memory; }

private:
    std::uint32_t m_members = 0;
    std::uint64_t m_memory = 0;
};

} // namespace

SelfTest::SelfTest(Target target, std::vector<Address> addresses, int interrupts, std::uint32_t threads)
    : m_target(std::move(target))
    , m_addresses(std::move(addresses))
    , m_interrupts(interrupts)
    , m_threads(threads)
{
}

Settings SelfTest::settings(std::uint32_t rooms) const
{
    Settings settings;
    settings.url = m_target.url;
    settings.threads = m_threads;
    settings.connectTimeout = 30s;
    for (std::uint32_t i = 1; i <= rooms; ++i)
        settings.rooms.push_back("load-" + std::to_string(i));
    return settings;
}

Result<RunRecord> SelfTest::run(const Settings &settings, std::vector<RunWatcher *> watchers)
{
    LoadRun load(settings, m_target, m_addresses, m_interrupts, std::move(watchers));
    auto record = load.execute();
    if (record && load.wasInterrupted())
        record->isInterrupted = true; // nobody wants the next one
    return record;
}

Result<ConnectionCost> SelfTest::holdConnections(std::uint32_t connections)
{
    Settings idle = settings((connections + kRoomUsers - 1) / kRoomUsers);
    idle.profiles.front().rate = 0;
    const auto arrival = std::chrono::duration_cast<Offset>(
        std::chrono::duration<double>(std::ceil(connections / kConnectsPerSecond)));
    idle.stages = {{arrival, connections, "arrival", false}, {kHeld, connections, "held", true}};
    // What the first connections alone need, is none of the others': code, buffers, histograms.
    Settings first = idle;
    first.stages = {{Offset{}, kRoomUsers, "first", false}, {kFirst, kRoomUsers, "first", false}};
    const auto begun = run(first, {});
    if (!begun)
        return begun.error();
    if (begun->isInterrupted)
        return ConnectionCost{.wanted = connections, .isInterrupted = true};
    ConnectionCost cost{.wanted = connections, .before = residentMemory()};
    MemoryWatch watch;
    const auto record = run(idle, {&watch});
    if (!record)
        return record.error();
    cost.connections = watch.members();
    cost.after = watch.memory();
    cost.isInterrupted = record->isInterrupted;
    return cost;
}

std::uint32_t SelfTest::leastConnections(std::uint32_t threads)
{
    return kRoomUsers * kRoomsOfThread * threads;
}

CeilingPlan SelfTest::deliveriesPlan() const
{
    CeilingPlan plan;
    plan.settings = settings(kRoomsOfThread * m_threads);
    plan.settings.thresholds = {kGoal};
    plan.users = leastConnections(m_threads);
    plan.range = {.from = 1000, .to = 1e6, .least = 10, .tolerance = 0.05};
    plan.stepTime = kStep;
    return plan;
}

Result<CeilingResult> SelfTest::measureDeliveries(const Ceiling::Watcher &done)
{
    return Ceiling(
               deliveriesPlan(), [this](const Settings &each) { return run(each, {}); }, done)
        .find();
}

std::string costText(const ConnectionCost &cost)
{
    std::string text = "connections   " + figures::count(cost.connections) + " held in one process, " +
                       figures::count(static_cast<std::uint64_t>(std::llround(cost.bytesEach()))) +
                       " bytes of memory each (" + figures::bytes(cost.before) + " before, " +
                       figures::bytes(cost.after) + " with them)\n";
    if (cost.connections < cost.wanted)
        text += "              " + figures::count(cost.wanted) + " were wanted\n";
    return text;
}

std::string deliveriesText(const CeilingResult &result, std::uint32_t threads, std::size_t cores)
{
    std::string with = threads == 1 ? " with 1 thread" : " with " + std::to_string(threads) + " threads";
    if (threads > cores)
        with += " on " + std::to_string(cores) + (cores == 1 ? " core" : " cores");
    if (!result.passed)
        return "deliveries    unknown: no rate passed" + with + "\n";
    return "deliveries    " +
           figures::count(static_cast<std::uint64_t>(std::llround(result.passed->received))) + "/s verified" +
           with + " (" + figures::count(static_cast<std::uint64_t>(std::llround(result.passed->sent))) +
           " messages/s to rooms of " + std::to_string(kRoomUsers) +
           " users, sent once a millisecond), p99 " +
           (result.passed->p99 ? figures::duration(*result.passed->p99) : "unknown") + ", CPU " +
           figures::percent(result.passed->cpu) + " of a core\n";
}

std::string machineText(const Machine &machine, double loadAverage)
{
    std::array<char, 32> average{};
    std::snprintf(average.data(), average.size(), "%.1f", loadAverage);
    std::string text = "machine       " + machine.host + ", " + machine.system + ", " +
                       std::to_string(machine.cores) + (machine.cores == 1 ? " core" : " cores") +
                       ", load average " + average.data() + " before the test\n";
    if (loadAverage > machine.cores)
        text +=
            "              measured on a busy machine: others used its cores, so it can do more than this\n";
    return text;
}

} // namespace parlor::cli::load
