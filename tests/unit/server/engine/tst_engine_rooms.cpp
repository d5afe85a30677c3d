// SPDX-License-Identifier: MIT
// Coming, going, and who is told of it in what order. A is on one worker, B and C on another.
#include "tests/support/testclass.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QTest>

using namespace parlor;
using Lines = std::vector<std::string>;

namespace {

constexpr Engine::SteadyTime kGraceEnd{std::chrono::seconds(15)};

} // namespace

class TestEngineRooms : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void publisherAndOthersHearInOneOrder();
    void onlyWorkersWithMembersHear();
    void enteringAgainIsNoNews();
    void v1EntersBetweenEchoAndBroadcast();
    void switchingRooms();
    void fixedRooms();
    void refusedJoinAndItsLeaveAreBothAnswered();
    void roomLimit();
    void unusedRoomsAreFreed();
    void emptyRoomsMakePlace();
    void roomsWithMembersAreKept();
    void graceHoldsNoRoom();
    void graceKeepsThePlace();
    void graceThatEnds();
    void resumedElsewhereWithinTheGrace();
    void takenOver();
    void lateJoinOfAnOldConnectionTakesNoPlace();
    void renaming();
    void lists();
};

void TestEngineRooms::publisherAndOthersHearInOneOrder()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, two, "B");
    a.enter("general");
    QCOMPARE(one.take(), Lines({"entered general members=1 seq=0 events=0 announced"}));
    b.enter("general");
    QCOMPARE(two.take(), Lines({"entered general members=2 seq=0 events=0 announced"}));
    QCOMPARE(one.take(), Lines({"presence +B 2"}));
    a.publish("general", "hi");
    b.publish("general", "hello");
    QCOMPARE(one.take(), Lines({"done 1", "published general 1", "published general 2"}));
    QCOMPARE(two.take(), Lines({"published general 1", "done 2", "published general 2"}));
    b.leave("general");
    QCOMPARE(two.take(), Lines({"left general"}));
    QCOMPARE(one.take(), Lines({"presence -B 1 left"}));
    b.publish("general", "from outside");
    QCOMPARE(two.take(), Lines({"refused not_in_room"}));
    QCOMPARE(one.take(), Lines());
}

void TestEngineRooms::onlyWorkersWithMembersHear()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, two, "B");
    ProbeSession c(*engine, two, "C");
    a.enter("x");
    b.enter("x");
    c.enter("x");
    b.leave("x");
    (void)two.take();
    a.publish("x", "1");
    QCOMPARE(two.take(), Lines({"published x 1"})); // for C
    c.leave("x");
    (void)two.take();
    a.publish("x", "2");
    QCOMPARE(two.take(), Lines());
}

void TestEngineRooms::enteringAgainIsNoNews()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, two, "B");
    a.enter("x");
    b.enter("x");
    (void)one.take();
    (void)two.take();
    b.enter("x");
    QCOMPARE(two.take(), Lines({"entered x members=2 seq=0 events=0"}));
    QCOMPARE(one.take(), Lines());
    EnterRequest v1{"x"};
    v1.announceAgain = true;
    engine->enter(b.caller, v1);
    QCOMPARE(one.take(), Lines({"presence +B 2"}));
}

void TestEngineRooms::v1EntersBetweenEchoAndBroadcast()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    PublishRequest request{std::make_shared<const std::string>("general"),         {}, {}, {}, "\"hi\"",
                           std::make_unique<EnterRequest>(EnterRequest{"general"})};
    engine->publish(a.caller, std::move(request));
    QCOMPARE(one.take(),
             Lines({"done 1", "entered general members=1 seq=1 events=0 announced", "published general 1"}));
}

void TestEngineRooms::switchingRooms()
{
    const auto engine = makeEngine({.fixedRooms = true});
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, two, "B");
    a.enter("general");
    b.enter("general");
    (void)one.take();
    (void)two.take();
    EnterRequest toNowhere{"nowhere"};
    toNowhere.leave = "general";
    engine->enter(a.caller, toNowhere);
    QCOMPARE(one.take(), Lines({"refused room_unknown"})); // and it is where it was
    QCOMPARE(two.take(), Lines());
    EnterRequest toRandom{"random"};
    toRandom.leave = "general";
    engine->enter(a.caller, toRandom);
    QCOMPARE(one.take(), Lines({"left general", "entered random members=1 seq=0 events=0 announced"}));
    QCOMPARE(two.take(), Lines({"presence -A 1 left"}));
}

void TestEngineRooms::fixedRooms()
{
    const auto engine = makeEngine({.fixedRooms = true});
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    a.enter("new");
    QCOMPARE(one.take(), Lines({"refused room_unknown"}));
    QCOMPARE(engine->roomCount(), std::uint64_t(3));
}

void TestEngineRooms::refusedJoinAndItsLeaveAreBothAnswered()
{
    const auto engine = makeEngine({.fixedRooms = true});
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    a.enter("new");
    a.leave("new"); // sent before the refusal could arrive
    QCOMPARE(one.take(), Lines({"refused room_unknown", "left new"}));
}

void TestEngineRooms::roomLimit()
{
    const auto engine = makeEngine({.maxRooms = 4});
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    a.enter("fourth");
    a.enter("fifth");
    QCOMPARE(one.take(),
             Lines({"entered fourth members=1 seq=0 events=0 announced", "refused too_many_rooms"}));
    a.leave("fourth"); // unused: it makes room
    a.enter("fifth");
    QCOMPARE(one.take().back(), std::string("entered fifth members=1 seq=0 events=0 announced"));
}

void TestEngineRooms::unusedRoomsAreFreed()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    a.enter("quiet");
    a.enter("talked-in");
    a.publish("talked-in", "x");
    QCOMPARE(engine->roomCount(), std::uint64_t(5));
    a.leave("quiet");
    a.leave("talked-in");
    QCOMPARE(engine->roomCount(), std::uint64_t(keepsDesertedRooms() ? 4 : 3));
}

void TestEngineRooms::emptyRoomsMakePlace()
{
    if (!keepsDesertedRooms())
        QSKIP("this engine has no room in memory that everybody has left");
    const auto engine = makeEngine({.maxRooms = 5});
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    for (const char *room : {"first", "second"}) {
        a.enter(room);
        a.publish(room, "x");
        a.leave(room);
    }
    a.enter("first"); // a look into it makes "second" the one untouched for longest
    a.leave("first");
    const std::uint64_t bytes = engine->historyBytes();
    (void)port.take();
    a.enter("third");
    QCOMPARE(port.take(), Lines({"entered third members=1 seq=0 events=0 announced"}));
    QCOMPARE(engine->roomCount(), std::uint64_t(5));
    QCOMPARE(engine->historyBytes(), bytes / 2); // its messages went with it, from memory
    a.enter("first");
    QCOMPARE(port.take(), Lines({"entered first members=1 seq=1 events=1 announced"}));
    // "third" is in use, as "first" is: now there is no place
    a.enter("second");
    QCOMPARE(port.take(), Lines({"refused too_many_rooms"}));
}

void TestEngineRooms::roomsWithMembersAreKept()
{
    const auto engine = makeEngine({.maxRooms = 4});
    ProbePort port;
    ProbeSession a(*engine, port, "A");
    ProbeSession b(*engine, port, "B", 1);
    for (int i = 0; i < 3; ++i) { // left empty, and entered again
        a.enter("x");
        a.publish("x", "hi");
        a.leave("x");
    }
    b.enter("x");
    (void)port.take();
    a.enter("y");
    QCOMPARE(port.take(), Lines({"refused too_many_rooms"}));
    b.leave("x");
    a.enter("y");
    QCOMPARE(port.take(), Lines({"left x", "entered y members=1 seq=0 events=0 announced"}));
}

void TestEngineRooms::graceHoldsNoRoom()
{
    const auto engine = makeEngine({.maxRooms = 5});
    ProbePort port;
    ProbeSession gone(*engine, port, "A");
    ProbeSession alsoThere(*engine, port, "B", 1);
    ProbeSession next(*engine, port, "C", 2);
    gone.enter("held");
    gone.enter("shared");
    alsoThere.enter("shared");
    engine->suspend(gone.caller, gone.rooms("held"), kGraceEnd);
    engine->suspend(gone.caller, gone.rooms("shared"), kGraceEnd + std::chrono::hours(1));
    (void)port.take();
    next.enter("new"); // in the place of "held"
    QCOMPARE(port.take(), Lines({"entered new members=1 seq=0 events=0 announced"}));
    next.enter("newer"); // somebody is connected to each of the others
    QCOMPARE(port.take(), Lines({"refused too_many_rooms"}));
    engine->tick(kGraceEnd);
    QCOMPARE(port.take(), Lines()); // nobody was there to be told
    next.leave("new");
    (void)port.take();
    gone.enter("held");
    QCOMPARE(port.take(), Lines({"entered held members=1 seq=0 events=0 announced"}));
    // One that came back, and is freed at the end of its grace, leaves nothing behind.
    engine->suspend(gone.caller, gone.rooms("held"), kGraceEnd);
    engine->tick(kGraceEnd);
    QCOMPARE(engine->roomCount(), std::uint64_t(4));
    next.enter("new");
    next.enter("newer");
    QCOMPARE(port.take(),
             Lines({"entered new members=1 seq=0 events=0 announced", "refused too_many_rooms"}));
}

void TestEngineRooms::graceKeepsThePlace()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, two, "B");
    a.enter("x");
    b.enter("x");
    (void)one.take();
    engine->detach(b.caller);
    engine->suspend(b.caller, b.rooms("x"), kGraceEnd);
    (void)two.take();
    a.publish("x", "1");
    QCOMPARE(two.take(), Lines());                            // nobody listens there
    QCOMPARE(one.take(), Lines({"done 1", "published x 1"})); // and nobody was told that B left
}

void TestEngineRooms::graceThatEnds()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, two, "B");
    a.enter("x");
    b.enter("x");
    (void)one.take();
    engine->suspend(b.caller, b.rooms("x"), kGraceEnd);
    engine->tick(kGraceEnd);
    QCOMPARE(one.take(), Lines({"presence -B 1 lost"}));
    engine->tick(kGraceEnd);
    QCOMPARE(one.take(), Lines());
}

void TestEngineRooms::resumedElsewhereWithinTheGrace()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession a(*engine, one, "A");
    ProbeSession old(*engine, two, "B", 1);
    a.enter("x");
    old.enter("x");
    old.enter("y");
    (void)one.take();
    engine->detach(old.caller);
    engine->suspend(old.caller, old.rooms("x"), kGraceEnd);
    engine->suspend(old.caller, old.rooms("y"), kGraceEnd);
    ProbeSession resumed(*engine, one, "B", 2);
    resumed.enter("x");
    QCOMPARE(one.take(), Lines({"entered x members=2 seq=0 events=0"}));
    engine->tick(kGraceEnd - std::chrono::nanoseconds(1));
    QCOMPARE(one.take(), Lines());
    engine->tick(kGraceEnd); // the old connection's grace ends
    QCOMPARE(one.take(), Lines());
    a.enter("y");
    QCOMPARE(one.take(),
             Lines({"entered y members=1 seq=0 events=0 announced"})); // where it did not come back, it left
}

void TestEngineRooms::takenOver()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession old(*engine, one, "A", 7);
    old.enter("x");
    (void)one.take();
    ProbeSession newer(*engine, two, "A", 8);
    QCOMPARE(one.take(), Lines({"replaced 7"}));
    newer.enter("x");
    engine->detach(old.caller); // late: it must not take the newer one with it
    engine->suspend(old.caller, old.rooms("x"), kGraceEnd);
    newer.publish("x", "still here");
    QCOMPARE(two.take(), Lines({"entered x members=1 seq=0 events=0", "done 1", "published x 1"}));
    const ProbeSession newest(*engine, one, "A", 9);
    QCOMPARE(two.take(), Lines({"replaced 8"}));
}

void TestEngineRooms::lateJoinOfAnOldConnectionTakesNoPlace()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbePort two;
    ProbeSession old(*engine, one, "A", 7);
    ProbeSession newer(*engine, two, "A", 8);
    newer.enter("x");
    old.enter("x"); // read from its socket after the session had moved
    QCOMPARE(one.take(), Lines({"replaced 7", "refused unavailable"}));
    newer.publish("x", "still here");
    QCOMPARE(two.take(), Lines({"entered x members=1 seq=0 events=0 announced", "done 1", "published x 1"}));
}

void TestEngineRooms::renaming()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    a.enter("x");
    (void)one.take();
    a.caller.identity = std::make_shared<const Identity>(Identity{"A", "A", "Ann"});
    engine->rename(a.caller, a.rooms("x"));
    QCOMPARE(one.take(), Lines({"renamed Ann"}));
}

void TestEngineRooms::lists()
{
    const auto engine = makeEngine();
    ProbePort one;
    ProbeSession a(*engine, one, "A");
    ProbeSession b(*engine, one, "B", 1);
    ProbeSession c(*engine, one, "C", 2);
    for (ProbeSession *each : {&a, &b, &c})
        each->enter("team-red");
    a.enter("team-blue");
    (void)one.take();
    engine->members(a.caller, "team-red", {}, "", 2);
    engine->members(a.caller, "team-red", {}, "B", 2);
    QCOMPARE(one.take(), Lines({"members A B truncated", "members C"}));
    engine->rooms(a.caller, {}, "", "", 3);
    engine->rooms(a.caller, {}, "", "support", 3);
    engine->rooms(a.caller, {}, "team-", "", 1);
    engine->rooms(a.caller, {}, "team-", "team-blue", 1);
    QCOMPARE(one.take(), Lines({"rooms general random support more", "rooms team-blue team-red",
                                "rooms team-blue more", "rooms team-red"}));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestEngineRooms)
#include "tst_engine_rooms.moc"
