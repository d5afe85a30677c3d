// SPDX-License-Identifier: MIT
// Bans, mutes and slow rooms of two servers on one Redis, and what becomes of them with its faults.
#include "server/engine/redis/store.h"
#include "server/engine/storedengine.h"
#include "tests/support/redisprocess.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

#include <algorithm>

using namespace parlor;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

std::chrono::milliseconds timeOfDay()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

/// A server's engine, and a worker of it.
struct OneServer
{
    explicit OneServer(const redis::Store::Config &config)
    {
        auto store = redis::Store::open(config, timeOfDay);
        if (!store)
            qFatal("%s", store.error().text.c_str());
        engine = std::make_unique<StoredEngine>(std::move(store).value(), StoredEngine::Config{}, timeOfDay);
        engine->addPort(port);
    }
    void moderate(Act::Action action, const char *user, std::chrono::milliseconds duration = 1h)
    {
        Caller caller;
        caller.port = &port;
        Act act;
        act.action = action;
        act.user = user;
        act.at = timeOfDay();
        if (action != Act::Action::Unban)
            act.until = act.at + duration;
        act.by = "mia";
        act.reason = "enough";
        engine->moderate(caller, {}, act);
    }
    /// The next line, or what came instead in five seconds.
    bool told(const std::string &line)
    {
        return QTest::qWaitFor([&] {
            for (std::string &each : port.take())
                lines.push_back(std::move(each));
            const auto found = std::ranges::find(lines, line);
            if (found == lines.end())
                return false;
            lines.erase(lines.begin(), found + 1);
            return true;
        });
    }

    ProbePort port;
    Lines lines;
    std::unique_ptr<StoredEngine> engine;
};

} // namespace

class TestRedisSanctions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void whatOneImposesHoldsOnAll();
    void aServerThatStartsHasThem();
    void aChangeThatWasNotHeardIsNoticed();
    void theyOutliveRedis();
    void withoutRedisNothingIsImposed();
    void othersFieldsAreLeftOut();

private:
    std::string field(const char *name)
    {
        return m_redis->command({QStringLiteral("HGET"), QStringLiteral("p:sanctions"), QLatin1String(name)})
            .toStdString();
    }

    std::unique_ptr<test::RedisProcess> m_redis;
    redis::Store::Config m_config;
};

void TestRedisSanctions::init()
{
    m_redis = std::make_unique<test::RedisProcess>(
        QStringList{QStringLiteral("--appendonly"), QStringLiteral("no")});
    QVERIFY(m_redis->start());
    m_config = {};
    m_config.connection.address = redis::parseAddress(m_redis->url().toStdString()).value();
    m_config.prefix = "p:";
    m_config.proof = 100ms;
    m_config.patience = 100ms;
}

void TestRedisSanctions::whatOneImposesHoldsOnAll()
{
    OneServer a(m_config);
    OneServer b(m_config);
    a.moderate(Act::Action::Ban, "eve");
    QVERIFY(a.told("in force: ban user eve;"));
    QVERIFY(a.told("ban done"));
    QVERIFY(b.told("in force: ban user eve;"));
    b.moderate(Act::Action::Mute, "adam");
    QVERIFY(a.told("in force: ban user eve; mute * adam;"));
    b.moderate(Act::Action::Unban, "eve");
    QVERIFY(a.told("in force: mute * adam;"));
    QVERIFY(b.told("unban done"));
    a.moderate(Act::Action::Kick, "eve");
    QVERIFY(b.told("kicked eve enough"));
    QVERIFY(a.told("kicked eve enough"));
    a.moderate(Act::Action::Unban, "eve");
    QVERIFY(a.told("refused bad_request"));
}

void TestRedisSanctions::aServerThatStartsHasThem()
{
    {
        OneServer a(m_config);
        a.moderate(Act::Action::Ban, "eve");
        QVERIFY(a.told("ban done"));
    }
    OneServer b(m_config);
    QCOMPARE(b.port.take(), Lines{"in force: ban user eve;"}); // at once, before anybody connects
}

void TestRedisSanctions::aChangeThatWasNotHeardIsNoticed()
{
    OneServer a(m_config);
    a.moderate(Act::Action::Ban, "eve");
    QVERIFY(a.told("ban done"));
    // As another server would, but that nobody is told.
    m_redis->command({QStringLiteral("HSET"), QStringLiteral("p:sanctions"), QStringLiteral("ban user adam"),
                      QStringLiteral(R"({"by":"mia","rank":"admin","since":1})")});
    m_redis->command({QStringLiteral("HINCRBY"), QStringLiteral("p:sanctions"), QStringLiteral("version"),
                      QStringLiteral("1")});
    QVERIFY(a.told("in force: ban user adam; ban user eve;"));
}

void TestRedisSanctions::theyOutliveRedis()
{
    OneServer a(m_config);
    a.moderate(Act::Action::Ban, "eve");
    QVERIFY(a.told("ban done"));
    m_redis->command({QStringLiteral("FLUSHALL")});
    QTRY_VERIFY(!field("ban user eve").empty());
    a.moderate(Act::Action::Ban, "adam");
    QVERIFY(a.told("in force: ban user adam; ban user eve;"));
}

void TestRedisSanctions::withoutRedisNothingIsImposed()
{
    OneServer a(m_config);
    m_redis->kill();
    QVERIFY(a.told("unreachable"));
    a.moderate(Act::Action::Ban, "eve");
    QVERIFY(a.told("refused unavailable"));
    a.moderate(Act::Action::Kick, "eve");
    QVERIFY(a.told("refused unavailable"));
    QCOMPARE(a.port.take(), Lines{});
}

void TestRedisSanctions::othersFieldsAreLeftOut()
{
    m_redis->command({QStringLiteral("HSET"), QStringLiteral("p:sanctions"), QStringLiteral("ban user adam"),
                      QStringLiteral("no JSON"), QStringLiteral("ban user eve"),
                      QStringLiteral(R"({"by":"mia","rank":"admin","since":1})")});
    m_config.warn = [](const std::string &text) { qInfo("%s", text.c_str()); };
    QTest::ignoreMessage(QtInfoMsg, QRegularExpression(QStringLiteral("^1 fields of p:sanctions in Redis")));
    OneServer a(m_config);
    QCOMPARE(a.port.take(), Lines{"in force: ban user eve;"});
    m_redis->command({QStringLiteral("DEL"), QStringLiteral("p:sanctions")});
    m_redis->command({QStringLiteral("PUBLISH"), QStringLiteral("p:ctl"),
                      QStringLiteral("k9\x1e"
                                     "eve\x1e")});
    a.moderate(Act::Action::Kick, "ann");
    QVERIFY(a.told("kicked ann enough"));
    QVERIFY(std::ranges::none_of(a.lines,
                                 [](const std::string &each) { return each.starts_with("kicked eve"); }));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestRedisSanctions)
#include "tst_redis_sanctions.moc"
