// SPDX-License-Identifier: MIT
#include "server/engine/memoryengine.h"
#include "server/engine/redis/store.h"
#include "server/engine/sqlite/store.h"
#include "server/engine/storedengine.h"
#include "tests/support/redisprocess.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTemporaryDir>

namespace parlor {

namespace {

std::chrono::milliseconds fixedTime()
{
    return std::chrono::milliseconds(1'700'000'000'000);
}

bool isEngine(const char *name)
{
    const QByteArray engine = qgetenv("PARLOR_TEST_ENGINE");
    if (engine != "sqlite" && engine != "memory" && engine != "redis" && !engine.isEmpty())
        qFatal("PARLOR_TEST_ENGINE: there is no engine %s", engine.constData());
    return engine == name;
}

std::unique_ptr<MessageStore> openSqlite(const QTemporaryDir &folder)
{
    sqlite::Store::Config config;
    config.path = folder.filePath(QStringLiteral("parlor.db")).toStdString();
    auto store = sqlite::Store::open(config, fixedTime);
    if (!store)
        qFatal("%s", store.error().text.c_str());
    return std::move(store).value();
}

/// A chat of its own in the one Redis of this program.
std::unique_ptr<MessageStore> openRedis()
{
    static test::RedisProcess server({QStringLiteral("--appendonly"), QStringLiteral("no")});
    static int chats = 0;
    if (chats == 0 && !server.start())
        qFatal("redis-server does not start");
    redis::Store::Config config;
    config.connection.address = redis::parseAddress(server.url().toStdString()).value();
    config.prefix = "chat" + std::to_string(++chats) + ':';
    auto store = redis::Store::open(config, fixedTime);
    if (!store)
        qFatal("%s", store.error().text.c_str());
    return std::move(store).value();
}

/// Returns from each request only when it has been answered, so that tests can look at once.
class AnsweringEngine final : public Engine
{
public:
    explicit AnsweringEngine(const RoomLimits &limits)
    {
        m_engine = std::make_unique<StoredEngine>(isEngine("redis") ? openRedis() : openSqlite(m_folder),
                                                  StoredEngine::Config{limits}, fixedTime);
        m_engine->waitUntilIdle();
    }

    void attach(const Caller &caller) override { m_engine->attach(caller); }
    void detach(const Caller &caller) override { m_engine->detach(caller); }
    void enter(const Caller &caller, EnterRequest request) override
    {
        answered([&] { m_engine->enter(caller, std::move(request)); });
    }
    void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) override
    {
        answered([&] { m_engine->catchUp(caller, room, last); });
    }
    void leave(const Caller &caller, const std::string &room, RequestId rid) override
    {
        answered([&] { m_engine->leave(caller, room, rid); });
    }
    void suspend(const Caller &caller, std::vector<RoomName> rooms, SteadyTime graceEnd) override
    {
        answered([&] { m_engine->suspend(caller, std::move(rooms), graceEnd); });
    }
    void depart(const Caller &caller, std::span<const RoomName> rooms, Departure reason) override
    {
        answered([&] { m_engine->depart(caller, rooms, reason); });
    }
    void enteredTooLate(const Caller &caller, const RoomName &room) override
    {
        answered([&] { m_engine->enteredTooLate(caller, room); });
    }
    void tick(SteadyTime now) override
    {
        answered([&] { m_engine->tick(now); });
    }
    void publish(const Caller &caller, PublishRequest request) override
    {
        answered([&] { m_engine->publish(caller, std::move(request)); });
    }
    void erase(const Caller &caller, EraseRequest request) override
    {
        answered([&] { m_engine->erase(caller, std::move(request)); });
    }
    void typing(const Caller &caller, const std::string &room, bool on) override
    {
        answered([&] { m_engine->typing(caller, room, on); });
    }
    void rename(const Caller &caller, std::span<const RoomName> rooms) override
    {
        answered([&] { m_engine->rename(caller, rooms); });
    }
    void history(const Caller &caller, const std::string &room, RequestId rid, HistoryRange range) override
    {
        answered([&] { m_engine->history(caller, room, rid, range); });
    }
    void members(const Caller &caller, const std::string &room, RequestId rid, std::string after,
                 std::uint32_t limit) override
    {
        answered([&] { m_engine->members(caller, room, rid, std::move(after), limit); });
    }
    void rooms(const Caller &caller, RequestId rid, std::string prefix, std::string after,
               std::uint32_t limit) override
    {
        answered([&] { m_engine->rooms(caller, rid, std::move(prefix), std::move(after), limit); });
    }
    void addPort(DeliveryPort &port) override { m_engine->addPort(port); }
    void moderate(const Caller &caller, RequestId rid, Act act) override
    {
        answered([&] { m_engine->moderate(caller, rid, std::move(act)); });
    }
    void flush() override { m_engine->flush(); }
    void stop() override { m_engine->stop(); }
    std::string chat() const override { return m_engine->chat(); }
    std::optional<StoreFigures> storeFigures() const override { return m_engine->storeFigures(); }
    std::uint64_t roomCount() const override { return m_engine->roomCount(); }
    std::uint64_t historyBytes() const override { return m_engine->historyBytes(); }

private:
    template <typename Ask>
    void answered(Ask ask)
    {
        ask();
        m_engine->waitUntilIdle();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<StoredEngine> m_engine;
};

} // namespace

std::unique_ptr<Engine> makeEngine(const RoomLimits &limits)
{
    if (keepsEverything())
        return std::make_unique<AnsweringEngine>(limits);
    return std::make_unique<MemoryEngine>(limits, fixedTime);
}

bool keepsEverything()
{
    return isEngine("sqlite") || isEngine("redis");
}

bool isFast()
{
    return !isEngine("redis");
}

bool keepsDesertedRooms()
{
    return !isEngine("redis");
}

} // namespace parlor
