// SPDX-License-Identifier: MIT
#include "server/engine/sqliteengine.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTemporaryDir>

namespace parlor {

namespace {

/// Returns from each request only when it has been answered, so that tests can look at once.
class AnsweringEngine final : public Engine
{
public:
    explicit AnsweringEngine(const RoomLimits &limits)
    {
        SqliteEngine::Config config;
        config.path = m_folder.filePath(QStringLiteral("parlor.db")).toStdString();
        config.rooms = limits;
        std::string why;
        m_engine = SqliteEngine::open(
            config, [] { return std::chrono::milliseconds(1'700'000'000'000); }, why);
        if (!m_engine)
            qFatal("%s", why.c_str());
        m_engine->waitUntilIdle();
    }

    std::uint64_t attach(const Caller &caller) override { return m_engine->attach(caller); }
    void detach(const Caller &caller) override { m_engine->detach(caller); }
    void enter(const Caller &caller, EnterRequest request) override
    {
        answered([&] { m_engine->enter(caller, std::move(request)); });
    }
    void catchUp(const Caller &caller, const RoomName &room, const SyncPage &last) override
    {
        answered([&] { m_engine->catchUp(caller, room, last); });
    }
    void leave(const Caller &caller, const std::string &room, RequestId rid, std::string_view reason) override
    {
        answered([&] { m_engine->leave(caller, room, rid, reason); });
    }
    void suspend(const Caller &caller, std::span<const RoomName> rooms) override
    {
        answered([&] { m_engine->suspend(caller, rooms); });
    }
    void expire(const Caller &caller, std::span<const RoomName> rooms, std::string_view reason) override
    {
        answered([&] { m_engine->expire(caller, rooms, reason); });
    }
    void publish(const Caller &caller, PublishRequest request) override
    {
        answered([&] { m_engine->publish(caller, std::move(request)); });
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
    std::unique_ptr<SqliteEngine> m_engine;
};

} // namespace

std::unique_ptr<Engine> makeEngine(const RoomLimits &limits)
{
    return std::make_unique<AnsweringEngine>(limits);
}

bool keepsEverything()
{
    return true;
}

} // namespace parlor
