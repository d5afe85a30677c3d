// SPDX-License-Identifier: MIT
#include "shared/client/roomtimeline.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;

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

/// The top is that of messages().
frame::Sync head(quint64 top, bool recovered, std::optional<frame::SyncReason> reason = std::nullopt)
{
    static std::string id;
    id = "id" + std::to_string(top);
    frame::Sync sync;
    sync.seq = top;
    sync.id = id;
    sync.recovered = recovered;
    sync.reason = reason;
    return sync;
}

const QString kEpoch = QStringLiteral("e1");

/// After the message with this seq, as messages() has it.
RoomPosition at(quint64 seq, const QString &epoch = kEpoch)
{
    return {epoch, seq, QStringLiteral("id%1").arg(seq)};
}

/// Another history's message with this seq.
ChatMessage forked(quint64 seq)
{
    ChatMessage other = message(seq);
    other.id = QStringLiteral("fork%1").arg(seq);
    return other;
}

/// The event that deletes the message with this id.
ChatMessage deletion(quint64 seq, const QString &target)
{
    ChatMessage event = message(seq);
    event.deletes = target;
    return event;
}

ChatMessage tombstone(quint64 seq)
{
    ChatMessage left = message(seq);
    left.deletedBy = DeletedBy{u"ann"_s, u"Ann"_s, {}};
    return left;
}

QStringList ids(const RoomTimeline::Step &step)
{
    QStringList all;
    for (const ChatMessage &each : step.show)
        all.append(each.id);
    return all;
}

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
    void theServerIsBackWithAnOlderHistory();
    void theServerIsBackWithAForkedHistory_data();
    void theServerIsBackWithAForkedHistory();
    void theLostHistoryIsBack();
    void anotherReasonUnderANewEpoch();
    void anotherSyncAmidThePages();
    void anotherSyncOfTheSameKindAmidThePages_data();
    void anotherSyncOfTheSameKindAmidThePages();
    void unaskedSyncOfAFork_data();
    void unaskedSyncOfAFork();
    void pagesThatEndTooOldKeepTheirReason();
    void pagesThatEndTooOldLeaveAHole();
    void whatWasSentAgainIsNotShownTwice();
    void unknownEventsArePassedOver();
    void deletionsHaveTheirPlace();
    void deletedMessagesOfAPage();
    void deletedWhileAway_data();
    void deletedWhileAway();
    void aPositionWithoutMessages();
    void aPositionWithoutId();
    void aHoleAtTheTop();
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
    QCOMPARE(*timeline.position(), at(43));
}

void TestRoomTimeline::emptySyncSetsThePosition()
{
    RoomTimeline timeline;
    const auto step = timeline.sync({kEpoch, {}, false}, head(9, false));
    QVERIFY(step.upToDate);
    QVERIFY(!step.askAfter);
    QVERIFY(shown(timeline, step).isEmpty());
    QCOMPARE(*timeline.position(), at(9));
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
    QTest::newRow("diverged") << int(frame::SyncReason::Diverged);
    QTest::newRow("unknown") << int(frame::SyncReason::Unknown);
}

void TestRoomTimeline::failedResume()
{
    QFETCH(int, reason);
    const auto why = static_cast<frame::SyncReason>(reason);
    RoomTimeline timeline;
    timeline.restore(at(500));
    auto step = timeline.sync({kEpoch, messages({7, 8}), true}, head(9, false, why));
    QVERIFY2(step.show.empty(), "the next page may have what was seen");
    step = timeline.sync({kEpoch, messages({9}), false}, head(9, false, why));
    QCOMPARE(step.missing, std::optional(MissingMessages{why}));
    QCOMPARE(shown(timeline, step), (Seqs{7, 8, 9}));
    QCOMPARE(*timeline.position(), at(9));
}

void TestRoomTimeline::newNumberingDropsWhatWasSeenById()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({QStringLiteral("e0"), messages({1, 2, 3}), false}, head(3, false)));
    std::vector<ChatMessage> events = messages({1, 2});
    events[1].id = QStringLiteral("fresh");
    const auto step = timeline.sync({kEpoch, events, false}, head(2, false, frame::SyncReason::Epoch));
    QCOMPARE(shown(timeline, step), Seqs{2});
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 2, QStringLiteral("fresh")}));
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
    QCOMPARE(*timeline.position(), at(6, QStringLiteral("e0")));
    QCOMPARE(shown(timeline, step), Seqs{7});
    QCOMPARE(*timeline.position(), at(7));
    QCOMPARE(shown(timeline, timeline.live(message(8))), Seqs{8});
}

/// By an earlier process.
void TestRoomTimeline::whatWasSeenIsKnownFromTheStart()
{
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 6}, {{QStringLiteral("id5"), {}}, {QStringLiteral("id6"), {}}});
    const auto step =
        timeline.sync({kEpoch, messages({3, 4, 5, 6}), false}, head(6, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), at(6));
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
    const auto step = timeline.sync({kEpoch, events, false}, head(7, false, why));
    QCOMPARE(step.missing, std::optional(MissingMessages{why}));
    QCOMPARE(step.show.size(), std::size_t{1});
    QCOMPARE(step.show[0].id, QStringLiteral("fresh"));
    QCOMPARE(shown(timeline, step), Seqs{7});
}

/// By the numbers one asks for older ones, and they mean others now.
void TestRoomTimeline::newNumbersOfWhatWasSeenAreAHole()
{
    RoomTimeline timeline;
    timeline.restore({QStringLiteral("e0"), 60, QStringLiteral("id6")});
    const auto step =
        timeline.sync({kEpoch, messages({5, 6, 7}), false}, head(7, false, frame::SyncReason::Epoch));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Epoch}));
    QCOMPARE(shown(timeline, step), Seqs{7});
}

/// The first page has only what is older than all that we know.
void TestRoomTimeline::severalPagesAreJudgedTogether()
{
    RoomTimeline timeline;
    timeline.restore(at(5, QStringLiteral("e0")));
    const auto newest = head(7, false, frame::SyncReason::Epoch);
    auto step = timeline.sync({kEpoch, messages({1, 2}), true}, newest);
    QVERIFY(!step.upToDate && !step.missing);
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), at(5, QStringLiteral("e0")));
    step = timeline.sync({kEpoch, messages({3, 4}), true}, newest);
    QCOMPARE(shown(timeline, step), Seqs{});
    step = timeline.sync({kEpoch, messages({5, 6, 7}), false}, newest);
    QVERIFY(step.upToDate && !step.missing);
    QCOMPARE(shown(timeline, step), (Seqs{6, 7}));
    QCOMPARE(*timeline.position(), at(7));
}

void TestRoomTimeline::lostConnectionForgetsThePagesThatWait()
{
    RoomTimeline timeline;
    timeline.restore(at(5, QStringLiteral("e0")));
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

/// What was seen stays, what comes has its numbers.
void TestRoomTimeline::theServerIsBackWithAnOlderHistory()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({kEpoch, messages({5, 6, 7, 8}), false}, head(8, false)));
    timeline.connectionLost();
    auto step = timeline.sync({kEpoch, messages({4, 5, 6}), false}, head(6, false, frame::SyncReason::Ahead));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Ahead}));
    QVERIFY(step.upToDate && !step.askAfter);
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), at(6));

    timeline.connectionLost();
    step = timeline.sync({kEpoch, {forked(7), forked(8)}, false}, head(8, true));
    QVERIFY(!step.missing);
    QCOMPARE(ids(step), (QStringList{QStringLiteral("fork7"), QStringLiteral("fork8")}));
    (void)shown(timeline, step);
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 8, QStringLiteral("fork8")}));
}

void TestRoomTimeline::theServerIsBackWithAForkedHistory_data()
{
    QTest::addColumn<bool>("restarted");
    QTest::newRow("seen by this process") << false;
    QTest::newRow("seen by an earlier one") << true;
}

void TestRoomTimeline::theServerIsBackWithAForkedHistory()
{
    QFETCH(bool, restarted);
    RoomTimeline timeline;
    if (restarted) {
        QList<ShownMessage> seen;
        for (const ChatMessage &each : messages({5, 6, 7, 8}))
            seen.append({each.id, {}});
        timeline.restore(at(8), seen);
    } else {
        (void)shown(timeline, timeline.sync({kEpoch, messages({5, 6, 7, 8}), false}, head(8, false)));
        timeline.connectionLost();
    }
    auto step = timeline.sync({kEpoch, {message(5), message(6), forked(7), forked(8), forked(9)}, false},
                              head(9, false, frame::SyncReason::Diverged));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Diverged}));
    QCOMPARE(step.missingAt, std::size_t{0});
    QCOMPARE(ids(step),
             (QStringList{QStringLiteral("fork7"), QStringLiteral("fork8"), QStringLiteral("fork9")}));
    QCOMPARE(shown(timeline, step), (Seqs{7, 8, 9}));
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 9, QStringLiteral("fork9")}));
    step = timeline.live(message(10));
    QVERIFY(!step.missing && !step.askAfter);
    QCOMPARE(shown(timeline, step), Seqs{10});
}

/// The wrong file was put back first, and then the right one.
void TestRoomTimeline::theLostHistoryIsBack()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({kEpoch, messages({5, 6, 7}), false}, head(7, false)));
    timeline.connectionLost();
    auto step =
        timeline.sync({kEpoch, {message(6), forked(7)}, false}, head(7, false, frame::SyncReason::Diverged));
    QCOMPARE(shown(timeline, step), Seqs{7});
    timeline.connectionLost();
    step =
        timeline.sync({kEpoch, messages({5, 6, 7, 8}), false}, head(8, false, frame::SyncReason::Diverged));
    QVERIFY(step.missing); // of the other one
    QCOMPARE(ids(step), QStringList{QStringLiteral("id8")});
    (void)shown(timeline, step);
    timeline.connectionLost();
    step = timeline.sync({QStringLiteral("e2"), messages({7, 8}), false},
                         head(8, false, frame::SyncReason::Epoch));
    QVERIFY2(!step.missing, "it is at 8 in this history");
    QCOMPARE(shown(timeline, step), Seqs{});
}

/// Whatever it says: the numbers are others.
void TestRoomTimeline::anotherReasonUnderANewEpoch()
{
    RoomTimeline timeline;
    timeline.restore(at(8));
    const auto step = timeline.sync({QStringLiteral("e2"), {forked(20)}, false},
                                    head(20, false, frame::SyncReason::Unknown));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Epoch}));
}

/// It came unasked, and the epoch does not tell it from a further page.
void TestRoomTimeline::anotherSyncAmidThePages()
{
    RoomTimeline timeline;
    timeline.restore(at(5));
    auto step = timeline.sync({kEpoch, messages({6, 7}), true}, head(9, true));
    QCOMPARE(shown(timeline, step), (Seqs{6, 7}));
    step =
        timeline.sync({kEpoch, {message(6), forked(7)}, false}, head(7, false, frame::SyncReason::Diverged));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Diverged}));
    QVERIFY(step.upToDate && !step.askAfter);
    QCOMPARE(ids(step), QStringList{QStringLiteral("fork7")});
}

void TestRoomTimeline::anotherSyncOfTheSameKindAmidThePages_data()
{
    QTest::addColumn<bool>("diverged"); // both; else pages of what was missed, and one that ends them
    QTest::addColumn<quint64>("top");
    QTest::newRow("another message") << false << quint64(7);
    QTest::newRow("none") << false << quint64(6);
    QTest::newRow("another message, after a join that told of a fork") << true << quint64(7);
    QTest::newRow("none, after a join that told of a fork") << true << quint64(6);
}

/// Neither the epoch nor the reason tells it from a further page, but what is in it does.
void TestRoomTimeline::anotherSyncOfTheSameKindAmidThePages()
{
    QFETCH(bool, diverged);
    QFETCH(quint64, top);
    RoomTimeline timeline;
    timeline.restore(at(5));
    const auto reason = diverged ? frame::SyncReason::Diverged : frame::SyncReason::TooOld;
    auto step = diverged ? timeline.sync({kEpoch, messages({6, 7}), true}, head(9, false, reason))
                         : timeline.sync({kEpoch, messages({6, 7}), true}, head(9, true));
    (void)shown(timeline, step);
    std::vector<ChatMessage> page = messages({5, 6});
    if (top == 7)
        page.push_back(forked(7));
    step = timeline.sync({kEpoch, page, false}, head(top, false, reason));
    QVERIFY(step.upToDate && !step.askAfter);
    (void)shown(timeline, step);
    QCOMPARE(*timeline.position(),
             (RoomPosition{kEpoch, top, top == 7 ? QStringLiteral("fork7") : QStringLiteral("id6")}));
    QCOMPARE(ids(timeline.live(forked(top + 1))), QStringList{QStringLiteral("fork%1").arg(top + 1)});
}

void TestRoomTimeline::unaskedSyncOfAFork_data()
{
    QTest::addColumn<int>("reason");
    QTest::addColumn<QString>("epoch");
    using enum frame::SyncReason;
    QTest::newRow("diverged") << int(Diverged) << kEpoch;
    QTest::newRow("too old") << int(TooOld) << kEpoch;
    QTest::newRow("ahead") << int(Ahead) << kEpoch;
    QTest::newRow("unknown") << int(Unknown) << kEpoch;
    QTest::newRow("another epoch") << int(Epoch) << QStringLiteral("e2");
    QTest::newRow("another epoch, and another reason") << int(Diverged) << QStringLiteral("e2");
}

/// A replica without 7 and 8 took over, and gave 7 to another message.
void TestRoomTimeline::unaskedSyncOfAFork()
{
    QFETCH(int, reason);
    QFETCH(QString, epoch);
    RoomTimeline timeline;
    timeline.restore(at(5));
    (void)shown(timeline, timeline.sync({kEpoch, messages({6}), false}, head(6, true)));
    QCOMPARE(shown(timeline, timeline.live(message(7))), Seqs{7});
    QCOMPARE(shown(timeline, timeline.live(message(8))), Seqs{8});
    QCOMPARE(timeline.live(message(10)).askAfter, std::optional<quint64>(8)); // of a hole, too

    auto step = timeline.sync({epoch, {message(5), message(6), forked(7)}, false},
                              head(7, false, frame::SyncReason(reason)));
    QVERIFY(step.missing);
    QCOMPARE(step.missingAt, std::size_t(0));
    QCOMPARE(ids(step), QStringList{QStringLiteral("fork7")});
    QVERIFY(!step.askAfter);
    (void)shown(timeline, step);
    QCOMPARE(*timeline.position(), (RoomPosition{epoch, 7, QStringLiteral("fork7")}));
    step = timeline.live(forked(8));
    QVERIFY(!step.missing && !step.askAfter);
    QCOMPARE(ids(step), QStringList{QStringLiteral("fork8")});
    (void)shown(timeline, step);

    // To who has all of it, another one says nothing.
    step = timeline.sync({epoch, {message(6), forked(7), forked(8)}, false},
                         head(8, false, frame::SyncReason(reason)));
    QVERIFY(!step.missing && step.show.empty());
    (void)shown(timeline, step);
    QCOMPARE(*timeline.position(), (RoomPosition{epoch, 8, QStringLiteral("fork8")}));
}

void TestRoomTimeline::pagesThatEndTooOldKeepTheirReason()
{
    RoomTimeline timeline;
    timeline.restore(at(5));
    (void)timeline.sync({kEpoch, {forked(4)}, true}, head(6, false, frame::SyncReason::Diverged));
    const auto step =
        timeline.sync({kEpoch, {forked(5), forked(6)}, false}, head(6, false, frame::SyncReason::TooOld));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::Diverged}));
    QCOMPARE(shown(timeline, step), (Seqs{4, 5, 6}));
}

/// A slow reader's pages were dropped while it read: the last page has the newest messages.
void TestRoomTimeline::pagesThatEndTooOldLeaveAHole()
{
    RoomTimeline timeline;
    timeline.restore(at(3));
    QCOMPARE(shown(timeline, timeline.sync({kEpoch, messages({4, 5}), true}, head(100, true))), (Seqs{4, 5}));
    const auto step =
        timeline.sync({kEpoch, messages({99, 100}), false}, head(100, false, frame::SyncReason::TooOld));
    QCOMPARE(step.missing, std::optional(MissingMessages{frame::SyncReason::TooOld}));
    QCOMPARE(step.missingAt, std::size_t(0));
    QCOMPARE(shown(timeline, step), (Seqs{99, 100}));
    QVERIFY(!step.askAfter);
    timeline.connectionLost();
    (void)timeline.sync({kEpoch, messages({101}), true}, head(103, true));
    const auto joined = timeline.sync({kEpoch, messages({101, 102, 103}), false},
                                      head(103, false, frame::SyncReason::TooOld));
    QVERIFY(!joined.missing); // nothing is missing between
    QCOMPARE(shown(timeline, joined), (Seqs{102, 103}));
    timeline.connectionLost();
    QCOMPARE(shown(timeline, timeline.sync({kEpoch, messages({104}), true}, head(120, true))), Seqs{104});
    // By now even the newest messages are gone.
    auto none = timeline.sync({kEpoch, {}, false}, head(120, false, frame::SyncReason::TooOld));
    QCOMPARE(none.askAfter, std::optional<quint64>(104));
    none = timeline.history({kEpoch, {}, false});
    QCOMPARE(none.missing, std::optional(MissingMessages{}));
    QCOMPARE(shown(timeline, none), Seqs{});
    QCOMPARE(shown(timeline, timeline.live(message(121))), Seqs{121});
}

/// Its author did not hear that the server had it, and the server lost it.
void TestRoomTimeline::whatWasSentAgainIsNotShownTwice()
{
    const auto composed = [](ChatMessage message, const QString &user) {
        message.user = user;
        message.cid = QStringLiteral("c1");
        return message;
    };
    const QString ann = QStringLiteral("ann");
    RoomTimeline timeline;
    timeline.restore(at(5));
    QCOMPARE(shown(timeline, timeline.live(composed(message(6), ann))), Seqs{6});
    timeline.connectionLost();
    auto step = timeline.sync({kEpoch, {message(5)}, false}, head(5, false, frame::SyncReason::Ahead));
    QVERIFY(step.missing);
    (void)shown(timeline, step);
    step = timeline.live(composed(forked(6), ann));
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), (RoomPosition{kEpoch, 6, QStringLiteral("fork6")}));
    QCOMPARE(shown(timeline, timeline.live(composed(message(7), QStringLiteral("ben")))), Seqs{7});

    // So it is for who starts anew there, and nothing is missing under the new id.
    RoomTimeline later;
    later.restore({kEpoch, 6, QStringLiteral("fork6")},
                  {{QStringLiteral("id6"), composedName(ann, QStringLiteral("c1"))}});
    step = later.sync({QStringLiteral("e2"), {composed(forked(6), ann), message(7)}, false},
                      head(7, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QCOMPARE(shown(later, step), Seqs{7});
}

/// Which a later version will say, in syncs as in the history.
void TestRoomTimeline::unknownEventsArePassedOver()
{
    const auto unknown = [](quint64 seq) {
        ChatMessage event = message(seq);
        event.isOfUnknownType = true;
        return event;
    };
    RoomTimeline timeline;
    timeline.restore(at(5));
    auto step = timeline.sync({kEpoch, {unknown(6), message(7), unknown(8)}, false}, head(8, true));
    QVERIFY(!step.missing && !step.askAfter);
    QCOMPARE(shown(timeline, step), Seqs{7});
    QCOMPARE(*timeline.position(), at(8));
    QCOMPARE(timeline.live(message(11)).askAfter, std::optional<quint64>(8)); // a live one is not heard
    step = timeline.history({kEpoch, {unknown(9), unknown(10), message(11)}, false});
    QVERIFY(!step.missing && !step.askAfter);
    QCOMPARE(shown(timeline, step), Seqs{11});

    // A position there is recognised, too.
    timeline.restore(at(12), {{QStringLiteral("id11"), {}}});
    step = timeline.sync({QStringLiteral("e2"), {message(11), unknown(12), message(13)}, false},
                         head(13, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QCOMPARE(shown(timeline, step), Seqs{13});
}

/// It comes from the top of a sync, and tells as well as a message what was seen.
/// Of what is here, and of what is not.
void TestRoomTimeline::deletionsHaveTheirPlace()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({kEpoch, messages({4, 5}), false}, head(5, false)));
    for (const quint64 seq : {6, 7}) {
        const auto step = timeline.live(deletion(seq, seq == 6 ? u"id5"_s : u"id2"_s));
        QVERIFY(!step.askAfter && step.blank.empty());
        QCOMPARE(shown(timeline, step), Seqs{seq});
        QCOMPARE(step.show.front().deletes, seq == 6 ? u"id5"_s : u"id2"_s);
        QCOMPARE(*timeline.position(), at(seq));
    }
    // Once, and in its turn.
    QCOMPARE(shown(timeline, timeline.live(deletion(7, u"id2"_s))), Seqs{});
    QCOMPARE(timeline.live(deletion(9, u"id4"_s)).askAfter, std::optional<quint64>(7));
    QCOMPARE(shown(timeline, timeline.live(message(8))), (Seqs{8, 9}));
}

/// A tombstone is shown where nothing of it was, and its deletion follows it.
void TestRoomTimeline::deletedMessagesOfAPage()
{
    RoomTimeline timeline;
    const auto step =
        timeline.sync({kEpoch, {message(1), tombstone(2), deletion(3, u"id2"_s)}, false}, head(3, false));
    QVERIFY(step.blank.empty());
    QCOMPARE(shown(timeline, step), (Seqs{1, 2, 3}));
    QVERIFY(step.show[1].deletedBy && step.show[1].deletes.isEmpty());
    QCOMPARE(*timeline.position(), at(3));
}

void TestRoomTimeline::deletedWhileAway_data()
{
    QTest::addColumn<bool>("recovered");
    QTest::newRow("resumed: the deletion comes") << true;
    QTest::newRow("with the newest: the tombstone comes, too") << false;
}

void TestRoomTimeline::deletedWhileAway()
{
    QFETCH(bool, recovered);
    RoomTimeline timeline;
    timeline.restore(at(5), {{u"id4"_s, {}}, {u"id5"_s, {}}});
    std::vector<ChatMessage> page{message(6), deletion(7, u"id4"_s)};
    if (!recovered)
        page.insert(page.begin(), {tombstone(4), message(5)});
    const auto step = timeline.sync(
        {kEpoch, page, false},
        head(7, recovered, recovered ? std::nullopt : std::optional(frame::SyncReason::TooMany)));
    QVERIFY(!step.missing);
    QCOMPARE(step.blank.size(), recovered ? 0U : 1U);
    if (!recovered)
        QCOMPARE(step.blank.front().id, u"id4"_s);
    QCOMPARE(shown(timeline, step), (Seqs{6, 7}));
    QCOMPARE(step.show.back().deletes, u"id4"_s);
}

void TestRoomTimeline::aPositionWithoutMessages()
{
    RoomTimeline timeline;
    (void)shown(timeline, timeline.sync({kEpoch, {}, false}, head(9, false)));
    QCOMPARE(*timeline.position(), at(9));
    const auto step = timeline.sync({QStringLiteral("e2"), messages({8, 9, 10}), false},
                                    head(10, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QCOMPARE(shown(timeline, step), Seqs{10});
}

/// An earlier version kept it. The server cannot prove it, the messages can.
void TestRoomTimeline::aPositionWithoutId()
{
    RoomTimeline timeline;
    timeline.restore({kEpoch, 6}, {{QStringLiteral("id6"), {}}});
    auto step = timeline.sync({kEpoch, messages({5, 6, 7}), false}, head(7, false, frame::SyncReason::Epoch));
    QVERIFY(!step.missing);
    QCOMPARE(shown(timeline, step), Seqs{7});
    RoomTimeline other;
    other.restore({kEpoch, 6}, {{QStringLiteral("id5"), {}}});
    step = other.sync({kEpoch, messages({5, 6, 7}), false}, head(7, false, frame::SyncReason::Epoch));
    QVERIFY(step.missing);
    QCOMPARE(shown(other, step), (Seqs{6, 7}));
}

/// Where the history has nothing, the sync has told the id.
void TestRoomTimeline::aHoleAtTheTop()
{
    RoomTimeline timeline;
    timeline.restore(at(1));
    auto step = timeline.sync({kEpoch, messages({2}), false}, head(5, true));
    QCOMPARE(shown(timeline, step), Seqs{2});
    step = timeline.history({kEpoch, {}, false});
    QVERIFY(step.missing);
    QCOMPARE(shown(timeline, step), Seqs{});
    QCOMPARE(*timeline.position(), at(5));
}

PARLOR_TEST(TestRoomTimeline)
#include "tst_roomtimeline.moc"
