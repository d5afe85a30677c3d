// SPDX-License-Identifier: MIT
// Who owes what: both kinds of membership, with no socket.
#include "client-cli/load/accounting/markedmembership.h"
#include "client-cli/load/accounting/numberedmembership.h"
#include "client-cli/load/accounting/receivewindow.h"
#include "client-cli/load/wire/dialect.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <initializer_list>
#include <memory>
#include <random>
#include <set>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using State = MarkedContent::State;

namespace {

constexpr std::uint16_t kRoom = 4;

Delivery delivery(std::uint64_t index, std::uint64_t seq = 0, State state = State::Intact)
{
    return {{state, {.room = kRoom, .index = static_cast<std::uint32_t>(index)}}, seq};
}

/// A room with a ledger and one receiver's counts.
struct Room
{
    RoomLedger ledger{kRoom};
    DeliveryCounts counts;

    std::uint64_t say(std::uint32_t sender = 0, Offset at = 0s) { return ledger.send(sender, at); }
    /// Sent and acknowledged.
    std::uint64_t publish(std::uint64_t seq = 0, std::uint32_t sender = 0)
    {
        const std::uint64_t index = say(sender);
        ledger.publish(index, seq, ledger.epochs());
        return index;
    }
};

/// Two users in one room, where each hears what it is given.
template <typename Member>
struct Pair : Room
{
    Pair(Standing first, Standing second)
    {
        a = join(0, "ws1", first);
        b = join(1, "ws2", second);
    }
    std::unique_ptr<Member> join(std::uint32_t user, std::string_view server, Standing standing)
    {
        std::unique_ptr<Member> member;
        if constexpr (std::is_same_v<Member, MarkedMembership>)
            member = std::make_unique<Member>(ledger, counts, 0s);
        else
            member = std::make_unique<Member>(ledger, counts);
        member->confirm(standing);
        member->attend(user, server);
        return member;
    }
    /// `speaker` says something, hears it itself, and the others too.
    std::uint64_t say(Member &speaker, std::uint64_t seq, std::initializer_list<Member *> others = {})
    {
        const std::uint64_t index = ledger.send(speaker.member(), 0s, speaker.member());
        ledger.publish(index, seq, speaker.epoch());
        static_cast<void>(speaker.received(delivery(index, seq)));
        for (Member *each : others)
            static_cast<void>(each->received(delivery(index, seq)));
        return index;
    }
    void leave(Member &member)
    {
        member.stop();
        static_cast<void>(member.isSettled());
        member.finish(Ending::Left);
    }

    std::unique_ptr<Member> a;
    std::unique_ptr<Member> b;
};

struct MarkedRoom : Room
{
    MarkedMembership member{ledger, counts, 0s};
};

struct NumberedRoom : Room
{
    explicit NumberedRoom(std::uint64_t top = 0) { member.confirm({"epoch", top}); }
    NumberedMembership member{ledger, counts};
};

} // namespace

class TestLoadAccounting : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void window();

    void markedInOrder();
    void markedLostAndDoubledDoNotCancel();
    void markedOrderIsEachSenders();
    void markedAroundTheJoin();
    void markedAroundTheLeave();
    void markedRefusedIsNotOwed();
    void markedRefusedMustNotCome();
    void markedUnknownMayCome();
    void markedUnansweredIsLost();
    void markedCut();
    void markedStrangers();

    void numberedInOrder();
    void numberedLostAndDoubledDoNotCancel();
    void numberedOrder();
    void numberedTailIsOwed();
    void numberedOthersAreOwed();
    void numberedTwiceUnderTwoNumbers();
    void numberedBeforeTheJoin();
    void numberedAbsurdNumber();
    void absurdlyManyEpochs();
    void numberedCorruptIsNotLost();
    void numberedWaitsForAnswers();
    void numberedCut();
    void numberingBeginsAnew();
    void aHistoryThatWentBack();
    void aHistoryThatIsGone();
    void aSyncSaysWhatThereIs();

    void epochsAtOnce();
    void epochsAtOnceInSilence();
    void epochsOneAfterTheOther();
    void oneEpochOfTwoStores();
    void elsewhereIsForgottenAndCounted();
    void markedUsersWhoDoNotHearEachOther();
    void usersWhoHearEachOtherThroughOthers();
    void damagedIsNoSplit_data();
    void damagedIsNoSplit();
    void splitThatHealsAndComesBack();
    void oneUserAtATime();

    void refusedIsNotOutstanding();
    void ledgerForgetsWhatNobodyWaitsFor();
    void lateDeliveryIsRemembered();
};

void TestLoadAccounting::window()
{
    // Against a plain set, with numbers that come in any order and more than once.
    std::mt19937 random(3);
    ReceiveWindow window(100);
    std::set<std::uint64_t> come;
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t number = window.base() + random() % 300;
        QCOMPARE(window.mark(number), come.insert(number).second);
        std::uint64_t base = 100;
        if (i % 500 == 0) {
            while (come.contains(base))
                ++base;
            QCOMPARE(window.base(), base);
            QCOMPARE(window.top(), *come.rbegin() + 1);
            QCOMPARE(window.missingBefore(window.top()), *come.rbegin() + 1 - 100 - come.size());
            QCOMPARE(window.missingBefore(window.top() + 7), *come.rbegin() + 8 - 100 - come.size());
            for (std::uint64_t end = base, missing = 0; end < window.top(); ++end) {
                QCOMPARE(window.missingBefore(end), missing);
                missing += come.contains(end) ? 0 : 1;
            }
        }
    }
    QVERIFY(window.base() > 1000); // words were dropped
    QVERIFY(!window.mark(100));
    window.skipBase();
    QCOMPARE(ReceiveWindow(5).top(), 5U);
}

// ---- v1: only the markers tell

void TestLoadAccounting::markedInOrder()
{
    MarkedRoom room;
    room.member.confirm({});
    for (std::uint32_t sender = 0; sender < 3; ++sender) {
        for (int i = 0; i < 100; ++i)
            QCOMPARE(room.member.received(delivery(room.publish(0, sender))), Receipt::First);
    }
    room.member.stop();
    QVERIFY(room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 300}));
}

void TestLoadAccounting::markedLostAndDoubledDoNotCancel()
{
    Room room;
    DeliveryCounts ofA;
    DeliveryCounts ofB;
    MarkedMembership a(room.ledger, ofA, 0s);
    MarkedMembership b(room.ledger, ofB, 0s);
    a.confirm({});
    b.confirm({});
    const auto first = room.publish();
    const auto second = room.publish();
    QCOMPARE(a.received(delivery(second)), Receipt::First);
    QCOMPARE(b.received(delivery(first)), Receipt::First);
    QCOMPARE(b.received(delivery(second)), Receipt::First);
    QCOMPARE(b.received(delivery(first)), Receipt::NoTiming);
    QCOMPARE(a.missing(), (Missing{.holes = 1}));
    for (MarkedMembership *each : {&a, &b}) {
        each->stop();
        each->finish(Ending::Left);
    }
    QCOMPARE(ofA, (DeliveryCounts{.received = 1, .lost = 1}));
    QCOMPARE(ofB, (DeliveryCounts{.received = 2, .doubled = 1}));
    ofA.merge(ofB);
    QVERIFY(!ofA.isFaultless());
    QCOMPARE(ofA.expected(), 4U);
}

void TestLoadAccounting::markedOrderIsEachSenders()
{
    MarkedRoom room;
    room.member.confirm({});
    const auto a1 = room.publish(0, 1);
    const auto b1 = room.publish(0, 2);
    const auto a2 = room.publish(0, 1);
    const auto a3 = room.publish(0, 1);
    for (const auto index : {a1, a3, b1}) // b1 after a3: two senders have no order
        QCOMPARE(room.member.received(delivery(index)), Receipt::First);
    QCOMPARE(room.counts.reordered, 0U);
    QCOMPARE(room.member.received(delivery(a2)), Receipt::First);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 4, .reordered = 1}));
}

void TestLoadAccounting::markedAroundTheJoin()
{
    Room room;
    room.say(0, 1s);
    const auto shortlyBefore = room.say(0, 15s);
    MarkedMembership member(room.ledger, room.counts, 20s);
    const auto whileJoining = room.say(0, 21s);
    const auto never = room.say(0, 21s);
    QCOMPARE(member.received(delivery(shortlyBefore)), Receipt::First); // even before the confirmation
    member.confirm({});
    QCOMPARE(member.received(delivery(whileJoining)), Receipt::First);
    QCOMPARE(room.counts, (DeliveryCounts{.ambiguous = 2}));
    QCOMPARE(member.received(delivery(whileJoining)), Receipt::NoTiming);
    QCOMPARE(room.counts.doubled, 1U);
    QCOMPARE(member.received(delivery(0)), Receipt::NoTiming); // long ago: history, which nobody asked for
    QCOMPARE(room.counts.unexpected, 1U);
    Q_UNUSED(never);
    member.stop();
    member.finish(Ending::Left);
    QCOMPARE(room.counts.lost, 0U);
    QCOMPARE(room.counts.expected(), 0U);
}

void TestLoadAccounting::markedAroundTheLeave()
{
    MarkedRoom room;
    room.member.confirm({});
    const auto owed = room.publish();
    room.member.stop();
    const auto after = room.publish();
    QVERIFY(!room.member.isSettled());
    QCOMPARE(room.member.received(delivery(owed)), Receipt::First);
    QVERIFY(room.member.isSettled());
    QCOMPARE(room.member.received(delivery(after)), Receipt::First);
    room.publish();
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .ambiguous = 1}));
}

void TestLoadAccounting::markedRefusedIsNotOwed()
{
    MarkedRoom room;
    room.member.confirm({});
    const auto refused = room.say();
    const auto published = room.publish();
    room.member.received(delivery(published));
    room.member.stop();
    QVERIFY(!room.member.isSettled());
    room.ledger.settle(refused, Fate::Refused);
    QVERIFY(room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1}));
}

void TestLoadAccounting::markedRefusedMustNotCome()
{
    MarkedRoom room;
    room.member.confirm({});
    const auto refused = room.say();
    room.ledger.settle(refused, Fate::Refused);
    QCOMPARE(room.member.received(delivery(refused)), Receipt::NoTiming);
    QCOMPARE(room.counts, (DeliveryCounts{.unexpected = 1}));
}

void TestLoadAccounting::markedUnknownMayCome()
{
    MarkedRoom room;
    room.member.confirm({});
    const auto comes = room.say();
    const auto doesNot = room.say();
    room.ledger.settle(comes, Fate::Unknown);
    room.ledger.settle(doesNot, Fate::Unknown);
    QCOMPARE(room.member.received(delivery(comes)), Receipt::First);
    room.member.stop();
    QVERIFY(room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1}));
}

void TestLoadAccounting::markedUnansweredIsLost()
{
    MarkedRoom room;
    room.member.confirm({});
    room.ledger.settle(room.say(), Fate::Unanswered);
    room.member.stop();
    QVERIFY(!room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.lost = 1}));
}

void TestLoadAccounting::markedCut()
{
    MarkedRoom room;
    room.member.confirm({});
    room.publish(0, 1); // a hole: a later one of the same sender is here
    const auto second = room.publish(0, 1);
    room.publish(0, 2); // may have been on its way
    room.publish(0, 1);
    room.member.received(delivery(second));
    room.member.finish(Ending::Cut);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .lost = 1, .excused = 2}));
}

void TestLoadAccounting::markedStrangers()
{
    MarkedRoom room;
    room.member.confirm({});
    const auto index = room.publish();
    Delivery ofAnotherRoom = delivery(index);
    ofAnotherRoom.content.marker.room = kRoom + 1;
    QCOMPARE(room.member.received(ofAnotherRoom), Receipt::NoTiming);
    QCOMPARE(room.member.received(delivery(index + 1)), Receipt::NoTiming); // never sent
    QCOMPARE(room.counts.unexpected, 2U);
    QCOMPARE(room.member.received(delivery(0, 0, State::Foreign)), Receipt::NoTiming);
    QCOMPARE(room.member.received(delivery(0, 0, State::Damaged)), Receipt::NoTiming);
    QCOMPARE(room.member.received(delivery(index, 0, State::Altered)), Receipt::NoTiming);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .corrupt = 2, .unexpected = 2, .foreign = 1}));
}

// ---- v2: the server numbers

void TestLoadAccounting::numberedInOrder()
{
    NumberedRoom room(41);
    for (std::uint64_t seq = 42; seq < 142; ++seq)
        QCOMPARE(room.member.received(delivery(room.publish(seq), seq)), Receipt::First);
    QCOMPARE(room.member.missing(), Missing{});
    room.member.stop();
    QVERIFY(room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 100}));
}

void TestLoadAccounting::numberedLostAndDoubledDoNotCancel()
{
    Room room;
    DeliveryCounts ofA;
    DeliveryCounts ofB;
    NumberedMembership a(room.ledger, ofA);
    NumberedMembership b(room.ledger, ofB);
    a.confirm({"epoch", 0});
    b.confirm({"epoch", 0});
    room.publish(1);
    room.publish(2);
    a.received(delivery(1, 2));
    for (const std::uint64_t seq : {1U, 1U, 2U})
        b.received(delivery(seq - 1, seq));
    for (NumberedMembership *each : {&a, &b}) {
        each->stop();
        each->finish(Ending::Left);
    }
    QCOMPARE(ofA, (DeliveryCounts{.received = 1, .lost = 1}));
    QCOMPARE(ofB, (DeliveryCounts{.received = 2, .doubled = 1}));
}

void TestLoadAccounting::numberedOrder()
{
    NumberedRoom room;
    for (std::uint64_t seq = 1; seq <= 4; ++seq)
        room.publish(seq, static_cast<std::uint32_t>(seq));
    for (const std::uint64_t seq : {1U, 3U, 4U, 2U}) // here two senders have an order
        QCOMPARE(room.member.received(delivery(seq - 1, seq)), Receipt::First);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 4, .reordered = 1}));
}

void TestLoadAccounting::numberedTailIsOwed()
{
    NumberedRoom room;
    room.member.received(delivery(room.publish(1), 1));
    room.publish(2); // acknowledged, and never here
    QCOMPARE(room.member.missing(), (Missing{.awaited = 1}));
    room.member.stop();
    QVERIFY(!room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .lost = 1}));
}

void TestLoadAccounting::numberedOthersAreOwed()
{
    NumberedRoom room;
    QCOMPARE(room.member.received(delivery(0, 1, State::Foreign)), Receipt::NoTiming);
    room.member.received(delivery(room.publish(3), 3));
    room.member.stop();
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 2, .lost = 1, .foreign = 1}));
}

void TestLoadAccounting::numberedTwiceUnderTwoNumbers()
{
    NumberedRoom room;
    const auto index = room.publish(1);
    QCOMPARE(room.member.received(delivery(index, 1)), Receipt::First);
    QCOMPARE(room.member.received(delivery(index, 2)), Receipt::NoTiming);
    QCOMPARE(room.counts.doubled, 1U);
}

void TestLoadAccounting::numberedBeforeTheJoin()
{
    NumberedRoom room(10);
    QCOMPARE(room.member.received(delivery(room.publish(10), 10)), Receipt::NoTiming);
    QCOMPARE(room.member.received(delivery(room.publish(0), 0)), Receipt::NoTiming);
    QCOMPARE(room.counts, (DeliveryCounts{.unexpected = 2}));
}

/// A number that the server cannot have given is no message, and tells nothing of the numbers below it.
void TestLoadAccounting::numberedAbsurdNumber()
{
    NumberedRoom room(41);
    QCOMPARE(room.member.received(delivery(room.publish(42), 1ULL << 60)), Receipt::Malformed);
    QCOMPARE(room.counts, (DeliveryCounts{.unexpected = 1}));
    QCOMPARE(room.member.received(delivery(0, 42)), Receipt::First);
    QCOMPARE(room.member.missing(), Missing{});

    QVERIFY(room.ledger.isPossible("epoch", 42 + RoomLedger::kMostAhead));
    QVERIFY(!room.ledger.isPossible("epoch", 43 + RoomLedger::kMostAhead));
    QVERIFY(room.ledger.isPossible("another", 1ULL << 60)); // nobody knows where it stands
    room.ledger.noteSeq(1ULL << 60, 1);
    QVERIFY(!room.ledger.isPossible("epoch", 42));
}

void TestLoadAccounting::absurdlyManyEpochs()
{
    RoomLedger ledger(0);
    for (std::uint32_t i = 0; i < RoomLedger::kMostEpochs; ++i) {
        QVERIFY(ledger.isPossible(std::to_string(i), 5));
        static_cast<void>(ledger.enterEpoch(std::to_string(i), 5, i));
    }
    QVERIFY(ledger.isPossible("7", 5));
    QVERIFY(!ledger.isPossible("another", 5));
}

void TestLoadAccounting::numberedCorruptIsNotLost()
{
    NumberedRoom room;
    room.publish(1);
    room.publish(2);
    room.member.received(delivery(0, 1, State::Damaged));
    room.member.received(delivery(1, 2, State::Altered));
    room.member.stop();
    QVERIFY(room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 2, .corrupt = 2}));
}

void TestLoadAccounting::numberedWaitsForAnswers()
{
    NumberedRoom room;
    const auto index = room.say();
    room.member.stop();
    QVERIFY(!room.member.isSettled()); // it may have a number that nobody has told yet
    room.ledger.publish(index, 1, room.ledger.epochs());
    QVERIFY(!room.member.isSettled());
    room.publish(2); // sent after the stop
    room.member.received(delivery(index, 1));
    QVERIFY(room.member.isSettled());
    room.member.finish(Ending::Left);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1}));
}

void TestLoadAccounting::numberedCut()
{
    NumberedRoom room;
    for (std::uint64_t seq = 1; seq <= 5; ++seq)
        room.publish(seq);
    room.member.received(delivery(0, 1));
    room.member.received(delivery(2, 3)); // 2 is a hole; 4 and 5 may have been on their way
    room.member.finish(Ending::Cut);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 2, .lost = 1, .excused = 2}));
}

void TestLoadAccounting::numberingBeginsAnew()
{
    NumberedRoom room(100);
    room.publish(101);
    DeliveryCounts counts;
    NumberedMembership anew(room.ledger, counts);
    anew.confirm({"another", 0});
    room.member.finish(Ending::Cut); // has not heard of it
    QCOMPARE(room.counts.lost, 0U);
    anew.received(delivery(room.publish(1), 1));
    anew.stop();
    QVERIFY(anew.isSettled());
    anew.finish(Ending::Left);
    QCOMPARE(counts, (DeliveryCounts{.received = 1})); // 101 is no hole in the new numbering
}

/// A replica without the messages at 2 and 3 took over, and gave 2 to another one.
void TestLoadAccounting::aHistoryThatWentBack()
{
    NumberedRoom room;
    DeliveryCounts others;
    NumberedMembership other(room.ledger, others);
    other.confirm({"epoch", 0});
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
        const Delivery each = delivery(room.publish(seq), seq);
        room.member.received(each);
        other.received(each);
    }
    const std::vector<Delivery> page{delivery(0, 1), delivery(room.publish(2), 2)};
    QCOMPARE(room.member.wentBack({"epoch", 2}, page), 2U);
    QCOMPARE(other.wentBack({"epoch", 2}, page), 0U); // they are lost once
    room.member.finish(Ending::Cut);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 3, .lost = 2, .excused = 1}));

    // WHEN 3 is given again THEN it is owed, and not before
    DeliveryCounts counts;
    NumberedMembership after(room.ledger, counts);
    after.confirm({"epoch", 2});
    QCOMPARE(after.missing(), Missing{});
    after.received(delivery(room.publish(3), 3));
    after.stop();
    QVERIFY(after.isSettled());
    after.finish(Ending::Left);
    QCOMPARE(counts, (DeliveryCounts{.received = 1}));
}

void TestLoadAccounting::aHistoryThatIsGone()
{
    NumberedRoom room;
    room.member.received(delivery(room.publish(1), 1));
    room.member.received(delivery(room.publish(2), 2));
    QCOMPARE(room.member.wentBack({"another", 0}, {}), 2U);

    // Of one that is there, what is older than the page is nobody's loss.
    NumberedRoom kept;
    kept.member.received(delivery(kept.publish(1), 1));
    kept.member.received(delivery(kept.publish(2), 2));
    QCOMPARE(kept.member.wentBack({"epoch", 2}, std::vector{delivery(1, 2)}), 0U);
    QCOMPARE(kept.member.wentBack({"another", 9}, std::vector{delivery(1, 9)}), 0U);
}

void TestLoadAccounting::aSyncSaysWhatThereIs()
{
    constexpr std::uint16_t kRun = 3;
    std::string content;
    appendContent(content, {.run = kRun, .room = kRoom, .index = 7}, Marker::kBytes);
    const auto dialect = newDialect(DialectName::V2, kRun);
    const std::string text =
        R"({"type":"sync","room":"x","epoch":"E","seq":5,"id":"I","recovered":false,"reason":"diverged",)"
        R"("events":[{"type":"message","room":"x","seq":5,"id":"I","sender":"s","user":"u","username":"n",)"
        R"("content":")" +
        content + R"(","timestamp":"2026-03-01T12:00:00.000Z"}],"more":false})";
    const Event event = dialect->read(text);
    const auto *joined = std::get_if<event::Joined>(&event);
    QVERIFY(joined);
    QCOMPARE(joined->standing.seq, 5U);
    QCOMPARE(joined->page.size(), 1U);
    QCOMPARE(joined->page[0].seq, 5U);
    QCOMPARE(joined->page[0].content.marker.index, 7U);
    const Event greeting = dialect->read(
        R"({"type":"connection","status":"connected","client_id":"c","hostname":"h","protocol":"parlor.v2",)"
        R"("ping_ms":1000,"limits":{"frame":1,"content":1,"rooms":1},"server_time":1,"chat":"E/1"})");
    QCOMPARE(std::get<event::Greeted>(greeting).chat, std::string_view("E/1"));
}

// ---- servers that share nothing

void TestLoadAccounting::epochsAtOnce()
{
    Pair<NumberedMembership> room({"one", 0}, {"two", 7});
    for (std::uint64_t i = 1; i <= 5; ++i) {
        room.say(*room.a, i);
        room.say(*room.b, 7 + i);
    }
    QCOMPARE(room.a->missing(), (Missing{.awaited = 5})); // before anybody leaves
    room.leave(*room.a);
    room.leave(*room.b);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 10, .lost = 10}));
    const auto groups = room.ledger.split();
    QCOMPARE(groups.size(), 2U);
    QCOMPARE(groups[0].users, 1U);
    QVERIFY(groups[0].epochs == std::set<std::string>({"one"}));
    QVERIFY(groups[0].servers == (std::map<std::string, std::uint64_t>{{"ws1", 1}}));
    QVERIFY(groups[1].epochs == std::set<std::string>({"two"}));
    QVERIFY(groups[1].servers == (std::map<std::string, std::uint64_t>{{"ws2", 1}}));
}

void TestLoadAccounting::epochsAtOnceInSilence()
{
    Pair<NumberedMembership> back({"one", 0}, {"two", 0});
    QVERIFY(back.ledger.split().empty()); // a server may have begun anew
    const auto c = back.join(2, "ws1", {"one", 0});
    QCOMPARE(back.ledger.split().size(), 2U); // but then never goes back

    Pair<NumberedMembership> stays({"one", 0}, {"two", 0});
    stays.leave(*stays.a); // it may not have been told yet
    QVERIFY(stays.ledger.split().empty());
    Pair<NumberedMembership> staysLong({"one", 0}, {"two", 0});
    for (int second = 0; second < 2; ++second)
        staysLong.ledger.forget(0, 0s);
    staysLong.leave(*staysLong.a);
    QCOMPARE(staysLong.ledger.split().size(), 2U);
}

void TestLoadAccounting::epochsOneAfterTheOther()
{
    Pair<NumberedMembership> room({"one", 0}, {"one", 0});
    room.say(*room.a, 1, {room.b.get()});
    room.a->finish(Ending::Cut);
    const auto back = room.join(0, "ws1", {"two", 0});
    room.say(*back, 1); // b has not noticed yet
    for (int second = 0; second < 2; ++second)
        room.ledger.forget(0, 0s);
    room.b->finish(Ending::Cut);
    const auto bBack = room.join(1, "ws1", {"two", 1});
    room.say(*bBack, 2, {back.get()});
    room.leave(*back);
    room.leave(*bBack);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 5, .excused = 1}));
    QVERIFY(room.ledger.split().empty());
}

void TestLoadAccounting::oneEpochOfTwoStores()
{
    // A copied file has the same epoch, and both servers give the same numbers.
    Pair<NumberedMembership> room({"copied", 40}, {"copied", 40});
    for (std::uint64_t i = 41; i <= 45; ++i) {
        room.say(*room.a, i);
        room.say(*room.b, i);
    }
    room.leave(*room.a);
    room.leave(*room.b);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 10, .lost = 10}));
    QCOMPARE(room.ledger.split().size(), 2U);
}

void TestLoadAccounting::elsewhereIsForgottenAndCounted()
{
    Pair<NumberedMembership> room({"one", 0}, {"two", 0});
    for (std::uint64_t i = 1; i <= 100; ++i)
        room.say(*room.b, i);
    QCOMPARE(room.a->needsFrom(1s), 0U);
    QCOMPARE(room.a->needsFrom(1h), 100U);
    room.ledger.forget(100, 1h);
    QCOMPARE(room.a->missing(), (Missing{.awaited = 100}));
    room.leave(*room.a);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 100, .lost = 100}));
}

void TestLoadAccounting::markedUsersWhoDoNotHearEachOther()
{
    Pair<MarkedMembership> room({}, {});
    const auto c = room.join(2, "ws1", {});
    room.say(*room.a, 0, {c.get()});
    room.say(*room.b, 0);
    for (MarkedMembership *each : {room.a.get(), room.b.get(), c.get()})
        room.leave(*each);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 3, .lost = 3}));
    const auto groups = room.ledger.split();
    QCOMPARE(groups.size(), 2U);
    QCOMPARE(groups[0].users, 2U);
    QVERIFY(groups[0].servers == (std::map<std::string, std::uint64_t>{{"ws1", 2}}));
    QCOMPARE(groups[1].users, 1U);
    QVERIFY(groups[1].epochs.empty());
}

void TestLoadAccounting::usersWhoHearEachOtherThroughOthers()
{
    Pair<MarkedMembership> room({}, {});
    const auto c = room.join(2, "ws1", {});
    room.say(*room.a, 0, {c.get()}); // b has lost it
    room.say(*room.b, 0, {c.get(), room.a.get()});
    for (MarkedMembership *each : {room.a.get(), room.b.get(), c.get()})
        room.leave(*each);
    QCOMPARE(room.counts.lost, 1U);
    QVERIFY(room.ledger.split().empty());
}

void TestLoadAccounting::damagedIsNoSplit_data()
{
    QTest::addColumn<int>("state");
    QTest::newRow("altered") << int(State::Altered);
    QTest::newRow("damaged") << int(State::Damaged);
}

/// All of the other's messages come, and none as it was sent.
void TestLoadAccounting::damagedIsNoSplit()
{
    QFETCH(const int, state);
    Pair<NumberedMembership> numbered({"epoch", 0}, {"epoch", 0});
    Pair<MarkedMembership> marked({}, {});
    const std::uint64_t first = numbered.say(*numbered.a, 1);
    const std::uint64_t second = marked.say(*marked.a, 0);
    static_cast<void>(numbered.b->received(delivery(first, 1, static_cast<State>(state))));
    static_cast<void>(marked.b->received(delivery(second, 0, static_cast<State>(state))));
    for (NumberedMembership *each : {numbered.a.get(), numbered.b.get()})
        numbered.leave(*each);
    for (MarkedMembership *each : {marked.a.get(), marked.b.get()})
        marked.leave(*each);
    QCOMPARE(numbered.counts, (DeliveryCounts{.received = 2, .corrupt = 1}));
    QCOMPARE(marked.counts.corrupt, 1U);
    QVERIFY(numbered.ledger.split().empty());
    QVERIFY(marked.ledger.split().empty());
}

void TestLoadAccounting::splitThatHealsAndComesBack()
{
    HearingGroups groups;
    const auto a = groups.enter(0, "ws1", 0);
    const auto b = groups.enter(1, "ws2", 0);
    const auto c = groups.enter(2, "ws3", 0);
    QVERIFY(!groups.isSplit({}));
    groups.miss(a, b);
    QVERIFY(groups.isSplit({}));
    groups.hear(b, a);
    QVERIFY(!groups.isSplit({}));
    QVERIFY(groups.split({}, {}).empty());
    groups.miss(c, b); // which missed something before
    QVERIFY(groups.isSplit({}));
    QCOMPARE(groups.split({}, {}).size(), 2U);
    QCOMPARE(groups.split({}, {})[0].users, 2U);
    QVERIFY(!groups.isSplit({1, 2})); // nobody is in these epochs
}

void TestLoadAccounting::oneUserAtATime()
{
    Pair<MarkedMembership> both({}, {});
    QCOMPARE(both.ledger.groups().mostAtOnce(), 2U);
    Room room;
    for (std::uint32_t user = 0; user < 3; ++user) {
        MarkedMembership member(room.ledger, room.counts, 0s);
        member.confirm({});
        member.attend(user, "ws1");
        member.finish(Ending::Cut);
    }
    QCOMPARE(room.ledger.groups().mostAtOnce(), 1U);
}

// ---- memory

void TestLoadAccounting::refusedIsNotOutstanding()
{
    MarkedRoom room;
    room.member.confirm({});
    room.ledger.settle(room.say(1), Fate::Refused);
    room.ledger.settle(room.say(1), Fate::Unknown);
    QCOMPARE(room.member.missing(), Missing{});
    room.say(1);
    QCOMPARE(room.member.missing(), (Missing{.awaited = 1}));
}

void TestLoadAccounting::ledgerForgetsWhatNobodyWaitsFor()
{
    Room room;
    MarkedMembership marked(room.ledger, room.counts, 0s);
    marked.confirm({});
    NumberedMembership numbered(room.ledger, room.counts);
    numbered.confirm({"epoch", 0});
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const auto index = room.publish(i + 1);
        marked.received(delivery(index));
        if (i < 600)
            numbered.received(delivery(index, i + 1));
    }
    room.ledger.settle(room.say(), Fate::Unknown);
    QCOMPARE(marked.needsFrom(1s), 1000U);
    QCOMPARE(marked.needsFrom(1h), 1001U);
    QCOMPARE(numbered.needsFrom(1h), 600U);
    room.ledger.forget(600, -1s); // sent too recently
    QCOMPARE(room.ledger.begin(), 0U);
    room.ledger.forget(600, 1s);
    QCOMPARE(room.ledger.begin(), 600U);
    QCOMPARE(room.ledger.end(), 1001U);
    QVERIFY(!room.ledger.knows(599));
    QCOMPARE(room.ledger.entry(600).seq, 601U);
}

void TestLoadAccounting::lateDeliveryIsRemembered()
{
    NumberedRoom room;
    const auto late = room.publish(1);
    room.member.received(delivery(room.publish(2), 2));
    room.ledger.forget(room.member.needsFrom(1h), 1h);
    QCOMPARE(room.member.received(delivery(late, 1)), Receipt::First);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 2, .reordered = 1}));
}

PARLOR_TEST(TestLoadAccounting)
#include "tst_load_accounting.moc"
