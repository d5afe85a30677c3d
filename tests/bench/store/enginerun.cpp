// SPDX-License-Identifier: MIT
#include "server/engine/redis/store.h"
#include "server/engine/sqlite/store.h"
#include "server/engine/storedengine.h"
#include "shared/protocol/ulid.h"
#include "tests/bench/store/workload.h"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace parlor::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Counts what is answered.
class Completions final : public DeliveryPort
{
public:
    void deliver(Delivery delivery) override
    {
        queue(std::move(delivery));
        notify();
    }
    void queue(Delivery delivery) override
    {
        const std::lock_guard lock(m_mutex);
        if (std::holds_alternative<delivery::PublishDone>(delivery))
            ++m_done;
        else if (const auto *refused = std::get_if<delivery::Refused>(&delivery))
            m_problem = refused->error.text;
    }
    void notify() override { m_changed.notify_one(); }

    /// Until so many are done. How many are; nothing more comes after a problem.
    std::uint64_t waitFor(std::uint64_t count)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_done >= count || !m_problem.empty(); });
        return m_done;
    }
    [[nodiscard]] std::string problem()
    {
        const std::lock_guard lock(m_mutex);
        return m_problem;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::uint64_t m_done = 0;
    std::string m_problem;
};

std::chrono::milliseconds now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

Result<std::unique_ptr<MessageStore>> openStore(const Workload &workload)
{
    if (workload.redis.empty()) {
        sqlite::Store::Config config;
        config.path = workload.path;
        auto store = sqlite::Store::open(config, now);
        if (!store)
            return store.error();
        return std::unique_ptr<MessageStore>(std::move(store).value());
    }
    auto address = redis::parseAddress(workload.redis);
    if (!address)
        return address.error();
    redis::Store::Config config;
    config.connection.address = std::move(address).value();
    config.prefix = "bench:";
    auto store = redis::Store::open(config, now);
    if (!store)
        return store.error();
    return std::unique_ptr<MessageStore>(std::move(store).value());
}

} // namespace

Outcome runEngine(const Workload &workload)
{
    Outcome outcome;
    Completions completions; // the engine's last deliveries come when it stops
    auto store = openStore(workload);
    if (!store) {
        outcome.problem = store.error().text;
        return outcome;
    }
    const auto engine = std::make_unique<StoredEngine>(std::move(store).value(), StoredEngine::Config{}, now);
    UlidSource ids;
    std::vector<Caller> callers;
    std::vector<RoomName> rooms;
    for (std::uint32_t i = 0; i < workload.rooms; ++i) {
        const auto id = ids.next(now()).text();
        callers.push_back(
            {&completions, {i, 1}, std::make_shared<const Identity>(std::string(std::string_view(id)))});
        callers.back().attachment = engine->nextAttachment();
        engine->attach(callers.back());
        rooms.push_back(std::make_shared<const std::string>("room" + std::to_string(i)));
        engine->enter(callers.back(), {*rooms.back()});
    }
    engine->waitUntilIdle();

    const std::string content = '"' + std::string(workload.contentBytes, 'x') + '"';
    const std::uint64_t commitsBefore = engine->storeFigures()->commits;
    const Clock::time_point begin = Clock::now();
    const std::clock_t cpu = std::clock();
    std::uint64_t sent = 0;
    std::uint64_t done = 0;
    while (Clock::now() < begin + workload.duration && completions.problem().empty()) {
        const auto time = now();
        for (; sent - done < workload.underWay; ++sent) {
            const std::size_t at = sent % workload.rooms;
            const auto cid = ids.next(time).text();
            engine->publish(callers[at],
                            {rooms[at], {}, ids.next(time), std::string(std::string_view(cid)), content});
        }
        engine->flush();
        done = completions.waitFor(done + 1);
    }
    outcome.messages = completions.waitFor(sent);
    outcome.took = Clock::now() - begin;
    outcome.cpu = std::chrono::microseconds(std::clock() - cpu);
    outcome.commits = engine->storeFigures()->commits - commitsBefore;
    outcome.problem = completions.problem();
    engine->stop();
    return outcome;
}

} // namespace parlor::bench
