// SPDX-License-Identifier: MIT
// Sync, history and idempotency: never a silent hole, nothing twice.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include "shared/protocol/limits.h"

#include <QTest>

using namespace parlor;
using Lines = std::vector<std::string>;

class TestEngineHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sinceNothing();
    void aPageOfLongMessagesWithHardlyAnyMemory();
    void quietRoomResumes();
    void missedMessagesInPages();
    void whatCannotBeResumed();
    void theFloor();
    void aRoomThatGaveItsPlaceStartsAnew();
    void pagesThatFellOutOfTheRing();
    void pagesEndBetweenSnapshotAndLive();
    void joinBringsHistory();
    void historyPages();
    void resends();
    void memoryIsBounded();
};

namespace {

/// Keeps pages: what ProbePort's lines do not show.
struct PagePort final : DeliveryPort
{
    SyncPage last;
    Lines lines;
    void deliver(Delivery delivery) override
    {
        if (const auto *entered = std::get_if<delivery::Entered>(&delivery))
            last = entered->page;
        else if (const auto *page = std::get_if<delivery::CaughtUp>(&delivery))
            last = page->page;
        else if (std::holds_alternative<delivery::Published>(delivery))
            lines.push_back("published");
    }
};

struct Reader
{
    explicit Reader(Engine &engineUnderTest)
        : engine(engineUnderTest)
    {
        caller.port = &port;
        caller.identity = std::make_shared<const Identity>(Identity{"READER", "READER", "READER"});
        caller.attachment = engine.nextAttachment();
        engine.attach(caller);
    }
    void enter(std::optional<EnterRequest::Since> since, std::uint32_t history = 50)
    {
        EnterRequest request{"x"};
        request.since = std::move(since);
        request.history = history;
        engine.enter(caller, std::move(request));
    }
    void next() { engine.catchUp(caller, std::make_shared<const std::string>("x"), SyncPage(port.last)); }
    Engine &engine;
    PagePort port;
    Caller caller;
};

void say(ProbeSession &who, int times, const std::string &text = "x")
{
    for (int i = 0; i < times; ++i)
        who.publish("x", text.c_str());
}

} // namespace

void TestEngineHistory::sinceNothing()
{
    const auto engine = makeEngine();
    Reader reader(*engine);
    reader.enter({});
    QVERIFY(!reader.port.last.recovered);
    QVERIFY(!reader.port.last.reason);
    QCOMPARE(reader.port.last.top.seq, std::uint64_t(0));
    QVERIFY(!reader.port.last.epoch.empty());
}

void TestEngineHistory::aPageOfLongMessagesWithHardlyAnyMemory()
{
    const auto engine = makeEngine({.historyBytes = 5'000});
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    say(a, 30, std::string(10'000, 'x'));
    Reader reader(*engine);
    for (int i = 0; i < 2; ++i) {
        reader.enter({}, limits::kHistoryPage); // what is read for it does not stay
        QCOMPARE(reader.port.last.events.size(), std::size_t(keepsEverything() ? 12 : 0));
        QVERIFY(engine->historyBytes() <= 5'000);
    }
}

void TestEngineHistory::quietRoomResumes()
{
    const auto engine = makeEngine();
    Reader reader(*engine);
    reader.enter({});
    const std::string epoch = reader.port.last.epoch;
    engine->leave(reader.caller, "x", {}); // frees the room
    QCOMPARE(engine->roomCount(), std::uint64_t(3));
    reader.enter(position(*engine, epoch, 0));
    QVERIFY(reader.port.last.recovered);
    QVERIFY(reader.port.last.events.empty());
}

void TestEngineHistory::missedMessagesInPages()
{
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    Reader reader(*engine);
    reader.enter({});
    const std::string epoch = reader.port.last.epoch;
    engine->leave(reader.caller, "x", {});
    say(a, 450);
    reader.enter(position(*engine, epoch, 20));
    QVERIFY(reader.port.last.recovered);
    QCOMPARE(reader.port.last.events.size(), std::size_t(200));
    QVERIFY(reader.port.last.more);
    say(a, 1);
    QCOMPARE(reader.port.lines, Lines()); // not live yet
    reader.next();
    QCOMPARE(reader.port.last.events.size(), std::size_t(200));
    reader.next();
    QCOMPARE(reader.port.last.events.size(), std::size_t(31));
    QVERIFY(reader.port.last.recovered);
    QVERIFY(!reader.port.last.more);
    say(a, 1);
    QCOMPARE(reader.port.lines, Lines({"published"}));
}

void TestEngineHistory::whatCannotBeResumed()
{
    using enum frame::SyncReason;
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    Reader reader(*engine);
    reader.enter({});
    const std::string epoch = reader.port.last.epoch;
    const auto reasonOf = [&](const std::string &theEpoch, std::uint64_t seq) {
        reader.enter(position(*engine, theEpoch, seq));
        return reader.port.last.recovered ? std::nullopt : reader.port.last.reason;
    };
    say(a, 10);
    QCOMPARE(reasonOf("another", 3), std::optional(Epoch));
    QCOMPARE(reader.port.last.events.size(), std::size_t(10));
    QCOMPARE(reasonOf(epoch, 11), std::optional(Ahead));
    QCOMPARE(reasonOf(epoch, 10), std::nullopt);
    const auto reasonOfId = [&](std::uint64_t seq, const std::string &id) {
        reader.enter(EnterRequest::Since{epoch, seq, id});
        return reader.port.last.recovered ? std::nullopt : reader.port.last.reason;
    };
    const std::string nine = position(*engine, epoch, 9).id;
    const std::string ten = position(*engine, epoch, 10).id;
    QCOMPARE(reasonOfId(0, ""), std::nullopt);
    QCOMPARE(reasonOfId(9, nine), std::nullopt);
    QCOMPARE(reasonOfId(9, ""), std::optional(Epoch)); // it cannot be proven
    QCOMPARE(reasonOfId(9, ten), std::optional(Diverged));
    QCOMPARE(reader.port.last.events.size(), std::size_t(10));
    QCOMPARE(reasonOfId(10, nine), std::optional(Diverged));
    QCOMPARE(reasonOfId(10, "?"), std::optional(Diverged));
    QCOMPARE(reasonOfId(11, ten), std::optional(Ahead));
    say(a, 1000);
    QCOMPARE(reasonOf(epoch, 9), std::optional(keepsEverything() ? TooMany : TooOld));
    QCOMPARE(reader.port.last.events.size(), std::size_t(200));
    QCOMPARE(reasonOfId(10, ten), std::nullopt);
    say(a, 30, std::string(3900, 'y')); // large ones push small ones out of the ring
    say(a, 300, std::string(3900, 'y'));
    QCOMPARE(reasonOf(epoch, 900), keepsEverything() ? std::nullopt : std::optional(TooOld));
    QVERIFY(!reader.port.last.events.empty());
}

/// The newest message that a room has dropped is still a position.
void TestEngineHistory::theFloor()
{
    using enum frame::SyncReason;
    if (keepsEverything())
        QSKIP("this engine's floor is its store's: see tst_sqlite_positions");
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    Reader reader(*engine);
    reader.enter({});
    const std::string epoch = reader.port.last.epoch;
    say(a, 8);
    std::vector<EnterRequest::Since> at;
    for (std::uint64_t seq = 0; seq <= 8; ++seq)
        at.push_back(position(*engine, epoch, seq));
    say(a, 997); // 1005 messages, and the ring has 1000
    const auto reasonOf = [&](const EnterRequest::Since &since) {
        reader.enter(since);
        return reader.port.last.recovered ? std::nullopt : reader.port.last.reason;
    };
    QCOMPARE(reasonOf(at[0]), std::optional(TooOld));
    QCOMPARE(reasonOf(at[4]), std::optional(TooOld));
    QCOMPARE(reasonOf(at[5]), std::nullopt);
    QCOMPARE(reader.port.last.top,
             (MessagePlace{1005, Ulid::parse(position(*engine, epoch, 1005).id).value()}));
    QCOMPARE(reasonOf({epoch, 5, at[6].id}), std::optional(Diverged));
    QCOMPARE(reasonOf(at[6]), std::nullopt);
}

void TestEngineHistory::aRoomThatGaveItsPlaceStartsAnew()
{
    const auto engine = makeEngine({.maxRooms = 4});
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    Reader reader(*engine);
    reader.enter({});
    const std::string epoch = reader.port.last.epoch;
    a.enter("x");
    say(a, 3);
    const auto three = position(*engine, epoch, 3);
    a.leave("x");
    engine->leave(reader.caller, "x", {});
    a.enter("y"); // takes the place of x
    QCOMPARE(port.take().back(), std::string("entered y members=1 seq=0 events=0 announced"));
    a.leave("y");
    a.enter("x");
    say(a, 5);
    reader.enter(three);
    QCOMPARE(reader.port.last.recovered, keepsEverything());
    QCOMPARE(reader.port.last.reason,
             keepsEverything() ? std::nullopt : std::optional(frame::SyncReason::Epoch));
    QCOMPARE(reader.port.last.events.size(), std::size_t(5)); // said since then
}

void TestEngineHistory::pagesThatFellOutOfTheRing()
{
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    Reader reader(*engine);
    reader.enter({});
    const std::string epoch = reader.port.last.epoch;
    engine->leave(reader.caller, "x", {});
    say(a, 900);
    reader.enter(position(*engine, epoch, 0));
    QVERIFY(reader.port.last.more);
    say(a, 1000);
    reader.next();
    QCOMPARE(reader.port.last.recovered, keepsEverything());
    QCOMPARE(reader.port.last.reason,
             keepsEverything() ? std::nullopt : std::optional(frame::SyncReason::TooOld));
    QCOMPARE(reader.port.last.more, keepsEverything());
    for (std::size_t got = 400; reader.port.last.more; got += reader.port.last.events.size()) {
        reader.next();
        QVERIFY(got < 1900);
    }
    say(a, 1);
    QCOMPARE(reader.port.lines, Lines({"published"}));
}

void TestEngineHistory::pagesEndBetweenSnapshotAndLive()
{
    // Whatever is said between any two pages is in a later page or live, never both, never neither.
    for (int extra = 0; extra < 5; ++extra) {
        const auto engine = makeEngine();
        ProbePort port;
        ProbeSession a(*engine, port, "A");
        a.enter("x");
        Reader reader(*engine);
        reader.enter({});
        const std::string epoch = reader.port.last.epoch;
        engine->leave(reader.caller, "x", {});
        say(a, 398 + extra);
        reader.enter(position(*engine, epoch, 0));
        std::size_t got = reader.port.last.events.size();
        while (reader.port.last.more) {
            say(a, 1);
            reader.next();
            got += reader.port.last.events.size();
        }
        const std::uint64_t top = reader.port.last.top.seq;
        QCOMPARE(std::uint64_t(got), top);
        say(a, 3);
        QCOMPARE(reader.port.lines.size(), std::size_t(3));
    }
}

void TestEngineHistory::joinBringsHistory()
{
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    say(a, 300);
    Reader reader(*engine);
    for (const auto &[asked, got] :
         {std::pair(0u, 0u), std::pair(50u, 50u), std::pair(200u, 200u), std::pair(900u, 200u)}) {
        reader.enter({}, asked);
        QCOMPARE(reader.port.last.events.size(), std::size_t(got));
    }
    say(a, 100, std::string(3900, 'y'));
    reader.enter({}, 200);
    std::size_t bytes = 0;
    for (const SharedBytes &event : reader.port.last.events)
        bytes += event.size() + 1;
    QVERIFY(bytes <= limits::kHistoryPageBytes);
    QVERIFY(bytes > limits::kHistoryPageBytes - 5000);
}

void TestEngineHistory::historyPages()
{
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    a.enter("x");
    say(a, 10);
    (void)port.take();
    const auto ask = [&](Engine::HistoryRange range) {
        engine->history(a.caller, "x", {}, range);
        return port.take();
    };
    QCOMPARE(ask({{}, {}, 3}), Lines({"history 8 9 10 more"}));
    QCOMPARE(ask({8, {}, 3}), Lines({"history 5 6 7 more"}));
    QCOMPARE(ask({3, {}, 3}), Lines({"history 1 2"}));
    QCOMPARE(ask({1, {}, 3}), Lines({"history"}));
    QCOMPARE(ask({{}, 0, 3}), Lines({"history 1 2 3 more"}));
    QCOMPARE(ask({{}, 8, 3}), Lines({"history 9 10"}));
    QCOMPARE(ask({{}, 10, 3}), Lines({"history"}));
    QCOMPARE(ask({{}, 99, 3}), Lines({"history"}));
}

void TestEngineHistory::resends()
{
    const auto engine = makeEngine();
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    ProbeSession b(*engine, port, "B", 1);
    a.enter("x");
    b.enter("x");
    (void)port.take();
    a.publish("x", "hi", "cid");
    a.publish("x", "hi", "cid");
    b.publish("x", "hi", "cid"); // another user's is another message
    QCOMPARE(port.take(), Lines({"done 1", "published x 1", "done 1 duplicate", "done 2", "published x 2"}));
    say(a, 1000);
    (void)port.take();
    a.publish("x", "hi", "cid"); // out of the ring
    QCOMPARE(port.take(),
             keepsEverything() ? Lines({"done 1 duplicate"}) : Lines({"done 1003", "published x 1003"}));
}

void TestEngineHistory::memoryIsBounded()
{
    const auto engine = makeEngine({.historyBytes = 200'000});
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    for (int i = 0; i < 10; ++i) {
        const std::string room = "room" + std::to_string(i);
        a.enter(room.c_str());
        for (int k = 0; k < 50; ++k)
            a.publish(room.c_str(), std::string(1000, 'x').c_str());
        QVERIFY(engine->historyBytes() <= 200'000);
    }
    QVERIFY(engine->historyBytes() > 100'000);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestEngineHistory)
#include "tst_engine_history.moc"
