// SPDX-License-Identifier: MIT
// Two servers' engines on one Redis: one order, one roster, and what each of them makes of Redis' faults.
#include "server/engine/redis/store.h"
#include "server/engine/storedengine.h"
#include "tests/support/redisprocess.h"
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QStandardPaths>
#include <QTest>

#include <algorithm>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

std::chrono::milliseconds wallTime()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

/// A server's engine, and what it told its worker.
class Instance
{
public:
    explicit Instance(redis::Store::Config config)
    {
        config.warn = [this](const std::string &text) {
            const std::lock_guard lock(m_mutex);
            m_warnings.push_back(text);
        };
        auto store = redis::Store::open(config, wallTime);
        if (!store)
            qFatal("%s", store.error().text.c_str());
        secret = (*store)->secret();
        engine = std::make_unique<StoredEngine>(std::move(store).value(), StoredEngine::Config{}, wallTime);
        engine->addPort(port);
    }
    ~Instance() { engine.reset(); } // until then its thread warns
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;
    /// Whether it has told this; waits for it.
    bool told(const std::string &line)
    {
        return QTest::qWaitFor([&] {
            gather();
            return std::ranges::find(m_lines, line) != m_lines.end();
        });
    }
    bool has(const std::string &line)
    {
        gather();
        return std::ranges::find(m_lines, line) != m_lines.end();
    }
    /// What it told since the last call, up to and with this line.
    Lines upTo(const std::string &line)
    {
        if (!told(line))
            return std::exchange(m_lines, {});
        const auto end = std::ranges::find(m_lines, line) + 1;
        Lines lines(m_lines.begin(), end);
        m_lines.erase(m_lines.begin(), end);
        return lines;
    }
    bool warned(const QByteArray &part)
    {
        return QTest::qWaitFor([&] {
            const std::lock_guard lock(m_mutex);
            return std::ranges::any_of(m_warnings, [&part](const std::string &each) {
                return QByteArray::fromStdString(each).contains(part);
            });
        });
    }
    void forget()
    {
        gather();
        m_lines.clear();
    }
    /// What was told and not asked for yet; for the message of a failure.
    std::string rest()
    {
        gather();
        std::string text;
        for (const std::string &each : m_lines)
            text += each + "; ";
        const std::lock_guard lock(m_mutex);
        for (const std::string &each : m_warnings)
            text += "\n  " + each;
        return text;
    }

    ProbePort port;
    std::unique_ptr<StoredEngine> engine;
    std::string secret;

private:
    void gather()
    {
        for (std::string &each : port.take())
            m_lines.push_back(std::move(each));
    }

    Lines m_lines;
    std::mutex m_mutex;
    Lines m_warnings;
};

/// Enters, publishes, and so on: and lets it go on its way.
template <typename Ask>
void ask(Instance &member, Ask request)
{
    request();
    member.engine->flush();
}

Lines published(std::uint64_t first, std::uint64_t last)
{
    Lines lines;
    for (std::uint64_t seq = first; seq <= last; ++seq)
        lines.push_back("published x " + std::to_string(seq));
    return lines;
}

} // namespace

class TestRedisServers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void oneChat();
    void messagesReachBoth();
    void sameMessageToBoth();
    void oneRoster();
    void sessionMoves();
    void olderConnectionIsReplaced();
    void deadServersMembersLeave();
    void typingAndLists();

    void untoldMessagesAreRead();
    void unknownScriptsAreLoadedInOrder();
    void awayAndBack();
    void emptied();
    void topLost();
    void numbersGivenAgain();
    void wrongTypes();
    void poison();
    void oldMessagesGo();
    void messagesThatAreTooOldAreNoFork();
    void emptiedWhilePeopleTalk();
    void goneWhileRedisWasAway();
    void channelsMayBeForbidden();
    void aMessageThatFollowsNothing();
    void presenceIsProvenWhilePeopleTalk();
    void textOfOthers();
    void positionsThatOthersHaveTold();
    void replicasAreWaitedFor();

private:
    [[nodiscard]] redis::Store::Config config() const;
    void redisCli(const QStringList &words) { QVERIFY(!m_redis->command(words).startsWith(u"ERR"_s)); }

    /// A on the one server, B on the other, both in x; in this order.
    bool enterBoth(ProbeSession &a, ProbeSession &b)
    {
        ask(*m_one, [&a] { a.enter("x"); });
        if (!m_one->told("entered x members=1 seq=0 events=0 announced"))
            return false;
        ask(*m_two, [&b] { b.enter("x"); });
        return m_one->told("presence +B 2");
    }

    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<Instance> m_one;
    std::unique_ptr<Instance> m_two;
};

void TestRedisServers::initTestCase()
{
    if (QStandardPaths::findExecutable(u"redis-server"_s).isEmpty())
        QSKIP("redis-server is not installed");
    m_redis = std::make_unique<test::RedisProcess>();
    QVERIFY(m_redis->start());
}

redis::Store::Config TestRedisServers::config() const
{
    redis::Store::Config config;
    config.connection.address = *redis::parseAddress(m_redis->url().toStdString());
    config.connection.firstPause = 10ms;
    config.connection.longestPause = 20ms;
    config.prefix = "p:";
    config.proof = 100ms;
    config.patience = 50ms;
    config.presence = {50ms, 2s};
    return config;
}

void TestRedisServers::init()
{
    m_redis->command({u"FLUSHALL"_s});
    m_one = std::make_unique<Instance>(config());
    m_two = std::make_unique<Instance>(config());
}

void TestRedisServers::cleanup()
{
    m_one.reset();
    m_two.reset();
}

// ---- one chat

void TestRedisServers::oneChat()
{
    QCOMPARE(m_one->engine->chat(), m_two->engine->chat());
    QCOMPARE(m_one->secret, m_two->secret);
    auto other = config();
    other.prefix = "another:";
    Instance third(other);
    QVERIFY(third.engine->chat() != m_one->engine->chat());
}

void TestRedisServers::messagesReachBoth()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_two->engine, m_two->port, "B");
    QVERIFY(enterBoth(a, b));
    m_one->forget();
    m_two->forget();
    for (int i = 0; i < 50; ++i)
        ask(*m_one, [&] { a.publish("x", "hi"); });
    QCOMPARE(m_two->upTo("published x 50"), published(1, 50));
    ask(*m_two, [&] { b.publish("x", "hello"); });
    QVERIFY(m_one->told("published x 51"));
    const Lines mine = m_two->upTo("published x 51");
    QCOMPARE(mine, Lines({"done 51", "published x 51"}));
}

void TestRedisServers::sameMessageToBoth()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession again(*m_two->engine, m_two->port, "A");
    a.enter("x");
    again.enter("x");
    ask(*m_one, [&] { a.publish("x", "hi", "cid-1"); });
    QVERIFY(m_one->told("done 1"));
    ask(*m_two, [&] { again.publish("x", "hi", "cid-1"); });
    QVERIFY(m_two->told("done 1 duplicate"));
    ask(*m_two, [&] { again.publish("x", "more", "cid-2"); });
    QVERIFY(m_one->told("published x 2"));
}

// ---- one roster

void TestRedisServers::oneRoster()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_two->engine, m_two->port, "B");
    ask(*m_one, [&] { a.enter("x"); });
    QVERIFY(m_one->told("entered x members=1 seq=0 events=0 announced"));
    // What the one server told is known to the other one before its first member enters.
    QTRY_COMPARE(m_redis->command({u"HLEN"_s, m_redis->command({u"KEYS"_s, u"p:{x}:p:*"_s})}), u"1"_s);
    ask(*m_two, [&] { b.enter("x"); });
    QVERIFY(m_two->told("entered x members=2 seq=0 events=0 announced"));
    QVERIFY(m_one->told("presence +B 2"));
    a.caller.identity = std::make_shared<const Identity>(a.caller.identity->renamed("Ann"));
    ask(*m_one, [&] { m_one->engine->rename(a.caller, a.rooms("x")); });
    QVERIFY(m_two->told("renamed Ann"));
    ask(*m_one, [&] { a.leave("x"); });
    QVERIFY(m_two->told("presence -A 1 left"));
}

void TestRedisServers::sessionMoves()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession watcher(*m_one->engine, m_one->port, "W");
    ProbeSession other(*m_two->engine, m_two->port, "V");
    for (ProbeSession *each : {&a, &watcher})
        ask(*m_one, [&] { each->enter("x"); });
    QVERIFY(m_one->told("entered x members=2 seq=0 events=0 announced"));
    ask(*m_two, [&] { other.enter("x"); });
    QVERIFY(m_one->told("presence +V 3"));
    ask(*m_two, [&] { m_two->engine->members(other.caller, "x", {}, "", 10); });
    QVERIFY(m_two->told("members A V W"));
    m_one->forget();
    m_two->forget();

    m_one->engine->suspend(a.caller, a.rooms("x"), std::chrono::steady_clock::now() + 1s);
    ProbeSession moved(*m_two->engine, m_two->port, "A");
    ask(*m_two, [&] { moved.enter("x"); });
    QVERIFY(m_two->told("entered x members=3 seq=0 events=0"));
    ask(*m_two, [&] { moved.publish("x", "here again"); });
    QVERIFY(m_one->told("published x 1"));
    m_one->engine->tick(std::chrono::steady_clock::now() + 2s); // its grace there is over
    ask(*m_one, [&] { watcher.publish("x", "so I see"); });
    const Lines lines = m_one->upTo("published x 2");
    QCOMPARE(lines, Lines({"published x 1", "done 2", "published x 2"})); // nobody came, nobody went
    ask(*m_two, [&] { moved.leave("x"); });
    QVERIFY(m_one->told("presence -A 2 left"));
}

void TestRedisServers::olderConnectionIsReplaced()
{
    ProbeSession older(*m_one->engine, m_one->port, "A", 7);
    ProbeSession newer(*m_two->engine, m_two->port, "A", 8);
    ask(*m_two, [&] { m_two->engine->takeOver(newer.caller.identity); });
    QVERIFY(m_one->told("replaced 7"));
    m_two->forget();
    ProbeSession newest(*m_one->engine, m_one->port, "A", 9);
    ask(*m_one, [&] { m_one->engine->takeOver(newest.caller.identity); });
    QVERIFY(m_two->told("replaced 8"));
    QTest::qWait(100);
    QCOMPARE(m_one->port.take(), Lines());
}

void TestRedisServers::deadServersMembersLeave()
{
    ProbeSession b(*m_two->engine, m_two->port, "B");
    ask(*m_two, [&] { b.enter("x"); });
    QVERIFY(m_two->told("entered x members=1 seq=0 events=0 announced"));
    {
        auto mortal = config();
        Instance dying(mortal);
        ProbeSession a(*dying.engine, dying.port, "A");
        ask(dying, [&] { a.enter("x"); });
        QVERIFY(m_two->told("presence +A 2"));
    }
    QVERIFY(m_two->told("presence -A 1 lost"));
    QTest::qWait(200);
    const Lines after = m_two->port.take();
    QVERIFY(after.empty());
    QCOMPARE(m_redis->command({u"ZCARD"_s, u"p:{x}:p"_s}), u"1"_s);
}

void TestRedisServers::typingAndLists()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_two->engine, m_two->port, "B");
    QVERIFY(enterBoth(a, b));
    ask(*m_one, [&] { m_one->engine->typing(a.caller, "x", true); });
    QVERIFY(m_two->told("typing A"));
    ask(*m_two, [&] { b.enter("only-there"); });
    QVERIFY(m_two->told("entered only-there members=1 seq=0 events=0 announced"));
    ask(*m_two, [&] { m_two->engine->rooms(b.caller, {}, "", "", 10); });
    QVERIFY(m_two->told("rooms general only-there random support x"));
    ask(*m_one, [&] { m_one->engine->rooms(a.caller, {}, "", "", 10); });
    QVERIFY(m_one->told("rooms general only-there random support x"));
}

// ---- faults

void TestRedisServers::untoldMessagesAreRead()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_two->engine, m_two->port, "B");
    QVERIFY(enterBoth(a, b));
    m_two->forget();
    for (int i = 1; i <= 40; ++i) {
        ask(*m_one, [&] { a.publish("x", "hi"); });
        if (i % 10 == 5)
            redisCli({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"pubsub"_s});
        if (i % 10 == 0)
            QTest::qWait(30);
    }
    QVERIFY(m_one->told("published x 40"));
    QCOMPARE(m_two->upTo("published x 40"), published(1, 40));
}

void TestRedisServers::unknownScriptsAreLoadedInOrder()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    QVERIFY(m_one->told("entered x members=1 seq=0 events=0 announced"));
    m_one->forget();
    for (int i = 1; i <= 200; ++i) {
        ask(*m_one, [&] { a.publish("x", "hi", ("cid-" + std::to_string(i)).c_str()); });
        if (i % 50 == 20)
            redisCli({u"SCRIPT"_s, u"FLUSH"_s});
    }
    Lines expected;
    for (int i = 1; i <= 200; ++i) {
        expected.push_back("done " + std::to_string(i));
        expected.push_back("published x " + std::to_string(i));
    }
    QCOMPARE(m_one->upTo("published x 200"), expected);
    m_one->forget();
    ask(*m_one, [&] { a.publish("x", "hi", "cid-121"); });
    QVERIFY(m_one->told("done 121 duplicate"));
}

void TestRedisServers::awayAndBack()
{
    test::RedisProcess own({u"--appendonly"_s, u"yes"_s, u"--appendfsync"_s, u"always"_s});
    QVERIFY(own.start());
    auto there = config();
    there.connection.address = *redis::parseAddress(own.url().toStdString());
    Instance member(there);
    ProbeSession a(*member.engine, member.port, "A");
    ask(member, [&] { a.enter("x"); });
    ask(member, [&] { a.publish("x", "one", "cid-1"); });
    QVERIFY(member.told("published x 1"));
    member.forget();
    own.kill();
    QVERIFY(member.told("unreachable"));
    QVERIFY(member.warned("messages wait until it is back"));
    ask(member, [&] { a.publish("x", "two", "cid-2"); });
    QVERIFY(member.told("refused unavailable"));
    ProbeSession b(*member.engine, member.port, "B");
    ask(member, [&] { b.enter("x"); }); // the room is in memory
    QVERIFY(member.told("entered x members=2 seq=1 events=1 announced"));
    member.forget();
    ask(member, [&] { b.enter("first-use"); });
    QVERIFY(member.told("refused unavailable"));
    QVERIFY(own.start());
    QVERIFY(member.told("reachable"));
    ask(member, [&] { a.publish("x", "two", "cid-2"); });
    QVERIFY2(member.told("published x 2"), member.rest().c_str());
    ask(member, [&] { b.enter("first-use"); });
    QVERIFY(member.told("entered first-use members=1 seq=0 events=0 announced"));
}

void TestRedisServers::emptied()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_two->engine, m_two->port, "B");
    QVERIFY(enterBoth(a, b));
    for (int i = 0; i < 3; ++i)
        ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_two->told("published x 3"));
    m_one->forget();
    m_two->forget();
    const std::string chat = m_one->engine->chat();
    redisCli({u"FLUSHALL"_s});
    QVERIFY(m_one->told("diverged x to 0, 0 events"));
    QVERIFY(m_two->told("diverged x to 0, 0 events"));
    ask(*m_two, [&] { b.publish("x", "anew"); });
    QVERIFY(m_one->told("published x 1"));
    QVERIFY(m_two->told("published x 1"));
    // Both say again who is there.
    QTRY_COMPARE(m_redis->command({u"ZCARD"_s, u"p:{x}:p"_s}), u"2"_s);
    QTRY_COMPARE(m_redis->command({u"GET"_s, u"p:epoch"_s}).toStdString(), m_one->engine->chat());
    QCOMPARE(m_one->engine->chat(), chat);
}

void TestRedisServers::topLost()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 1"));
    redisCli({u"DEL"_s, u"p:{x}:t"_s});
    ask(*m_one, [&] { a.publish("x", "and more"); });
    QVERIFY(m_one->told("published x 2"));
    ProbeSession b(*m_two->engine, m_two->port, "B");
    ask(*m_two, [&] { b.enter("x"); });
    QVERIFY(m_two->told("entered x members=2 seq=2 events=2 announced"));
}

/// As after a failover to a replica that lacks the newest: the same numbers stand for other messages.
void TestRedisServers::numbersGivenAgain()
{
    auto trusting = config();
    trusting.proof = 1min; // the number itself must tell
    m_one = std::make_unique<Instance>(trusting);
    m_two = std::make_unique<Instance>(trusting);
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_two->engine, m_two->port, "B");
    QVERIFY(enterBoth(a, b));
    ask(*m_one, [&] { a.publish("x", "one"); });
    QVERIFY(m_two->told("published x 1"));
    redisCli({u"COPY"_s, u"p:{x}:t"_s, u"older-t"_s});
    redisCli({u"COPY"_s, u"p:{x}:s"_s, u"older-s"_s});
    ask(*m_one, [&] { a.publish("x", "two", "lost"); });
    QVERIFY(m_two->told("published x 2"));
    QVERIFY(m_one->told("published x 2"));
    m_one->forget();
    m_two->forget();
    redisCli({u"COPY"_s, u"older-t"_s, u"p:{x}:t"_s, u"REPLACE"_s});
    redisCli({u"COPY"_s, u"older-s"_s, u"p:{x}:s"_s, u"REPLACE"_s});
    ask(*m_two, [&] { b.publish("x", "another two"); });
    QVERIFY(m_one->told("diverged x to 2, 2 events"));
    QVERIFY(m_two->told("done 2"));
    ask(*m_one, [&] { a.publish("x", "three"); });
    QVERIFY(m_one->told("published x 3"));
    QVERIFY(m_two->told("published x 3"));
}

void TestRedisServers::wrongTypes()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    redisCli({u"SET"_s, u"p:{broken}:s"_s, u"not a stream"_s});
    ask(*m_one, [&] { a.enter("broken"); });
    QVERIFY(m_one->told("refused unavailable"));
    QVERIFY(m_one->warned("WRONGTYPE"));
    ask(*m_one, [&] { a.enter("x"); });
    ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 1"));
    m_one->forget();
    redisCli({u"SET"_s, u"p:{x}:t"_s, u"no hash"_s});
    ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("refused unavailable"));
    redisCli({u"DEL"_s, u"p:{x}:t"_s});
    ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 2"));
}

/// What others write into the stream, or say on the channel, is nobody's message.
void TestRedisServers::poison()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 1"));
    const QString id = u"01J9ZQ7M1N2P3Q4R5S6T7V8W9X"_s;
    redisCli({u"XADD"_s, u"p:{x}:s"_s, u"2-0"_s, u"i"_s, id, u"f"_s, u"{no json"_s});
    redisCli({u"XADD"_s, u"p:{x}:s"_s, u"3-0"_s, u"f"_s, u"{\"type\":\"message\"}"_s});
    const QString elsewhere = u"m%1 2 %1 1 0\n{\"type\":\"message\",\"room\":\"y\"}"_s.arg(id);
    for (const QString &said :
         {u"m"_s, u"m 9 x"_s, u"p"_s, u"n1 me"_s, u"y"_s, u"f"_s, u"nonsense"_s, elsewhere})
        redisCli({u"PUBLISH"_s, u"p:{x}:m"_s, said});
    QVERIFY(m_one->warned("somebody else publishes"));
    ProbeSession b(*m_two->engine, m_two->port, "B");
    ask(*m_two, [&] { b.enter("x"); });
    QVERIFY(m_two->told("entered x members=2 seq=1 events=1 announced"));
    QVERIFY(m_two->warned("are not Parlor's messages"));
    m_one->forget();
    ask(*m_one, [&] { a.publish("x", "here?"); });
    QVERIFY(m_one->told("refused unavailable"));
    QVERIFY(m_one->warned("docs/operating.md says how to remove that"));
    redisCli({u"EVAL"_s,
              u"local kept = redis.call('XRANGE', KEYS[1], '-', ARGV[1] .. '-0')\n"
              "redis.call('DEL', KEYS[1])\n"
              "for _, entry in ipairs(kept) do redis.call('XADD', KEYS[1], entry[1], unpack(entry[2])) end\n"
              "return #kept"_s,
              u"1"_s, u"p:{x}:s"_s, u"1"_s});
    ask(*m_one, [&] { a.publish("x", "here!"); });
    QVERIFY(m_one->told("published x 2"));
    QVERIFY(m_two->told("published x 2"));
}

void TestRedisServers::oldMessagesGo()
{
    auto few = config();
    few.historyMessages = 100;
    Instance member(few);
    ProbeSession a(*member.engine, member.port, "A");
    ask(member, [&] { a.enter("x"); });
    for (int i = 0; i < 192; ++i)
        ask(member, [&] { a.publish("x", "hi"); });
    QVERIFY(member.told("published x 192"));
    QTRY_COMPARE(m_redis->command({u"XLEN"_s, u"p:{x}:s"_s}), u"100"_s);
    const auto floor = m_redis->command({u"HGET"_s, u"p:{x}:t"_s, u"floor"_s});
    QVERIFY2(floor.startsWith(u"92 "), qPrintable(floor));
    ProbeSession b(*m_two->engine, m_two->port, "B");
    ask(*m_two, [&] {
        b.enter("x", EnterRequest::Since{m_two->engine->chat(), 50, "01J9ZQ7M1N2P3Q4R5S6T7V8W9X"});
    });
    QVERIFY(m_two->told("entered x members=2 seq=192 events=100 reason=too_old announced"));
}

/// A quiet room whose last message was dropped is not taken for one whose history went back.
void TestRedisServers::messagesThatAreTooOldAreNoFork()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    for (int i = 0; i < 3; ++i)
        ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 3"));
    const QString id = m_redis->command({u"HGET"_s, u"p:{x}:t"_s, u"id"_s});
    redisCli({u"HSET"_s, u"p:{x}:t"_s, u"floor"_s, u"3 "_s + id});
    redisCli({u"XTRIM"_s, u"p:{x}:s"_s, u"MAXLEN"_s, u"0"_s});
    redisCli({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"pubsub"_s});
    QTest::qWait(250); // some proofs
    m_one->forget();
    ask(*m_one, [&] { a.publish("x", "anew"); });
    QCOMPARE(m_one->upTo("published x 4"), Lines({"done 4", "published x 4"}));
    QCOMPARE(m_one->engine->storeFigures()->diverged, std::uint64_t(0));
}

/// Numbers begin anew, and there is no quiet moment in which a proof would show it.
void TestRedisServers::emptiedWhilePeopleTalk()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    for (int i = 0; i < 500; ++i)
        ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 500"));
    redisCli({u"FLUSHALL"_s});
    int said = 0;
    QVERIFY(QTest::qWaitFor([&] {
        ask(*m_one, [&] { a.publish("x", "anybody there?"); });
        QTest::qWait(10);
        return m_one->engine->storeFigures()->diverged != 0 || ++said > 400;
    }));
    QVERIFY2(said < 400, "the room went silent until the old number was reached");
    m_one->forget();
    const auto top = m_redis->command({u"HGET"_s, u"p:{x}:t"_s, u"seq"_s}).toULongLong();
    QVERIFY(top < 500);
    ask(*m_one, [&] { a.publish("x", "here"); });
    QVERIFY(m_one->told("published x " + std::to_string(top + 1)));
}

void TestRedisServers::goneWhileRedisWasAway()
{
    test::RedisProcess own({u"--appendonly"_s, u"yes"_s, u"--appendfsync"_s, u"always"_s});
    QVERIFY(own.start());
    auto there = config();
    there.connection.address = *redis::parseAddress(own.url().toStdString());
    there.presence.belief = 20s;
    Instance one(there);
    Instance two(there);
    ProbeSession a(*one.engine, one.port, "A");
    ProbeSession b(*one.engine, one.port, "B");
    ProbeSession c(*two.engine, two.port, "C");
    ask(one, [&] { a.enter("x"); });
    ask(one, [&] { b.enter("x"); });
    QVERIFY(one.told("entered x members=2 seq=0 events=0 announced"));
    ask(two, [&] { c.enter("x"); });
    QVERIFY(two.told("entered x members=3 seq=0 events=0 announced"));
    own.kill();
    QVERIFY(one.told("unreachable"));
    ask(one, [&] { a.leave("x"); });
    QVERIFY(own.start());
    QVERIFY(two.told("presence -A 2 lost"));
}

void TestRedisServers::channelsMayBeForbidden()
{
    redisCli({u"ACL"_s, u"SETUSER"_s, u"half"_s, u"on"_s, u">pw"_s, u"~*"_s, u"+@all"_s, u"resetchannels"_s});
    auto half = config();
    half.connection.address.user = "half";
    half.connection.address.password = "pw";
    const auto store = redis::Store::open(half, wallTime);
    QVERIFY(!store);
    QVERIFY2(QByteArray::fromStdString(store.error().text).contains("channels"), store.error().text.c_str());
}

/// Somebody says that there is a message far ahead: it is looked for once.
void TestRedisServers::aMessageThatFollowsNothing()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 1"));
    const QString id = u"01J9ZQ7M1N2P3Q4R5S6T7V8W9X"_s;
    const QString frame =
        uR"({"type":"message","room":"x","seq":1000000000,"id":"%1","sender":"A",)"
        uR"("user":"A","username":"A","content":"x","timestamp":"2026-03-01T12:00:00.000Z"})"_s;
    m_redis->command({u"CONFIG"_s, u"RESETSTAT"_s});
    redisCli({u"PUBLISH"_s, u"p:{x}:m"_s, u"m%1 1000000000 %1 1 0\n"_s.arg(id) + frame.arg(id)});
    QTest::qWait(300);
    const QString calls =
        m_redis->command({u"INFO"_s, u"commandstats"_s}).section(u"cmdstat_xrange:calls="_s, 1);
    QCOMPARE(calls.section(u',', 0, 0), u"1"_s);
    m_one->forget();
    ask(*m_one, [&] { a.publish("x", "and on"); });
    QCOMPARE(m_one->upTo("published x 2"), Lines({"done 2", "published x 2"}));
}

void TestRedisServers::presenceIsProvenWhilePeopleTalk()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ProbeSession b(*m_one->engine, m_one->port, "B");
    ProbeSession c(*m_two->engine, m_two->port, "C");
    ask(*m_one, [&] { a.enter("x"); });
    ask(*m_one, [&] { b.enter("x"); });
    QVERIFY(m_one->told("entered x members=2 seq=0 events=0 announced"));
    ask(*m_two, [&] { c.enter("x"); });
    QVERIFY(m_two->told("entered x members=3 seq=0 events=0 announced"));
    // What is told in between is not heard.
    redisCli({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"pubsub"_s});
    ask(*m_one, [&] { b.leave("x"); });
    bool isTold = false;
    for (int i = 0; i < 300 && !isTold; ++i) {
        ask(*m_one, [&] { a.publish("x", "on and on"); });
        QTest::qWait(10);
        isTold = m_two->has("presence -B 2 left") || m_two->has("presence -B 2 lost");
    }
    QVERIFY(isTold);
}

/// Whoever comes from a server that was told more is not told that this one has lost it.
void TestRedisServers::positionsThatOthersHaveTold()
{
    auto deaf = config();
    deaf.proof = 1min;
    deaf.connection.firstPause = 3s; // until its subscriber is back
    deaf.connection.longestPause = 3s;
    Instance behind(deaf);
    ProbeSession c(*behind.engine, behind.port, "C");
    ask(behind, [&] { c.enter("x"); });
    QVERIFY(behind.told("entered x members=1 seq=0 events=0 announced"));
    behind.forget();
    redisCli({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"pubsub"_s});
    QTest::qWait(100); // the others are back by then
    QTRY_VERIFY(m_one->engine->storeFigures()->isUp);
    ProbeSession a(*m_one->engine, m_one->port, "A");
    ask(*m_one, [&] { a.enter("x"); });
    for (int i = 0; i < 3; ++i)
        ask(*m_one, [&] { a.publish("x", "hi"); });
    QVERIFY(m_one->told("published x 3"));
    const std::string id = m_redis->command({u"HGET"_s, u"p:{x}:t"_s, u"id"_s}).toStdString();
    ProbeSession moved(*behind.engine, behind.port, "A");
    ask(behind, [&] { moved.enter("x", EnterRequest::Since{behind.engine->chat(), 3, id}); });
    QVERIFY2(behind.told("entered x members=2 seq=3 events=0 recovered announced"), behind.rest().c_str());
    for (const std::string &each : published(1, 3))
        QVERIFY(behind.told(each)); // C hears of them, too
}

/// Bytes that are no text would cut every client that gets them.
void TestRedisServers::textOfOthers()
{
    ProbeSession a(*m_one->engine, m_one->port, "A");
    redisCli(
        {u"EVAL"_s,
         u"redis.call('ZADD', 'p:rooms', 0, '\\255'); redis.call('HSET', 'p:{x}:t', 'epoch', 'E\\255');"
         "redis.call('ZADD', 'p:{x}:p', 9999999999, '01J9ZQ7M1N2P3Q4R5S6T7V8W9X');"
         "redis.call('HSET', 'p:{x}:p:01J9ZQ7M1N2P3Q4R5S6T7V8W9X', 'B', 'B\\31b\\255', '\\255', 'C\\31c');"
         "redis.call('SET', 'p:epoch', 'X\\255')"_s,
         u"0"_s});
    const std::string chat = m_one->engine->chat();
    ask(*m_one, [&] { a.enter("x"); });
    QVERIFY(m_one->told("entered x members=1 seq=0 events=0 announced"));
    ask(*m_one, [&] { m_one->engine->rooms(a.caller, {}, "", "", 10); });
    QVERIFY(m_one->told("rooms general random support x"));
    QVERIFY(m_one->warned("--redis-prefix"));
    QCOMPARE(m_one->engine->chat(), chat);
}

namespace {

/// What senders are told of durability.
struct ReceiptPort final : DeliveryPort
{
    void deliver(Delivery delivery) override
    {
        if (const auto *done = std::get_if<delivery::PublishDone>(&delivery))
            (done->receipt.durable ? durable : fleeting).fetch_add(1);
    }
    std::atomic<int> durable{0};
    std::atomic<int> fleeting{0};
};

} // namespace

void TestRedisServers::replicasAreWaitedFor()
{
    test::RedisProcess primary({u"--repl-diskless-sync-delay"_s, u"0"_s}, true);
    QVERIFY(primary.start());
    auto careful = config();
    careful.connection.address = *redis::parseAddress(primary.tcpUrl().toStdString());
    careful.wait = 1;
    Instance instance(careful);
    ProbeSession a(*instance.engine, instance.port, "A");
    ask(instance, [&] { a.enter("x"); });
    QVERIFY(instance.told("entered x members=1 seq=0 events=0 announced"));
    ReceiptPort receipts;
    a.caller.port = &receipts;
    ask(instance, [&] { a.publish("x", "alone"); });
    QTRY_COMPARE(receipts.fleeting.load(), 1); // nobody has it but the primary
    for (int i = 0; i < 20; ++i) {
        ask(instance, [&] { a.publish("x", "still alone"); });
        QTest::qWait(1);
    }
    QTRY_COMPARE(receipts.fleeting.load(), 21); // not a second each
    QVERIFY(instance.told("published x 21"));
    QVERIFY(instance.warned("--redis-wait"));

    test::RedisProcess replica({u"--replicaof"_s, u"127.0.0.1"_s, primary.tcpUrl().section(u':', -1)});
    QVERIFY(replica.start());
    QTRY_VERIFY(primary.command({u"INFO"_s, u"replication"_s}).contains(u"state=online"_s));
    // Where they were missing, they are waited for again only after some seconds.
    QVERIFY(QTest::qWaitFor(
        [&] {
            ask(instance, [&] { a.publish("x", "together"); });
            QTest::qWait(50);
            return receipts.durable.load() > 0;
        },
        20'000));
    instance.engine->stop();
}

PARLOR_TEST_WITHIN(QCoreApplication, TestRedisServers)
#include "tst_redisservers.moc"
