// SPDX-License-Identifier: MIT
// What is not owed, though it was said: around a join that settles, and to receivers that are only counted.
#include "client-cli/load/accounting/countedmembership.h"
#include "client-cli/load/accounting/markedmembership.h"
#include "client-cli/load/accounting/numberedmembership.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <memory>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using State = MarkedContent::State;

namespace {

constexpr std::uint16_t kRoom = 4;

Delivery delivery(std::uint64_t index, std::uint64_t seq)
{
    return {{State::Intact, {.room = kRoom, .index = static_cast<std::uint32_t>(index)}}, seq};
}

/// A room that numbers its messages from 1, or not at all, and one receiver.
struct Room
{
    explicit Room(bool isNumbered)
        : numbers(isNumbered)
    {
        if (isNumbered)
            member = std::make_unique<NumberedMembership>(ledger, counts);
        else
            member = std::make_unique<MarkedMembership>(ledger, counts, 0s);
        member->expectSettling();
        member->confirm({isNumbered ? "epoch" : "", 0});
        member->attend(0, "ws1");
    }

    /// Sent and acknowledged; its index. Index 0 has the number 1.
    std::uint64_t publish()
    {
        const std::uint64_t index = ledger.send(7, 1s);
        acknowledge(index);
        return index;
    }
    void acknowledge(std::uint64_t index)
    {
        ledger.publish(index, numbers ? index + 1 : 0, numbers ? ledger.epochs() : 0);
    }
    Receipt hear(std::uint64_t index) { return member->received(delivery(index, numbers ? index + 1 : 0)); }
    void leave(Ending ending = Ending::Left)
    {
        member->stop();
        isSettled = member->isSettled();
        member->finish(ending);
    }

    bool numbers;
    RoomLedger ledger{kRoom};
    DeliveryCounts counts;
    std::unique_ptr<Membership> member;
    bool isSettled = false;
};

} // namespace

class TestLoadSettling : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatComesIsAmbiguous_data() { addKinds(); }
    void whatComesIsAmbiguous();
    void whatDoesNotComeIsNotLost_data() { addKinds(); }
    void whatDoesNotComeIsNotLost();
    void whatIsSentLaterIsOwed_data() { addKinds(); }
    void whatIsSentLaterIsOwed();
    void lateAnswer_data() { addKinds(); }
    void lateAnswer();
    void doubledIsDoubled_data() { addKinds(); }
    void doubledIsDoubled();
    void goesBeforeItHasSettled_data() { addKinds(); }
    void goesBeforeItHasSettled();
    void ledgerForgets_data() { addKinds(); }
    void ledgerForgets();
    void countedOnly();
    void lastReceiver();

private:
    static void addKinds()
    {
        QTest::addColumn<bool>("isNumbered");
        QTest::newRow("numbered") << true;
        QTest::newRow("marked") << false;
    }
};

void TestLoadSettling::whatComesIsAmbiguous()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    QVERIFY(room.hear(room.publish()) == Receipt::First); // its latency counts
    room.member->settleIn();
    QVERIFY(room.hear(room.publish()) == Receipt::First);
    room.leave();
    QVERIFY(room.isSettled);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .ambiguous = 1}));
}

void TestLoadSettling::whatDoesNotComeIsNotLost()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    room.publish(); // never comes
    room.hear(room.publish());
    room.member->settleIn();
    room.hear(room.publish());
    QCOMPARE(room.member->missing(), Missing{});
    room.leave();
    QVERIFY(room.isSettled);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .ambiguous = 1}));
}

void TestLoadSettling::whatIsSentLaterIsOwed()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    room.hear(room.publish());
    room.member->settleIn();
    room.publish(); // never comes
    room.hear(room.publish());
    QCOMPARE(room.member->missing(), (Missing{.holes = 1}));
    room.publish(); // never comes, and nothing later does
    QCOMPARE(room.member->missing(), (Missing{.holes = 1, .awaited = 1}));
    room.leave();
    QVERIFY(!room.isSettled);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 1, .lost = 2, .ambiguous = 1}));
}

/// It was sent before the receiver had settled in, and answered after that.
void TestLoadSettling::lateAnswer()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    const std::uint64_t sentEarly = room.ledger.send(7, 1s);
    room.member->settleIn();
    room.acknowledge(sentEarly);
    room.hear(room.publish());
    QCOMPARE(room.member->missing(), Missing{});
    room.hear(sentEarly);
    room.leave();
    QVERIFY(room.isSettled);
    QCOMPARE(room.counts.lost, 0U);
    QCOMPARE(room.counts.received, 1U);
    QCOMPARE(room.counts.ambiguous, 1U);
}

void TestLoadSettling::doubledIsDoubled()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    const std::uint64_t early = room.publish();
    room.hear(early);
    room.hear(early);
    room.member->settleIn();
    room.hear(early);
    room.leave();
    QCOMPARE(room.counts, (DeliveryCounts{.doubled = 2, .ambiguous = 1}));
}

void TestLoadSettling::goesBeforeItHasSettled()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    room.hear(room.publish());
    room.publish();
    room.leave();
    QVERIFY(room.isSettled);
    QCOMPARE(room.counts, (DeliveryCounts{.ambiguous = 1}));
}

void TestLoadSettling::ledgerForgets()
{
    QFETCH(const bool, isNumbered);
    Room room(isNumbered);
    room.hear(room.publish());
    room.member->settleIn();
    for (int i = 0; i < 5; ++i)
        room.hear(room.publish());
    const Offset later = 2s + Membership::kUnderWay;
    room.ledger.forget(room.member->needsFrom(later), later - Membership::kUnderWay);
    QCOMPARE(room.ledger.begin(), 6U);
    room.hear(room.publish());
    QCOMPARE(room.member->missing(), Missing{});
    room.leave();
    QVERIFY(room.isSettled);
    QCOMPARE(room.counts, (DeliveryCounts{.received = 6, .ambiguous = 1}));
}

void TestLoadSettling::countedOnly()
{
    RoomLedger ledger(kRoom);
    DeliveryCounts counts;
    CountedMembership member(ledger, counts);
    member.confirm({"epoch", 41});
    member.attend(0, "ws1");
    QCOMPARE(member.epoch(), 1U);
    const std::uint64_t index = ledger.send(0, 1s, member.member());
    ledger.publish(index, 42, member.epoch());
    QCOMPARE(ledger.topSeq(1), 42U); // others are owed it by its number
    static_cast<void>(ledger.send(0, 1s, member.member()));
    QCOMPARE(member.missing(), Missing{});
    member.stop();
    QVERIFY(member.isSettled());
    member.finish(Ending::Left);
    QCOMPARE(counts, DeliveryCounts{});
    QVERIFY(ledger.split().empty());
}

void TestLoadSettling::lastReceiver()
{
    RoomLedger ledger(kRoom);
    const std::uint64_t heard = ledger.send(0, 11ms, HearingGroups::kNobody, 10ms);
    const std::uint64_t unheard = ledger.send(0, 21ms, HearingGroups::kNobody, 20ms);
    ledger.publish(heard, 0, 0);
    ledger.publish(unheard, 0, 0);
    ledger.noteReceipt(heard, 15ms);
    ledger.noteReceipt(heard, 40ms);
    ledger.noteReceipt(heard, 35ms);
    std::vector<Offset> lasted;
    const auto note = [&lasted](const RoomLedger::Entry &entry) {
        lasted.push_back(entry.heardLast - entry.planned);
    };
    ledger.forget(1, 1s, note);
    QCOMPARE(lasted.size(), 1U);
    QCOMPARE(lasted.front(), Offset(30ms));
    ledger.forgetAll(note);
    QCOMPARE(lasted.size(), 2U);
    QVERIFY(lasted.back() < Offset{}); // nobody heard it
    QCOMPARE(ledger.begin(), ledger.end());
    QCOMPARE(ledger.end(), 2U);
}

PARLOR_TEST(TestLoadSettling)
#include "tst_load_settling.moc"
