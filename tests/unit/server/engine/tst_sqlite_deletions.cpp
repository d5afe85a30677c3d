// SPDX-License-Identifier: MIT
// Messages that somebody deleted from the database, with a program of SQLite's.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/sqlitecase.h"

#include <QTest>

using namespace parlor;
using Lines = std::vector<std::string>;
using Since = EnterRequest::Since;

class TestSqliteDeletions : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void whileNoServerRan_data();
    void whileNoServerRan();
    void whileItRuns();
    void thenRetention();
    void aWholeRoom();

private:
    void remove(const char *which, const char *table = "messages");
};

void TestSqliteDeletions::remove(const char *which, const char *table)
{
    sqlite::Database other;
    QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
    QVERIFY(!other.run((std::string("DELETE FROM ") + table + " WHERE " + which).c_str()));
}

void TestSqliteDeletions::whileNoServerRan_data()
{
    QTest::addColumn<QString>("which");
    QTest::addColumn<QString>("entered");
    QTest::addColumn<QString>("history"); // before 7, three of them
    QTest::addColumn<QString>("resumed"); // from 5, once there is another one
    QTest::newRow("one") << "seq = 4"
                         << "seq=8 events=7"
                         << "history 3 5 6 more"
                         << "seq=9 events=4 recovered";
    QTest::newRow("the oldest") << "seq < 4"
                                << "seq=8 events=5"
                                << "history 4 5 6"
                                << "seq=9 events=4 recovered";
    QTest::newRow("the newest") << "seq > 6"
                                << "seq=8 events=6"
                                << "history 4 5 6 more"
                                << "seq=9 events=2 recovered";
    QTest::newRow("most") << "seq BETWEEN 2 AND 7"
                          << "seq=8 events=2"
                          << "history 1"
                          << "seq=9 events=3 reason=diverged"; // 5 is not there
    QTest::newRow("the oldest and the newest") << "seq <> 5"
                                               << "seq=8 events=1"
                                               << "history 5"
                                               << "seq=9 events=1 recovered";
    QTest::newRow("all") << "1"
                         << "seq=8 events=0"
                         << "history"
                         << "seq=9 events=1 reason=diverged";
}

void TestSqliteDeletions::whileNoServerRan()
{
    QFETCH(QString, which);
    QFETCH(QString, entered);
    QFETCH(QString, history);
    QFETCH(QString, resumed);
    ProbePort port;
    Since five;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 8; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
        five = position(*engine, epochOf(m_config.path), 5);
    }
    (void)port.take();
    remove(which.toUtf8().constData());
    const auto engine = open();
    const auto idle = [&engine] { engine->waitUntilIdle(); };
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    idle();
    engine->history(a.caller, "x", {}, {7, {}, 3});
    idle();
    a.publish("x", "hi"); // a number is never used twice
    idle();
    a.enter("x", five);
    idle();
    QCOMPARE(port.take(),
             Lines({"entered x members=1 " + entered.toStdString() + " announced", history.toStdString(),
                    "done 9", "published x 9", "entered x members=1 " + resumed.toStdString()}));
}

/// Below what memory has of the room.
void TestSqliteDeletions::whileItRuns()
{
    m_engineConfig.rooms.historyBytes = 6000;
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (int i = 0; i < 100; ++i) {
        a.publish("x", "hi");
        engine->waitUntilIdle();
    }
    (void)port.take();
    remove("seq BETWEEN 60 AND 99");
    a.enter("x", {}, 60);
    engine->waitUntilIdle();
    const Lines newest = port.take();
    a.enter("x", position(*engine, epochOf(m_config.path), 40));
    engine->waitUntilIdle();
    engine->history(a.caller, "x", {}, {{}, 50, 200});
    engine->waitUntilIdle();
    const Lines lines = port.take();
    QCOMPARE(newest.size(), std::size_t(1));
    QVERIFY2(newest.front().starts_with("entered x members=1 seq=100 events="), newest.front().c_str());
    QCOMPARE(lines.size(), std::size_t(2));
    QVERIFY2(lines.front().ends_with("recovered"), lines.front().c_str());
    QVERIFY2(lines.back().starts_with("history 51 52 53 54 55 56 57 58 59 "), lines.back().c_str());
}

/// The number of a newest message that somebody deleted stays used.
void TestSqliteDeletions::thenRetention()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 6; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
    }
    remove("seq = 6");
    m_config.retention.messages = 2;
    {
        const auto engine = open();
        QTRY_COMPARE(engine->storeFigures()->dropped, std::uint64_t(3));
    }
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    engine->waitUntilIdle();
    a.publish("x", "hi");
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=6 events=2 announced", "done 7", "published x 7"}));
}

/// The next new room gets its row's number in the database, and nothing else of it.
void TestSqliteDeletions::aWholeRoom()
{
    ProbePort port;
    Since last;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (const char *cid : {"1", "2", "3"})
            a.publish("x", "hi", cid);
        engine->waitUntilIdle();
        last = position(*engine, epochOf(m_config.path), 3);
    }
    (void)port.take();
    remove("name = 'x'", "rooms");
    const auto engine = open();
    const auto idle = [&engine] { engine->waitUntilIdle(); };
    ProbeSession a(*engine, port, "A");
    a.enter("new");
    idle();
    a.publish("new", "hi", "1");
    idle();
    a.enter("x", last);
    idle();
    a.publish("x", "hi", "1");
    idle();
    QCOMPARE(port.take(),
             Lines({"entered new members=1 seq=0 events=0 announced", "done 1", "published new 1",
                    "entered x members=1 seq=0 events=0 reason=ahead announced", "done 1", "published x 1"}));
}

PARLOR_TEST(TestSqliteDeletions)
#include "tst_sqlite_deletions.moc"
