// SPDX-License-Identifier: MIT
// What only an engine with a database can do: survive, wait for the disk, refuse what it cannot keep.
#include "server/engine/sqliteengine.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <sys/resource.h>

using namespace parlor;
using Lines = std::vector<std::string>;
using Since = EnterRequest::Since;

namespace {

/// Keeps the files of this process from growing, as a full disk does.
class FullDisk
{
public:
    FullDisk()
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit none{0, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }
    FullDisk(const FullDisk &) = delete;
    FullDisk &operator=(const FullDisk &) = delete;

private:
    rlimit m_before{};
};

/// Another process' hold on the store: commits wait, as they do for a slow disk.
class SlowDisk
{
public:
    explicit SlowDisk(const std::string &path)
    {
        if (m_database.open(path, sqlite::OpenMode::Existing) || m_database.run("BEGIN IMMEDIATE"))
            qFatal("cannot hold %s", path.c_str());
    }

private:
    sqlite::Database m_database;
};

std::string epochOf(const std::string &path)
{
    sqlite::Database database;
    sqlite::Statement query;
    if (database.open(path, sqlite::OpenMode::Existing) ||
        query.prepare(database, "SELECT value FROM facts WHERE name = 'epoch'") || !query.step())
        qFatal("cannot read %s", path.c_str());
    return std::string(query.text(0));
}

} // namespace

class TestSqliteEngine : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void everythingSurvives();
    void resendsSurvive();
    void roomsAreListedFromTheStore();
    void manyEnterAndOneReadIsMade();
    void manyCatchUpFromOneRead();
    void aReadIsEnoughForAPage();
    void nobodySeesWhatIsNotCommitted();
    void nobodyReadsWhatIsNotDelivered();
    void duplicateOfWhatIsUnderWay();
    void queueIsBounded();
    void fullDisk();
    void retentionByCount();
    void retentionByAge();
    void epochsOfAnotherBoot_data();
    void epochsOfAnotherBoot();
    void epochsOfABackup();
    void sessionThatWentWhileItWaited();

private:
    [[nodiscard]] std::unique_ptr<SqliteEngine> open()
    {
        std::string why;
        auto engine = SqliteEngine::open(
            m_config, [this] { return m_now.load(); }, why);
        if (!engine)
            qFatal("%s", why.c_str());
        engine->waitUntilIdle();
        return engine;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    SqliteEngine::Config m_config;
    std::atomic<std::chrono::milliseconds> m_now{std::chrono::milliseconds(1'700'000'000'000)};
};

void TestSqliteEngine::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_config = {};
    m_config.path = m_folder->filePath(QStringLiteral("parlor.db")).toStdString();
    m_config.bootId = "this boot";
}

void TestSqliteEngine::everythingSurvives()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 10; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
        engine->stop();
    }
    (void)port.take();
    const std::string epoch = epochOf(m_config.path);
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 7});
    engine->waitUntilIdle();
    a.enter("y", Since{epoch, 0}); // nobody ever said anything there
    engine->waitUntilIdle();
    a.enter("x", Since{epoch, 11});
    engine->waitUntilIdle();
    a.publish("x", "hi");
    engine->waitUntilIdle();
    engine->history(a.caller, "x", {}, {4, {}, 2});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=10 events=3 recovered announced",
                                 "entered y members=1 seq=0 events=0 recovered announced",
                                 "entered x members=1 seq=10 events=10 reason=ahead", "done 11",
                                 "published x 11", "history 2 3 more"}));
}

void TestSqliteEngine::resendsSurvive()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "hi", "cid");
        engine->waitUntilIdle();
    }
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", {}, 0);
    a.enter("y", {}, 0);
    engine->waitUntilIdle(); // rooms come from the store in any order
    a.publish("x", "hi", "cid");
    a.publish("y", "hi", "cid"); // another room's is another message
    engine->waitUntilIdle();
    const Lines lines = port.take();
    QCOMPARE(Lines(lines.end() - 3, lines.end()), Lines({"done 1 duplicate", "done 1", "published y 1"}));
}

void TestSqliteEngine::roomsAreListedFromTheStore()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        for (const char *room : {"team-a", "team-c"}) {
            a.enter(room);
            a.publish(room, "hi");
        }
        engine->waitUntilIdle();
    }
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("team-b");
    engine->waitUntilIdle();
    (void)port.take();
    engine->rooms(a.caller, {}, "team-", "", 2);
    engine->rooms(a.caller, {}, "team-", "team-b", 2);
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"rooms team-a team-b more", "rooms team-c"}));
}

void TestSqliteEngine::manyEnterAndOneReadIsMade()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 300; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
    }
    const std::string epoch = epochOf(m_config.path);
    (void)port.take();
    const auto engine = open();
    const std::uint64_t before = engine->storeFigures()->reads;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        ProbeSession each(*engine, port, ("S" + std::to_string(i)).c_str(), i);
        each.enter("x", Since{epoch, 100 + i % 200});
    }
    engine->waitUntilIdle();
    QCOMPARE(engine->storeFigures()->reads - before, std::uint64_t(1));
    const Lines lines = port.take();
    QCOMPARE(std::ranges::count_if(
                 lines, [](const std::string &l) { return l.find(" recovered") != std::string::npos; }),
             1000);
}

void TestSqliteEngine::manyCatchUpFromOneRead()
{
    // Messages so large that the ring has not all that a resume may ask for.
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    const std::string text(4000, 'y');
    for (int i = 0; i < 300; ++i)
        a.publish("x", text.c_str());
    engine->waitUntilIdle();
    const std::string epoch = epochOf(m_config.path);
    (void)port.take();
    const std::uint64_t before = engine->storeFigures()->reads;
    for (std::uint32_t i = 0; i < 100; ++i) {
        ProbeSession each(*engine, port, ("S" + std::to_string(i)).c_str(), i);
        each.enter("x", Since{epoch, 5});
    }
    engine->waitUntilIdle();
    QCOMPARE(engine->storeFigures()->reads - before, std::uint64_t(1));
    const Lines lines = port.take();
    QCOMPARE(std::ranges::count_if(
                 lines, [](const std::string &l) { return l.find(" recovered more") != std::string::npos; }),
             100);
}

void TestSqliteEngine::aReadIsEnoughForAPage()
{
    // Three of them are less than a page's 128 KiB and four are more, and memory is so short that what was
    // read is gone when the next read begins.
    m_config.rooms.historyBytes = 16 * 1024;
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    const std::string text(43'000, 'y');
    for (int i = 0; i < 10; ++i)
        a.publish("x", text.c_str());
    engine->waitUntilIdle();
    (void)port.take();
    const std::uint64_t before = engine->storeFigures()->reads;
    ProbeSession b(*engine, port, "B");
    b.enter("x");
    bool answered = false;
    QTRY_VERIFY((answered = answered || !port.take().empty()));
    QCOMPARE(engine->storeFigures()->reads - before, std::uint64_t(1));
}

void TestSqliteEngine::nobodySeesWhatIsNotCommitted()
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

void TestSqliteEngine::nobodyReadsWhatIsNotDelivered()
{
    // A commit whose messages are still on their way to the room, and a read that finds them.
    const auto entry = [](std::uint64_t seq) {
        return HistoryRing::Entry{seq, {}, {}, {}, SharedBytes("{\"seq\":" + std::to_string(seq) + "}")};
    };
    Room room(std::make_shared<const std::string>("x"), "E", Room::Keeping::InStore);
    room.restore({"E", 2, 1, {}});
    room.complete({.after = 0}, {entry(1), entry(2), entry(3)});
    const auto missing = room.missingFor(EnterRequest{.room = "x", .since = Since{"E", 0}});
    QVERIFY(!missing);
    QVERIFY(room.missingFor(Engine::HistoryRange{.after = 2, .limit = 10}) == std::nullopt);
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    room.enter(a.caller, EnterRequest{.room = "x", .since = Since{"E", 0}});
    QCOMPARE(port.take(), Lines{"entered x members=1 seq=2 events=2 recovered announced"});
}

void TestSqliteEngine::duplicateOfWhatIsUnderWay()
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

void TestSqliteEngine::queueIsBounded()
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

void TestSqliteEngine::fullDisk()
{
    std::atomic<int> warnings = 0;
    m_config.warn = [&warnings](const std::string &) { ++warnings; };
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

void TestSqliteEngine::retentionByCount()
{
    m_config.retention.messages = 5;
    ProbePort port;
    std::string epoch;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 20; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
        QTRY_COMPARE(engine->storeFigures()->dropped, std::uint64_t(15));
        epoch = epochOf(m_config.path);
        (void)port.take();
        a.enter("x", Since{epoch, 14});
        a.enter("x", Since{epoch, 15});
        engine->history(a.caller, "x", {}, {17, {}, 200});
        engine->waitUntilIdle();
        QCOMPARE(port.take(), Lines({"entered x members=1 seq=20 events=5 reason=too_old",
                                     "entered x members=1 seq=20 events=5 recovered", "history 16"}));
    }
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 14});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=20 events=5 reason=too_old announced"}));
}

void TestSqliteEngine::retentionByAge()
{
    m_config.retention.age = std::chrono::hours(24);
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (int i = 0; i < 3; ++i)
        a.publish("x", "old");
    engine->waitUntilIdle();
    m_now = m_now.load() + std::chrono::hours(25);
    QTRY_COMPARE(engine->storeFigures()->dropped, std::uint64_t(3));
    const std::string epoch = epochOf(m_config.path);
    (void)port.take();
    a.enter("x", Since{epoch, 3}); // nothing missed
    a.enter("x", Since{epoch, 2});
    a.publish("x", "new"); // numbering goes on
    engine->waitUntilIdle();
    QCOMPARE(port.take(),
             Lines({"entered x members=1 seq=3 events=0 recovered",
                    "entered x members=1 seq=3 events=0 reason=too_old", "done 4", "published x 4"}));
}

void TestSqliteEngine::epochsOfAnotherBoot_data()
{
    QTest::addColumn<bool>("isPower");
    QTest::addColumn<QString>("unclosed"); // what the last run left
    QTest::addColumn<bool>("isNew");
    QTest::newRow("closed") << false << "" << false;
    QTest::newRow("killed, same boot") << false << "this boot" << false;
    QTest::newRow("killed, another boot") << false << "another" << true;
    QTest::newRow("power, closed") << true << "" << false;
}

void TestSqliteEngine::epochsOfAnotherBoot()
{
    QFETCH(bool, isPower);
    QFETCH(QString, unclosed);
    QFETCH(bool, isNew);
    if (isPower)
        m_config.durability = sqlite::Durability::Power;
    open().reset();
    const std::string epoch = epochOf(m_config.path);
    if (!unclosed.isEmpty()) {
        sqlite::Database database;
        QVERIFY(!database.open(m_config.path, sqlite::OpenMode::Existing));
        QVERIFY(!database.run(
            ("INSERT INTO facts VALUES('unclosed', '" + unclosed.toStdString() + "')").c_str()));
    }
    open().reset();
    QCOMPARE(epochOf(m_config.path) != epoch, isNew);
}

void TestSqliteEngine::epochsOfABackup()
{
    ProbePort port;
    const std::string copy = m_folder->filePath(QStringLiteral("copy.db")).toStdString();
    std::string epoch;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "kept");
        engine->waitUntilIdle();
        epoch = epochOf(m_config.path);
        QCOMPARE(sqlite::backUp(m_config.path, copy), std::nullopt);
        QVERIFY(sqlite::backUp(m_config.path, copy)); // never over a file
        a.publish("x", "after the backup");
        engine->waitUntilIdle();
    }
    // cat copy > parlor.db: the same file, with older contents
    QFile from(QString::fromStdString(copy));
    QFile to(QString::fromStdString(m_config.path));
    QVERIFY(from.open(QIODevice::ReadOnly) && to.open(QIODevice::WriteOnly | QIODevice::Truncate));
    to.write(from.readAll());
    to.close();
    (void)port.take();
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x", Since{epoch, 1});
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"entered x members=1 seq=1 events=1 reason=epoch announced"}));
}

void TestSqliteEngine::sessionThatWentWhileItWaited()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        a.publish("x", "hi");
        engine->waitUntilIdle();
    }
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    ProbeSession b(*engine, port, "B", 1);
    engine->waitUntilIdle();
    (void)port.take();
    {
        // v1: says something in a room that it is not in yet, and goes before that is committed.
        const SlowDisk slow(m_config.path);
        engine->publish(a.caller, {std::make_shared<const std::string>("x"),
                                   {},
                                   {},
                                   {},
                                   "\"hi\"",
                                   std::make_shared<const EnterRequest>(EnterRequest{"x"})});
        engine->flush();
        engine->detach(a.caller);
    }
    engine->waitUntilIdle();
    b.enter("x");
    engine->waitUntilIdle();
    const Lines lines = port.take();
    QCOMPARE(lines.back(), std::string("entered x members=1 seq=2 events=2 announced"));
}

QTEST_APPLESS_MAIN(TestSqliteEngine)
#include "tst_sqliteengine.moc"
