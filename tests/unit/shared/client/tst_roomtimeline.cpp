// SPDX-License-Identifier: MIT
#include "shared/client/roomtimeline.h"

#include <QTest>

using namespace parlor;

namespace {

ChatMessage message(quint64 seq)
{
    ChatMessage message;
    message.room = QStringLiteral("general");
    message.seq = seq;
    message.id = QStringLiteral("id%1").arg(seq);
    return message;
}

std::vector<ChatMessage> messages(std::initializer_list<quint64> seqs)
{
    std::vector<ChatMessage> out;
    for (const quint64 seq : seqs)
        out.push_back(message(seq));
    return out;
}

frame::Sync head(quint64 top, bool recovered, std::optional<frame::SyncReason> reason = std::nullopt)
{
    frame::Sync sync;
    sync.seq = top;
    sync.recovered = recovered;
    sync.reason = reason;
    return sync;
}

const QString kEpoch = QStringLiteral("e1");

/// What a step shows, and that it was committed.
QList<quint64> shown(RoomTimeline &timeline, const RoomTimeline::Step &step)
{
    QList<quint64> seqs;
    for (const ChatMessage &each : step.show) {
        seqs.append(each.seq);
        timeline.commit(each);
    }
    timeline.commitAll();
    return seqs;
}

using Seqs = QList<quint64>;

} // namespace

class TestRoomTimeline : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void firstSyncSetsTheStart();
    void emptySyncSetsThePosition();
    void positionFollowsOnlyWhatWasShown();
    void pagesFollowEachOther();
    void liveInOrderAndOnce();
    void holeIsFilledFromTheHistory();
    void longHoleTakesSeveralPages();
    void holeThatTheHistoryLeavesIsFinal();
    void theRestOfAHoleIsWhereItIs();
    void whatSomebodyDeletedIsNoHole();
    void lateDuplicateDoesNotDisturbAHole();
    void refusedHistoryEndsTheWait();
    void moreHeldThanTheCapComesFromTheHistory();
    void syncShortOfItsTopAsksForTheRest();
    void failedResume_data();
    void failedResume();
    void newNumberingDropsWhatWasSeenById();
    void newNumberingOfWhatWasSeenIsNoHole();
    void whatWasSeenIsKnownFromTheStart();
    void newestPageStartsBelowWhatWasSeen_data();
    void newestPageStartsBelowWhatWasSeen();
    void newNumbersOfWhatWasSeenAreAHole();
    void severalPagesAreJudgedTogether();
    void lostConnectionForgetsThePagesThatWait();
    void lostConnectionForgetsTheHole();
    void historyOfAnotherEpochFillsNothing();
    void idsAreForgottenInTheEnd();
};

void TestRoomTimeline::firstSyncSetsTheStart()
{
    RoomTimeline timeline;
    const auto step = timeline.sync({kEpoch, messages({41, 42, 43}), false}, head(43, false));
    QCOMPARE(step.source, MessageSource::Backlog);
    QVERIFY(step.upToDate);
    QVERIFY(!step.askAfter);
    QVERIFY(!step.missing);
    QCOMPARE(shown(timeline, step), (Seqs{41, 42, 43}));
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 43}));
}

void TestRoomTimeline::emptySyncSetsThePosition()
{
    RoomTimeline timeline;
    const auto step = timeline.sync({kEpoch, {}, false}, head(9, false));
    QVERIFY(step.upToDate);
    QVERIFY(!step.askAfter);
    QVERIFY(shown(timeline, step).isEmpty());
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 9}));
}

void TestRoomTimeline::positionFollowsOnlyWhatWasShown()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 4});
    const auto step = timeline.sync({kEpoch, messages({5, 6}), false}, head(6, true));
    QCOMPARE(timeline.position()->seq, 4U);
    timeline.commit(step.show[0]);
    QCOMPARE(timeline.position()->seq, 5U);
    timeline.connectionLost();
    QCOMPARE(timeline.position()->seq, 5U);
}

void TestRoomTimeline::pagesFollowEachOther()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 10});
    auto step = timeline.sync({kEpoch, messages({11, 12}), true}, head(14, true));
    QVERIFY(!step.upToDate);
    QVERIFY(!step.askAfter);
    QCOMPARE(step.source, MessageSource::Recovered);
    QCOMPARE(shown(timeline, step), (Seqs{11, 12}));
    step = timeline.sync({kEpoch, messages({13, 14}), false}, head(14, true));
    QVERIFY(step.upToDate);
    QCOMPARE(shown(timeline, step), (Seqs{13, 14}));
    QCOMPARE(timeline.position()->seq, 14U);
}

void TestRoomTimeline::liveInOrderAndOnce()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    QCOMPARE(shown(timeline, timeline.live(message(2))), Seqs{2});
    QCOMPARE(shown(timeline, timeline.live(message(2))), Seqs{});
    QCOMPARE(shown(timeline, timeline.live(message(1))), Seqs{});
    ChatMessage again = message(3);
    again.id = message(2).id;
    QCOMPARE(shown(timeline, timeline.live(again)), Seqs{});
    QCOMPARE(timeline.position()->seq, 3U);
    QCOMPARE(shown(timeline, timeline.live(message(4))), Seqs{4});
}

void TestRoomTimeline::holeIsFilledFromTheHistory()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    auto step = timeline.live(message(4));
    QVERIFY(step.show.empty());
    QCOMPARE(step.askAfter, std::optional<quint64>(1));
    step = timeline.live(message(5));
    QVERIFY2(!step.askAfter, "one question is enough");
    step = timeline.history({kEpoch, messages({2, 3, 4}), true});
    QCOMPARE(shown(timeline, step), (Seqs{2, 3, 4, 5}));
    QVERIFY(!step.askAfter);
    QVERIFY(!step.missing);
    QCOMPARE(timeline.position()->seq, 5U);
}

void TestRoomTimeline::longHoleTakesSeveralPages()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    (void)timeline.live(message(6));
    auto step = timeline.history({kEpoch, messages({2, 3}), true});
    QCOMPARE(shown(timeline, step), (Seqs{2, 3}));
    QCOMPARE(step.askAfter, std::optional<quint64>(3));
    step = timeline.history({kEpoch, messages({4, 5}), true});
    QCOMPARE(shown(timeline, step), (Seqs{4, 5, 6}));
    QVERIFY(!step.askAfter);
}

void TestRoomTimeline::holeThatTheHistoryLeavesIsFinal()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    (void)timeline.live(message(6));
    const auto step = timeline.history({kEpoch, messages({4, 5}), false});
    QCOMPARE(step.missing, std::optional(MissingMessages{}));
    QCOMPARE(step.missingAt, 0U);
    QCOMPARE(shown(timeline, step), (Seqs{4, 5, 6}));
    QVERIFY(!step.askAfter);
    QCOMPARE(timeline.position()->seq, 6U);
    QCOMPARE(shown(timeline, timeline.live(message(7))), Seqs{7});
}

/// The history has the beginning of the hole.
void TestRoomTimeline::theRestOfAHoleIsWhereItIs()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    (void)timeline.live(message(6));
    const auto step = timeline.history({kEpoch, messages({2, 3}), false});
    QCOMPARE(step.missing, std::optional(MissingMessages{}));
    QCOMPARE(step.missingAt, 2U);
    QCOMPARE(shown(timeline, step), (Seqs{2, 3, 6}));
}

/// From the store: no page has it, and nobody need ask.
void TestRoomTimeline::whatSomebodyDeletedIsNoHole()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    auto step = timeline.sync({kEpoch, messages({3, 4, 7}), true}, head(12, true));
    QCOMPARE(shown(timeline, step), (Seqs{3, 4, 7}));
    step = timeline.sync({kEpoch, messages({9, 12}), false}, head(12, true));
    QCOMPARE(shown(timeline, step), (Seqs{9, 12}));
    QVERIFY(!step.askAfter && !step.missing);
    QCOMPARE(timeline.live(message(20)).askAfter, std::optional<quint64>(12));
    step = timeline.history({kEpoch, messages({13, 15, 17}), true});
    QCOMPARE(shown(timeline, step), (Seqs{13, 15, 17}));
    QCOMPARE(step.askAfter, std::optional<quint64>(17));
    QVERIFY(!step.missing);
    step = timeline.history({kEpoch, messages({18, 20}), false});
    QCOMPARE(shown(timeline, step), (Seqs{18, 20}));
    QVERIFY(!step.askAfter && !step.missing);
}

void TestRoomTimeline::lateDuplicateDoesNotDisturbAHole()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 2});
    (void)timeline.live(message(2));
    QCOMPARE(timeline.live(message(5)).askAfter, std::optional<quint64>(2));
    (void)timeline.live(message(1));
    QCOMPARE(shown(timeline, timeline.history({kEpoch, {}, false})), Seqs{5});
}

void TestRoomTimeline::refusedHistoryEndsTheWait()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    (void)timeline.live(message(3));
    const auto step = timeline.historyRefused();
    QCOMPARE(step.missing, std::optional(MissingMessages{}));
    QCOMPARE(shown(timeline, step), Seqs{3});
}

void TestRoomTimeline::moreHeldThanTheCapComesFromTheHistory()
{
    RoomTimeline timeline(2);
    timeline.restore({kEpoch, 1});
    for (const quint64 seq : {3, 4, 5, 6})
        (void)timeline.live(message(seq));
    auto step = timeline.history({kEpoch, messages({2, 3}), true});
    QCOMPARE(shown(timeline, step), (Seqs{2, 3, 4}));
    QCOMPARE(step.askAfter, std::optional<quint64>(4));
    step = timeline.history({kEpoch, messages({5, 6}), false});
    QCOMPARE(shown(timeline, step), (Seqs{5, 6}));
    QVERIFY(!step.askAfter);
    QVERIFY(!step.missing);
}

void TestRoomTimeline::syncShortOfItsTopAsksForTheRest()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    auto step = timeline.sync({kEpoch, messages({2, 3}), false}, head(5, true));
    QCOMPARE(shown(timeline, step), (Seqs{2, 3}));
    QCOMPARE(step.askAfter, std::optional<quint64>(3));
    step = timeline.history({kEpoch, messages({4, 5}), false});
    QCOMPARE(shown(timeline, step), (Seqs{4, 5}));
}

void TestRoomTimeline::failedResume_data()
{
    QTest::addColumn<int>("reason");
    QTest::newRow("too_old") << int(frame::SyncReason::TooOld);
    QTest::newRow("epoch") << int(frame::SyncReason::Epoch);
    QTest::newRow("ahead") << int(frame::SyncReason::Ahead);
    QTest::newRow("too_many") << int(frame::SyncReason::TooMany);
}

void TestRoomTimeline::failedResume()
{
    QFETCH(int, reason);
    const auto why = static_cast<frame::SyncReason>(reason);
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 500});
    auto step = timeline.sync({kEpoch, messages({7, 8}), true}, head(9, false, why));
    QCOMPARE(step.missing, std::optional(MissingMessages{why}));
    QCOMPARE(shown(timeline, step), (Seqs{7, 8}));
    step = timeline.sync({kEpoch, messages({9}), false}, head(9, false, why));
    QVERIFY2(!step.missing, "once is enough");
    QCOMPARE(shown(timeline, step), Seqs{9});
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 9}));
}

void TestRoomTimeline::newNumberingDropsWhatWasSeenById()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({QStringLiteral("e0"), messages({1, 2, 3}), false}, head(3, false)));
    std::vector<ChatMessage> events = messages({1, 2});
    events[1].id = QStringLiteral("fresh");
    const auto step = timeline.sync({kEpoch, events, false}, head(2, false, frame::SyncReason::Epoch));
    QCOMPARE(shown(timeline, step), Seqs{2});
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 2}));
}

/// The server came back from a backup that lacks nothing: its newest page begins before what we have.
void TestRoomTimeline::newNumberingOfWhatWasSeenIsNoHole()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({QStringLiteral("e0"), messages({5, 6}), false}, head(6, false)));
    timeline.connectionLost();
    auto step =
        timeline.sync({kEpoch, messages({3, 4, 5, 6, 7}), false}, head(7, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QVERIFY(step.upToDate);
    QVERIFY(!step.askAfter);
    QCOMPARE(step.source, MessageSource::Recovered);
    QCOMPARE(step.renamed, std::optional(RenamedEpoch{QStringLiteral("e0"), kEpoch}));
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 6}));
    QCOMPARE(shown(timeline, step), Seqs{7});
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 7}));
    QCOMPARE(shown(timeline, timeline.live(message(8))), Seqs{8});
}

/// By an earlier process.
void TestRoomTimeline::whatWasSeenIsKnownFromTheStart()
{
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 6}, {{QStringLiteral("id5"), 5}, {QStringLiteral("id6"), 6}});
    const auto step =
        timeline.sync({kEpoch, messages({3, 4, 5, 6}), false}, head(6, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QVERIFY(step.renamed);
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 6}));
}

void TestRoomTimeline::newestPageStartsBelowWhatWasSeen_data()
{
    failedResume_data();
}

/// The newest of ours is not there any more: the page says so, and brings nothing below it that was above.
void TestRoomTimeline::newestPageStartsBelowWhatWasSeen()
{
    QFETCH(int, reason);
    const auto why = static_cast<frame::SyncReason>(reason);
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({kEpoch, messages({5, 6, 7}), false}, head(7, false)));
    std::vector<ChatMessage> events = messages({3, 4, 5, 6, 7});
    events[4].id = QStringLiteral("fresh");
    const auto step = timeline.sync({QStringLiteral("e2"), events, false}, head(7, false, why));
    QCOMPARE(step.missing, std::optional(MissingMessages{why}));
    QVERIFY(!step.renamed);
    QCOMPARE(step.show.size(), std::size_t{1});
    QCOMPARE(step.show[0].id, QStringLiteral("fresh"));
    QCOMPARE(shown(timeline, step), Seqs{7});
}

/// By the numbers one asks for older ones, and they mean others now.
void TestRoomTimeline::newNumbersOfWhatWasSeenAreAHole()
{
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 60}, {{QStringLiteral("id6"), 60}});
    const auto step =
        timeline.sync({kEpoch, messages({5, 6, 7}), false}, head(7, false, frame::SyncReason::Epoch));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Epoch}));
    QVERIFY(!step.renamed);
    QCOMPARE(shown(timeline, step), Seqs{7});
}

/// The first page has only what is older than all that we know.
void TestRoomTimeline::severalPagesAreJudgedTogether()
{
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 5}, {{QStringLiteral("id5"), 5}});
    const auto newest = head(7, false, frame::SyncReason::Epoch);
    auto step = timeline.sync({kEpoch, messages({1, 2}), true}, newest);
    QVERIFY(!step.upToDate && !step.missing);
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), (RoomPosition{QStringLiteral("e0"), 5}));
    step = timeline.sync({kEpoch, messages({3, 4}), true}, newest);
    QCOMPARE(shown(timeline, step), Seqs{});
    step = timeline.sync({kEpoch, messages({5, 6, 7}), false}, newest);
    QVERIFY(step.upToDate && !step.missing);
    QCOMPARE(shown(timeline, step), (Seqs{6, 7}));
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 7}));
}

void TestRoomTimeline::lostConnectionForgetsThePagesThatWait()
{
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 5}, {{QStringLiteral("id5"), 5}});
    const auto newest = head(6, false, frame::SyncReason::Epoch);
    (void)shown(timeline, timeline.sync({kEpoch, messages({4, 5}), true}, newest));
    timeline.connectionLost();
    const auto step = timeline.sync({kEpoch, messages({6}), false}, newest);
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Epoch}));
    QCOMPARE(shown(timeline, step), Seqs{6});
}

void TestRoomTimeline::lostConnectionForgetsTheHole()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    (void)timeline.live(message(4));
    timeline.connectionLost();
    QCOMPARE(timeline.position()->seq, 1U);
    const auto step = timeline.sync({kEpoch, messages({2, 3, 4}), false}, head(4, true));
    QCOMPARE(shown(timeline, step), (Seqs{2, 3, 4}));
    QVERIFY(!step.askAfter);
}

void TestRoomTimeline::historyOfAnotherEpochFillsNothing()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 1});
    (void)timeline.live(message(3));
    const auto step = timeline.history({QStringLiteral("e2"), messages({2}), true});
    QCOMPARE(shown(timeline, step), Seqs{3});
    QVERIFY(step.missing);
}

void TestRoomTimeline::idsAreForgottenInTheEnd()
{
    RoomTimeline timeline(10, 2);
    timeline.restore({kEpoch, 0});
    for (const quint64 seq : {1, 2, 3})
        (void)shown(timeline, timeline.live(message(seq)));
    ChatMessage recent = message(4);
    recent.id = message(3).id;
    QCOMPARE(shown(timeline, timeline.live(recent)), Seqs{});
    ChatMessage old = message(5);
    old.id = message(1).id;
    QCOMPARE(shown(timeline, timeline.live(old)), Seqs{5});
}

QTEST_APPLESS_MAIN(TestRoomTimeline)
#include "tst_roomtimeline.moc"
