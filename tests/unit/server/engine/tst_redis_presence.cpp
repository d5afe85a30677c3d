// SPDX-License-Identifier: MIT
// Which of two servers has a session, by the order in which both hear of it.
#include "server/engine/redis/keys.h"
#include "server/engine/redis/presence.h"
#include "tests/support/redisprocess.h"
#include "tests/support/testclass.h"

#include <QStandardPaths>
#include <QTest>

#include <memory>

using namespace parlor;
using Ids = std::vector<std::string>;

namespace {

/// Keeps whose session was taken over by another server. All sessions have a connection here.
class TakenOver final : public Cluster::Listener
{
public:
    void onAnnounced(const std::string &, HistoryRing::Entry) override {}
    void onDiverged(const std::string &, StoredRoom, frame::SyncReason) override {}
    void onRosterElsewhere(const std::string &, const std::vector<MemberElsewhere> &,
                           const std::vector<Ulid> *) override
    {
    }
    void onCameElsewhere(const std::string &, const MemberElsewhere &) override {}
    void onWentElsewhere(const std::string &, const Ulid &, const std::string &, Departure) override {}
    void onServerLost(const std::string &, const Ulid &) override {}
    void onTypingElsewhere(const std::string &, const IdentityPtr &, bool) override {}
    void onTakenOver(const std::string &clientId) override { ids.push_back(clientId); }
    bool isHere(const std::string &) const override { return true; }
    void onReachable(bool) override {}
    void onTurnOver() override {}

    Ids ids;
};

const Ulid kHere(1, 1);
const Ulid kThere(1, 2);

/// What all servers hear when one of them takes a session over.
std::string word(const Ulid &server, const std::string &clientId)
{
    return 't' + server.toString() + '\x1e' + clientId;
}

} // namespace

/// A Presence, and Redis only where it has to take what is said. No test waits between two calls.
class TestRedisPresence : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { make({}); }

    void sessionsElsewhereAreTold();
    void wordsBeforeTheTakeOverEndNothing();
    void eachTakeOverIsAnnounced();
    void lastWordHasTheSession();

private:
    void make(const redis::Connection::Options &options);

    redis::Keys m_keys{"p:"};
    redis::TroubleLog m_log{[](const std::string &) {}};
    std::unique_ptr<redis::Commands> m_commands; ///< of no Redis, unless a test opens them
    std::unique_ptr<redis::Presence> m_presence;
    TakenOver m_taken;
};

void TestRedisPresence::make(const redis::Connection::Options &options)
{
    m_presence.reset();
    m_commands = std::make_unique<redis::Commands>(options);
    m_presence =
        std::make_unique<redis::Presence>(*m_commands, m_keys, kHere, redis::Presence::Times{}, m_log);
    m_presence->start(m_taken);
    m_taken.ids.clear();
}

void TestRedisPresence::sessionsElsewhereAreTold()
{
    m_presence->onControl(word(kThere, "A"));
    m_presence->onControl(word(kHere, "B"));
    m_presence->onControl("?" + word(kThere, "C"));
    QCOMPARE(m_taken.ids, Ids{"A"});
}

/// The session's new connection attaches between the announcement and takeOver(), which another thread calls.
void TestRedisPresence::wordsBeforeTheTakeOverEndNothing()
{
    m_presence->announceTakeOver("A");
    m_presence->onControl(word(kThere, "A"));
    m_presence->onControl(word(kThere, "B"));
    m_presence->onControl(word(kThere, "A"));
    QCOMPARE(m_taken.ids, Ids{"B"});
}

/// Two connections resume one session, one after the other.
void TestRedisPresence::eachTakeOverIsAnnounced()
{
    m_presence->announceTakeOver("A");
    m_presence->announceTakeOver("A");
    m_presence->takeOver("A"); // Redis is not there: this server will not hear of itself
    m_presence->onControl(word(kThere, "A"));
    QCOMPARE(m_taken.ids, Ids());
    m_presence->takeOver("A");
    m_presence->onControl(word(kThere, "A"));
    QCOMPARE(m_taken.ids, Ids{"A"});
}

void TestRedisPresence::lastWordHasTheSession()
{
    if (QStandardPaths::findExecutable(QStringLiteral("redis-server")).isEmpty())
        QSKIP("redis-server is not installed");
    test::RedisProcess redis;
    QVERIFY(redis.start());
    const auto address = redis::parseAddress(redis.url().toStdString());
    QVERIFY(bool(address));
    make({.address = *address});
    m_commands->connection().open();
    QTRY_VERIFY(m_commands->isUp());

    m_presence->announceTakeOver("A");
    m_presence->onControl(word(kThere, "A"));
    m_presence->takeOver("A"); // Redis has it at the end of this turn
    m_presence->onControl(word(kThere, "A"));
    QCOMPARE(m_taken.ids, Ids());
    m_presence->onControl(word(kHere, "A"));
    QCOMPARE(m_taken.ids, Ids());
    m_presence->onControl(word(kThere, "A"));
    QCOMPARE(m_taken.ids, Ids{"A"});
}

PARLOR_TEST_WITHIN(QCoreApplication, TestRedisPresence)
#include "tst_redis_presence.moc"
