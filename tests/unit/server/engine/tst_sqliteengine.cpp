// SPDX-License-Identifier: MIT
// What only an engine with a database can do: survive, and read what it does not remember.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/sqlitecase.h"

#include <QTest>

#include <algorithm>
#include <semaphore>

using namespace parlor;
using Lines = std::vector<std::string>;
using Since = EnterRequest::Since;

class TestSqliteEngine : public SqliteCase
{
    Q_OBJECT
private Q_SLOTS:
    void everythingSurvives();
    void resendsSurvive();
    void roomsAreListedFromTheStore();
    void roomsThatNobodyMayEnterAreNotListed();
    void aFixedRoomThatCouldNotBeReadIsListedLater();
    void manyEnterAndOneReadIsMade();
    void manyCatchUpFromOneRead();
    void aReadIsEnoughForAPage();
    void nobodyReadsWhatIsNotDelivered();
    void aPageOfThePastIsWhole();
    void nobodyLeavesForARoomThatCannotBeRead();
    void aPageThatCannotBeReadComesLater();
    void unreadableIsSaidRarely();
    void nobodyReadsForThoseWhoWent_data();
    void nobodyReadsForThoseWhoWent();
};

namespace {

/// Keeps the reading thread from going on, in what it delivers.
class HoldingPort final : public DeliveryPort
{
public:
    void deliver(Delivery) override
    {
        m_isHeld.release();
        m_mayGoOn.acquire();
    }
    void waitUntilHeld() { m_isHeld.acquire(); }
    void release() { m_mayGoOn.release(); }

private:
    std::binary_semaphore m_isHeld{0};
    std::binary_semaphore m_mayGoOn{0};
};

} // namespace

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
    a.enter("x", position(*engine, epoch, 7));
    engine->waitUntilIdle();
    a.enter("y", position(*engine, epoch, 0, "y")); // nobody ever said anything there
    engine->waitUntilIdle();
    a.enter("x", position(*engine, epoch, 11));
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
        for (const char *room : {"alpha", "team-a", "team-c", "zeta"}) {
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
    engine->rooms(a.caller, {}, "team-", "alpha", 9);
    engine->rooms(a.caller, {}, "team-a", "team-a", 9);
    engine->rooms(a.caller, {}, "team-", "zeta", 9);
    engine->rooms(a.caller, {}, "", "team-b", 9);
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"rooms team-a team-b more", "rooms team-c", "rooms team-a team-b team-c",
                                 "rooms", "rooms", "rooms team-c zeta"}));
}

/// They were made before the rooms were fixed.
void TestSqliteEngine::roomsThatNobodyMayEnterAreNotListed()
{
    ProbePort port;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        for (const char *room : {"alpha", "general", "generals", "random", "rare", "zeta"}) {
            a.enter(room);
            a.publish(room, "hi");
        }
        engine->waitUntilIdle();
    }
    m_engineConfig.rooms.fixedRooms = true;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("zeta");
    engine->waitUntilIdle();
    QCOMPARE(port.take().back(), std::string("refused room_unknown"));
    engine->rooms(a.caller, {}, "", "", 200);
    engine->rooms(a.caller, {}, "", "", 1);
    engine->rooms(a.caller, {}, "", "general", 1);
    engine->rooms(a.caller, {}, "", "random", 1);
    engine->rooms(a.caller, {}, "", "support", 1);
    engine->rooms(a.caller, {}, "ra", "", 1);
    engine->rooms(a.caller, {}, "generals", "", 1);
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"rooms general random support", "rooms general more", "rooms random more",
                                 "rooms support", "rooms", "rooms random", "rooms"}));
}

void TestSqliteEngine::aFixedRoomThatCouldNotBeReadIsListedLater()
{
    open().reset();
    m_engineConfig.rooms.fixedRooms = true;
    const auto clock = [this] { return m_now.load(); };
    auto store = sqlite::Store::open(m_config, clock);
    QVERIFY(store);
    sqlite::Database other;
    QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
    QVERIFY(!other.run("ALTER TABLE rooms RENAME TO away"));
    StoredEngine engine(std::move(store).value(), m_engineConfig, clock);
    engine.waitUntilIdle();
    QCOMPARE(engine.roomCount(), std::uint64_t(0));
    ProbePort port;
    ProbeSession a(engine, port, "A");
    const auto list = [&] {
        engine.rooms(a.caller, {}, "", "", 200);
        engine.waitUntilIdle();
        return port.take();
    };
    QCOMPARE(list(), Lines{"refused unavailable"});
    QVERIFY(!other.run("ALTER TABLE away RENAME TO rooms"));
    QCOMPARE(list(), Lines{"rooms general random support"});
}

void TestSqliteEngine::manyEnterAndOneReadIsMade()
{
    ProbePort port;
    std::vector<Since> at;
    {
        const auto engine = open();
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        for (int i = 0; i < 300; ++i)
            a.publish("x", "hi");
        engine->waitUntilIdle();
        for (std::uint64_t i = 0; i < 200; ++i)
            at.push_back(position(*engine, epochOf(m_config.path), 100 + i));
    }
    (void)port.take();
    const auto engine = open();
    const std::uint64_t before = engine->storeFigures()->reads;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        ProbeSession each(*engine, port, ("S" + std::to_string(i)).c_str(), i);
        each.enter("x", at[i % 200]);
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
    const Since five = position(*engine, epoch, 5);
    const std::uint64_t before = engine->storeFigures()->reads;
    for (std::uint32_t i = 0; i < 100; ++i) {
        ProbeSession each(*engine, port, ("S" + std::to_string(i)).c_str(), i);
        each.enter("x", five);
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
    m_engineConfig.rooms.historyBytes = 16 * 1024;
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

void TestSqliteEngine::nobodyReadsWhatIsNotDelivered()
{
    // A commit whose messages are still on their way to the room, and a read that finds them.
    const auto entry = [](std::uint64_t seq) {
        return HistoryRing::Entry{seq, {}, {}, {}, SharedBytes("{\"seq\":" + std::to_string(seq) + "}")};
    };
    Room room(std::make_shared<const std::string>("x"), "E", History::Keeping::InStore);
    room.history().restore({{2, {}}});
    room.history().complete({.from = 1, .top = 2}, {{}, {1, 4, {entry(1), entry(2), entry(3)}}});
    const auto missing = room.history().missingFor(EnterRequest{.room = "x", .since = Since{"E", 0}});
    QVERIFY(!missing);
    QVERIFY(room.history().missingFor(Engine::HistoryRange{.after = 2, .limit = 10}) == std::nullopt);
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    room.enter(a.caller, EnterRequest{.room = "x", .since = Since{"E", 0}});
    QCOMPARE(port.take(), Lines{"entered x members=1 seq=2 events=2 recovered announced"});
}

void TestSqliteEngine::aPageOfThePastIsWhole()
{
    // Memory has the end of a page, and only the store its beginning.
    const auto entry = [](std::uint64_t seq) {
        return HistoryRing::Entry{seq, {}, {}, {}, SharedBytes("{\"seq\":" + std::to_string(seq) + "}")};
    };
    const auto isRead = [&entry](std::uint64_t oldest, const Engine::HistoryRange &range) {
        History history("E", History::Keeping::InStore);
        history.restore({{4, {}}, {{oldest - 1, {}}, {3, 5, {entry(3), entry(4)}}}});
        return history.missingFor(range).has_value();
    };
    QVERIFY(isRead(1, {.before = 4, .limit = 2}));
    QVERIFY(isRead(1, {.limit = 3}));
    QVERIFY(isRead(1, {.before = 3, .limit = 1}));
    QVERIFY(!isRead(1, {.before = 4, .limit = 1}));
    QVERIFY(!isRead(1, {.limit = 2}));
    QVERIFY(!isRead(3, {.limit = 200})); // there is nothing older
    QVERIFY(!isRead(1, {.before = 1, .limit = 10}));
}

void TestSqliteEngine::nobodyLeavesForARoomThatCannotBeRead()
{
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    engine->waitUntilIdle();
    (void)port.take();
    sqlite::Database other;
    QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
    QVERIFY(!other.run("ALTER TABLE rooms RENAME TO away"));
    EnterRequest change{"y"};
    change.leave = "x";
    engine->enter(a.caller, change);
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"refused unavailable"}));
    QVERIFY(!other.run("ALTER TABLE away RENAME TO rooms"));
    engine->enter(a.caller, change);
    engine->waitUntilIdle();
    QCOMPARE(port.take(), Lines({"left x", "entered y members=1 seq=0 events=0 announced"}));
}

/// Of a member that catches up: to say that its messages are no longer kept would be a lie.
void TestSqliteEngine::aPageThatCannotBeReadComesLater()
{
    constexpr std::uint64_t kMessages = 10;
    m_engineConfig.rooms.historyBytes = 1; // memory has none
    m_engineConfig.pageRetry = std::chrono::milliseconds(10);
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    for (std::uint64_t i = 0; i < kMessages; ++i)
        a.publish("x", ('"' + std::string(60'000, 'x') + '"').c_str());
    engine->waitUntilIdle();
    const std::string epoch = epochOf(m_config.path);
    ProbeSession b(*engine, port, "B");
    const auto hears = [&](const std::string &line) {
        return QTest::qWaitFor([&] {
            const Lines lines = port.take();
            return std::ranges::find(lines, line) != lines.end();
        });
    };
    b.enter("x", position(*engine, epoch, 0));
    QVERIFY(hears("entered x members=2 seq=10 events=2 recovered more announced"));
    sqlite::Database other;
    QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
    QVERIFY(!other.run("ALTER TABLE rooms RENAME TO away"));
    const auto next = [&](std::uint64_t seq) {
        SyncPage last{epoch, {kMessages, {}}, true, {}, {}, true, seq};
        engine->catchUp(b.caller, std::make_shared<const std::string>("x"), last);
    };
    std::uint64_t seq = 2;
    int delays = 0;
    const std::uint64_t readsBefore = engine->storeFigures()->reads;
    for (next(seq); engine->storeFigures()->reads < readsBefore + 4; QTest::qWait(1)) {
        for (const std::string &line : port.take()) {
            if (line == "page-delayed x") {
                ++delays;
                continue;
            }
            // a page that had been read
            QVERIFY2(line == "caught-up x seq=10 events=2 recovered more", line.c_str());
            next(seq += 2);
        }
    }
    QVERIFY(!other.run("ALTER TABLE away RENAME TO rooms"));
    for (bool more = true; more;) {
        for (const std::string &line : port.take()) {
            if (line == "page-delayed x") {
                ++delays;
                continue;
            }
            QVERIFY2(line.starts_with("caught-up x seq=10 events=2 recovered"), line.c_str());
            more = line.ends_with("more");
            if (more)
                next(seq += 2);
        }
        QTest::qWait(1);
    }
    QCOMPARE(seq, kMessages - 2);
    QVERIFY(delays >= 3); // each time it was said, so that other rooms do not wait
}

void TestSqliteEngine::unreadableIsSaidRarely()
{
    std::mutex mutex;
    Lines said;
    m_config.log.warn = [&](const std::string &text) {
        const std::lock_guard lock(mutex);
        said.push_back(text);
    };
    const auto take = [&] {
        const std::lock_guard lock(mutex);
        return std::exchange(said, {});
    };
    ProbePort port;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    sqlite::Database other;
    QVERIFY(!other.open(m_config.path, sqlite::OpenMode::Existing));
    int rooms = 0;
    const auto enterMany = [&](const char *change) {
        QVERIFY(!other.run(change));
        for (int i = 0; i < 20; ++i)
            a.enter(("y" + std::to_string(++rooms)).c_str());
        engine->waitUntilIdle();
    };
    const char *const kBreak = "ALTER TABLE rooms RENAME TO away";
    const char *const kMend = "ALTER TABLE away RENAME TO rooms";
    const std::string store = "the store " + m_config.path;
    const auto saysOnly = [&](const std::string &begin) { // how many reads a join takes is not told here
        const Lines lines = take();
        QCOMPARE(lines.size(), std::size_t(1));
        QVERIFY2(lines[0].starts_with(begin) && lines[0].ends_with(" reads failed since it was last said)"),
                 lines[0].c_str());
    };
    enterMany(kBreak);
    QCOMPARE(take(), Lines{store + " cannot be read: no such table: rooms"});
    enterMany(kMend);
    saysOnly(store + " can be read again (");
    enterMany(kBreak);
    enterMany(kMend);
    enterMany(kBreak);
    QCOMPARE(take(), Lines());
    m_now = m_now.load() + std::chrono::seconds(10);
    enterMany("");
    saysOnly(store + " cannot be read: no such table: rooms (");
    QVERIFY(!other.run(kMend));
}

void TestSqliteEngine::nobodyReadsForThoseWhoWent_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<int>("gone"); // of two who ask
    QTest::addColumn<int>("reads");
    QTest::newRow("a page of the past") << "history" << 2 << 0;
    QTest::newRow("a page of the past, one stays") << "history" << 1 << 1;
    QTest::newRow("a join") << "join" << 2 << 0;
    QTest::newRow("a join, one stays") << "join" << 1 << 1; // for both
    QTest::newRow("a list of rooms") << "rooms" << 2 << 0;
    QTest::newRow("a list of rooms, one stays") << "rooms" << 1 << 1;
}

void TestSqliteEngine::nobodyReadsForThoseWhoWent()
{
    QFETCH(QString, what);
    QFETCH(int, gone);
    QFETCH(int, reads);
    ProbePort port;
    HoldingPort holding;
    const auto engine = open();
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    const std::string text(4000, 'y');
    for (int i = 0; i < 300; ++i) // more than the ring has
        a.publish("x", text.c_str());
    engine->waitUntilIdle();
    const Since since = position(*engine, epochOf(m_config.path), 5);
    const ProbeSession b(*engine, port, "B", 1);
    const ProbeSession c(*engine, port, "C", 2);
    Caller holder = a.caller;
    holder.port = &holding;
    (void)port.take();
    engine->rooms(holder, {}, "", "", 9);
    holding.waitUntilHeld();
    const std::uint64_t before = engine->storeFigures()->reads;
    for (const ProbeSession *each : {&b, &c}) {
        if (what == QLatin1String("history"))
            engine->history(each->caller, "x", {}, {5, {}, 2});
        else if (what == QLatin1String("rooms"))
            engine->rooms(each->caller, {}, "", "", 9);
        else
            engine->enter(each->caller, EnterRequest{.room = "x", .since = since});
    }
    engine->detach(b.caller);
    if (gone == 2)
        engine->detach(c.caller);
    holding.release();
    engine->waitUntilIdle();
    QCOMPARE(engine->storeFigures()->reads - before, std::uint64_t(reads));
    const Lines lines = port.take();
    QCOMPARE(std::ranges::count_if(lines, [](const std::string &l) { return !l.starts_with("refused"); }),
             2 - gone);
    ProbeSession d(*engine, port, "D", 3); // nothing waits for ever for what was not read
    d.enter("x", since);
    engine->waitUntilIdle();
    QVERIFY(port.take().back().starts_with("entered x"));
}

PARLOR_TEST(TestSqliteEngine)
#include "tst_sqliteengine.moc"
