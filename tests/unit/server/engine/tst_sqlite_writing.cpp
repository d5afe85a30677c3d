// SPDX-License-Identifier: MIT
// Commits: nobody hears of a message before it is kept, and what cannot be kept is refused.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/sqlitecase.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <sqlite3.h>

using namespace parlor;
using Lines = std::vector<std::string>;

class TestSqliteWriting : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void nobodySeesWhatIsNotCommitted();
    void duplicateOfWhatIsUnderWay();
    void queueIsBounded();
    void logShrinksAgain();
    void noLogIsPossible();
    void fullDisk();
    void sessionThatWentWhileItWaited();
    void damagedWhileItRuns();
};

void TestSqliteWriting::nobodySeesWhatIsNotCommitted()
{
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    ProbeSession b(*engine, port, "B", 1);
    a.enter("x");
    engine->waitUntilIdle();
    (void)port.take();
    {
        const SlowDisk slow(m_config.path);
        a.publish("x", "hi");
        engine->flush();
        b.enter("x"); // joins, presence and history do not wait
        engine->history(b.caller, "x", {}, {});
        a.enter("y");
        Lines seen;
        const auto hasSeen = [&](std::size_t count) {
            std::ranges::move(port.take(), std::back_inserter(seen));
            return seen.size() >= count;
        };
        QTRY_VERIFY(hasSeen(3));
        QCOMPARE(seen, Lines({"entered x members=2 seq=0 events=0 announced", "history",
                              "entered y members=1 seq=0 events=0 announced"}));
    }
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"done 1", "published x 1"}));
}

void TestSqliteWriting::duplicateOfWhatIsUnderWay()
{
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    engine->waitUntilIdle();
    (void)port.take();
    {
        const SlowDisk slow(m_config.path);
        a.publish("x", "hi", "cid");
        engine->flush();
        a.publish("x", "hi", "cid");
        engine->flush();
        QCOMPARE(port.take(), Lines());
    }
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"done 1", "published x 1", "done 1 duplicate"}));
}

void TestSqliteWriting::queueIsBounded()
{
    m_config.writing.waiting = 3;
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    engine->waitUntilIdle();
    (void)port.take();
    {
        const SlowDisk slow(m_config.path);
        for (int i = 0; i < 5; ++i)
            a.publish("x", "hi");
        engine->flush();
        QCOMPARE(port.take(), Lines({"refused unavailable", "refused unavailable"}));
    }
    engine->waitUntilIdle();
    QCOMPARE(port.take(),
             Lines({"done 1", "published x 1", "done 2", "published x 2", "done 3", "published x 3"}));
    QCOMPARE(engine->storeFigures()->refused, std::uint64_t(2));
}

void TestSqliteWriting::logShrinksAgain()
{
    const auto opened = sqlite::StoreFile::open({.path = m_config.path, .drawEpoch = [] { return "e"; }});
    QVERIFY2(opened, opened ? "" : opened.error().text.c_str());
    sqlite::StoreFile *const file = opened->get();
    sqlite::Database &database = file->database();
    QVERIFY(!database.run("CREATE TABLE filler(x)"));
    {
        sqlite::Database backup; // reads one state for long
        QVERIFY(!backup.open(m_config.path, sqlite::OpenMode::Existing));
        QVERIFY(!backup.run("BEGIN; SELECT count(*) FROM filler"));
        for (int i = 0; i < 9; ++i)
            QVERIFY(!database.run("INSERT INTO filler VALUES(zeroblob(8 << 20))"));
        QVERIFY(file->logBytes() > 64U << 20);
    }
    QVERIFY(!database.run("PRAGMA wal_checkpoint(RESTART); INSERT INTO filler VALUES(1)"));
    QCOMPARE(file->logBytes(), std::uint64_t(64U << 20));
}

void TestSqliteWriting::noLogIsPossible()
{
    // One that shares no memory, as a file system of the network.
    sqlite3_vfs *const usual = sqlite3_vfs_find(nullptr);
    sqlite3_vfs_register(sqlite3_vfs_find("unix-none"), 1);
    const std::string why = whyNot();
    sqlite3_vfs_register(usual, 1);
    QVERIFY2(why.find("no write-ahead log") != std::string::npos, why.c_str());
}

void TestSqliteWriting::fullDisk()
{
    std::atomic<int> warnings = 0;
    m_config.log.warn = [&warnings](const std::string &) { ++warnings; };
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    ProbeSession b(*engine, port, "B", 1);
    a.enter("x");
    a.enter("new");
    a.publish("x", "before");
    engine->waitUntilIdle();
    (void)port.take();
    {
        const FullDisk full;
        a.publish("x", "lost", "cid");
        a.publish("new", "lost"); // its room is not in the store yet
        b.enter("x", {}, 50);
        engine->waitUntilIdle();
        QVERIFY(warnings > 0);
        Lines lines = port.take();
        std::ranges::sort(lines);
        QCOMPARE(lines, Lines({"entered x members=2 seq=1 events=1 announced", "refused unavailable",
                               "refused unavailable"}));
    }
    a.publish("x", "kept", "cid"); // nothing remembers the failed one
    a.publish("new", "kept");
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"done 2", "published x 2", "done 1", "published new 1"}));
    QVERIFY(engine->storeFigures()->failures >= 1);
}

/// v1: says something in a room that it is not in yet, and goes before that is committed. An engine does not
/// know of its going, since it is not attached; who hears that it has entered has it leave
/// (Chat::enteredTooLate).
void TestSqliteWriting::sessionThatWentWhileItWaited()
{
    ProbePort port;
    ProbePort gonePort;
    const auto engine = open();
    ProbeSession a(*engine, gonePort, "A");
    engine->detach(a.caller);
    a.caller.attachment = 0;
    ProbeSession b(*engine, port, "B", 1);
    b.enter("x");
    engine->waitUntilIdle();
    (void)port.take();
    {
        const SlowDisk slow(m_config.path);
        engine->publish(a.caller, {std::make_shared<const std::string>("x"),
                                   {},
                                   {},
                                   {},
                                   "\"hi\"",
                                   std::make_shared<const EnterRequest>(EnterRequest{"x"})});
        engine->flush();
        engine->detach(a.caller);
        engine->depart(a.caller, {}, Departure::Closed);
    }
    engine->waitUntilIdle();
    QCOMPARE(gonePort.take(),
             Lines({"done 1", "entered x members=2 seq=1 events=0 announced", "published x 1"}));
    engine->enteredTooLate(a.caller, a.rooms("x").front());
    QCOMPARE(port.take(), Lines({"presence +A 2", "published x 1", "presence -A 1 closed"}));
}

/// What is written into a damaged file need not be found again, even where SQLite writes it.
void TestSqliteWriting::damagedWhileItRuns()
{
    m_engineConfig.rooms.historyBytes = 6000;
    ProbePort port;
    auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (int i = 0; i < 400; ++i)
        a.publish("x", std::string(1000, 'x').c_str());
    engine->waitUntilIdle();
    sqlite::Database other;
    QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
    QVERIFY(!other.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    other.close();
    {
        QFile file(QString::fromStdString(m_config.path));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(20 * 4096LL)); // pages of messages
        QCOMPARE(file.write(QByteArray(30 * 4096, 'x')), 30 * 4096);
    }
    (void)port.take();
    for (std::uint64_t before = 350; before > 50; before -= 50) {
        engine->history(a.caller, "x", {}, {before, {}, 50});
        engine->waitUntilIdle();
    }
    QCOMPARE(std::ranges::count(port.take(), "refused unavailable") > 0, true);
    a.publish("x", "hi");
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"refused unavailable"}));
    engine.reset();
    const std::string why = whyNot();
    QVERIFY2(why.find("it is damaged") != std::string::npos, why.c_str());
}

PARLOR_TEST(TestSqliteWriting)
#include "tst_sqlite_writing.moc"
