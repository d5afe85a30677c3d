// SPDX-License-Identifier: MIT
// How a run is dealt to threads and processes, and how what these tell becomes one record.
#include "client-cli/load/run/intervalcodec.h"
#include "client-cli/load/run/intervalqueue.h"
#include "client-cli/load/run/machine.h"
#include "client-cli/load/run/recordbuilder.h"
#include "client-cli/load/run/share.h"
#include "client-cli/load/run/stopsignal.h"
#include "shared/process/poller.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

using Rooms = std::vector<std::vector<std::uint16_t>>;

/// A part's second, with something in each kind of measurement.
Interval interval(std::uint32_t part, Offset end, std::uint64_t heard)
{
    Interval interval;
    interval.part = part;
    interval.end = end;
    interval.measurements = Measurements(1);
    interval.measurements.connected = 1;
    interval.measurements.connectAttempts = 2;
    interval.measurements.deliveries.received = heard;
    interval.measurements.deliveries.lost = 1;
    interval.measurements.loopLag.record(3ms);
    interval.measurements.phases[0].planned = 10;
    interval.measurements.phases[0].sent = 9;
    interval.measurements.phases[0].answered = 8;
    interval.measurements.phases[0].sendLag.record(2ms);
    for (std::uint64_t i = 0; i < heard; ++i)
        interval.measurements.phases[0].deliveryLatency.record(Offset(1000 * (part + 1)));
    interval.members = 4;
    interval.open = 5;
    interval.cpu = 0.25 * (part + 1);
    interval.outstanding = {1, 2, 3, 4};
    return interval;
}

RecordBuilder builder(std::size_t parts)
{
    RunRecord record;
    record.phases = {{"hold 1", 0s, 10s, 1, 1}};
    return RecordBuilder(record, parts);
}

} // namespace

class TestLoadParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void roomsStayWhole();
    void usersOfSeveralRoomsTieThem();
    void fewRoomsAreFewShares();
    void stopWakesAllThreads();
    void stopIsHeardByWhoComesLater();
    void rowsWaitForAllParts();
    void latePartIsAddedToItsRow();
    void lateUsersAreWhereTheyWere();
    void lostPartKeepsRowsAndSplits();
    void partsEndAtDifferentTimes();
    void splitsAreTheLatest();
    void failureAndNote();
    void intervalsCrossThreads();
    void intervalAsBytes();
    void intervalCutOff();
    void stolenTime();
};

void TestLoadParts::roomsStayWhole()
{
    Rooms rooms;
    for (std::uint16_t user = 0; user < 100; ++user)
        rooms.push_back({static_cast<std::uint16_t>(user % 7)});
    const auto shares = dealShares(rooms, 3);
    QCOMPARE(shares.size(), 3U);
    std::vector<int> ownersOfRoom(7);
    std::vector<int> ownersOfUser(100);
    for (const Share &share : shares) {
        QVERIFY(share.users.size() >= 28 && share.users.size() <= 44); // 7 rooms of 14 or 15
        QVERIFY(std::is_sorted(share.users.begin(), share.users.end()));
        for (const std::uint16_t room : share.rooms)
            ++ownersOfRoom[room];
        for (const std::uint32_t user : share.users) {
            ++ownersOfUser[user];
            QVERIFY(std::find(share.rooms.begin(), share.rooms.end(), rooms[user].front()) !=
                    share.rooms.end());
        }
    }
    QCOMPARE(ownersOfRoom, std::vector<int>(7, 1));
    QCOMPARE(ownersOfUser, std::vector<int>(100, 1));
    QCOMPARE(dealShares(rooms, 3), shares);
}

void TestLoadParts::usersOfSeveralRoomsTieThem()
{
    // 0-1-2 are tied through users 0 and 1, 3-4 through user 2.
    const auto shares = dealShares({{0, 1}, {1, 2}, {3, 4}, {4}, {2}}, 5);
    QCOMPARE(shares.size(), 2U);
    QCOMPARE(shares[0], (Share{{0, 1, 4}, {0, 1, 2}}));
    QCOMPARE(shares[1], (Share{{2, 3}, {3, 4}}));
}

void TestLoadParts::fewRoomsAreFewShares()
{
    QCOMPARE(dealShares({{0}, {0}, {0}}, 4), std::vector<Share>{(Share{{0, 1, 2}, {0}})});
    QCOMPARE(dealShares({}, 4), std::vector<Share>(1)); // a run without users is one
    QCOMPARE(dealShares({{0}, {1}}, 0).size(), 1U);
    // What is dealt is the whole, with no part more than one ahead.
    QCOMPARE(dealtTo(0, 5, 3) + dealtTo(1, 5, 3) + dealtTo(2, 5, 3), 5U);
    QCOMPARE(dealtTo(1, 5, 3), 2U);
    QCOMPARE(dealtTo(2, 5, 3), 1U);
}

void TestLoadParts::stopWakesAllThreads()
{
    struct Hearer final : parlor::Pollable
    {
        explicit Hearer(const StopSignal &signal)
            : stop(signal)
        {
        }
        void onEvents(std::uint32_t) override
        {
            ++woken;
            level = stop.level();
        }
        const StopSignal &stop;
        int woken = 0;
        StopSignal::Level level = StopSignal::Level::None;
    };
    StopSignal stop;
    std::atomic<int> atFirst = 0;
    std::atomic<int> atSecond = 0;
    std::atomic<int> wokenTwice = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            parlor::Poller poller(1);
            Hearer hearer(stop);
            if (!poller.add(stop.descriptor(), hearer, EPOLLIN | EPOLLET))
                return;
            while (hearer.level == StopSignal::Level::None)
                static_cast<void>(poller.wait(10s));
            ++atFirst;
            while (hearer.level != StopSignal::Level::AtOnce)
                static_cast<void>(poller.wait(10s));
            ++atSecond;
            wokenTwice += hearer.woken == 2 ? 1 : 0;
        });
    stop.raise(StopSignal::Level::PlanEnds);
    stop.raise(StopSignal::Level::PlanEnds); // nothing new
    const bool allHeard = QTest::qWaitFor([&] { return atFirst == 3; }, 10'000);
    stop.raise(StopSignal::Level::AtOnce);
    for (std::thread &thread : threads)
        thread.join();
    QVERIFY(allHeard);
    QCOMPARE(atSecond.load(), 3);
    QCOMPARE(wokenTwice.load(), 3); // a thread does not turn around a signal that stays readable
    stop.raise(StopSignal::Level::PlanEnds);
    QCOMPARE(stop.level(), StopSignal::Level::AtOnce);
}

void TestLoadParts::stopIsHeardByWhoComesLater()
{
    struct Counter final : parlor::Pollable
    {
        void onEvents(std::uint32_t) override { ++heard; }
        int heard = 0;
    };
    StopSignal stop;
    stop.raise(StopSignal::Level::PlanEnds);
    parlor::Poller poller(1);
    Counter counter;
    QVERIFY(poller.add(stop.descriptor(), counter, EPOLLIN | EPOLLET));
    QCOMPARE(poller.wait(0s), 1);
    QCOMPARE(counter.heard, 1);
}

void TestLoadParts::rowsWaitForAllParts()
{
    RecordBuilder all = builder(2);
    all.take(interval(0, 1s, 3));
    QVERIFY(!all.nextRow(1001ms));
    all.take(interval(0, 2s, 1));
    all.take(interval(1, 1s, 5));
    const auto row = all.nextRow(1100ms);
    QVERIFY(row);
    QVERIFY(!all.nextRow(2001ms)); // part 1 has not told of the second one
    QCOMPARE(row->end, Offset(1s));
    QCOMPARE(row->received, 8U);
    QCOMPARE(row->members, 8U);
    QCOMPARE(row->open, 10U);
    QCOMPARE(row->connects, 2U);
    QCOMPARE(row->failures, 2U);
    QCOMPARE(row->planned, 20U);
    QCOMPARE(row->sent, 18U);
    QCOMPARE(row->answered, 16U);
    QCOMPARE(row->faults, 2U);
    QCOMPARE(row->sendLag, Offset(2ms));
    QCOMPARE(row->loopLag, Offset(3ms));
    QCOMPARE(row->cpu, 0.5);
    QCOMPARE(row->latency.count(), 8U);
    QCOMPARE(row->latency.max(), Offset(2ms));
    const Measurements &sum = all.record().measurements;
    QCOMPARE(sum.deliveries.received, 8U); // no more than the rows that were handed out
    QCOMPARE(sum.phases[0].deliveryLatency.count(), 8U);
    QCOMPARE(all.record().threads[0].seconds, 2U);
    QCOMPARE(all.record().threads[1].meanCpu, 0.5);
    QCOMPARE(all.outstanding(), (Outstanding{2, 4, 6, 8}));
}

void TestLoadParts::latePartIsAddedToItsRow()
{
    RecordBuilder all = builder(2);
    all.take(interval(0, 1s, 3));
    QCOMPARE(all.nextLate(), Offset(2s));
    const auto row = all.nextRow(2s);
    QVERIFY(row);
    QCOMPARE(row->received, 3U);
    all.record().seconds.push_back(*row);
    all.take(interval(1, 1s, 5));
    QCOMPARE(all.record().seconds[0].received, 8U);
    QCOMPARE(all.record().seconds[0].end, Offset(1s));
    QCOMPARE(all.record().measurements.deliveries.received, 8U);
}

void TestLoadParts::lateUsersAreWhereTheyWere()
{
    RecordBuilder all = builder(2);
    const auto tell = [&all](std::uint32_t part, Offset end, std::uint32_t members) {
        Interval each = interval(part, end, 0);
        each.members = members;
        all.take(std::move(each));
    };
    const auto members = [&all] {
        std::vector<std::uint32_t> told;
        for (const Second &row : all.record().seconds)
            told.push_back(row.members);
        return told;
    };
    tell(0, 1s, 4);
    tell(1, 1s, 10);
    for (const Offset end : {2s, 3s, 4s}) {
        all.record().seconds.push_back(*all.nextRow(end));
        tell(0, end, 5);
    }
    QCOMPARE(members(), (std::vector<std::uint32_t>{14, 15, 15}));
    tell(1, 2s, 12);
    QCOMPARE(members(), (std::vector<std::uint32_t>{14, 17, 17}));
    tell(1, 3s, 13);
    QCOMPARE(members(), (std::vector<std::uint32_t>{14, 17, 18}));
    tell(1, 4s, 1);
    QCOMPARE(all.nextRow(4s)->members, 6U);
}

void TestLoadParts::lostPartKeepsRowsAndSplits()
{
    RecordBuilder all = builder(2);
    const std::vector<RoomSplit> splits{{"a", {{1, {}, {}}, {1, {}, {}}}}};
    Interval first = interval(1, 1s, 0);
    first.measurements.splits = splits;
    all.take(std::move(first));
    for (const Offset end : {1s, 2s, 3s, 4s}) {
        all.take(interval(0, end, 0));
        all.record().seconds.push_back(*all.nextRow(end + 1s));
    }
    Interval lost;
    lost.part = 1;
    lost.end = 4500ms;
    lost.isLast = lost.isLost = true;
    lost.measurements = Measurements(1);
    all.take(std::move(lost));
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(all.record().seconds[i].end, Offset(std::chrono::seconds(i + 1)));
        QCOMPARE(all.record().seconds[i].members, 8U);
    }
    QCOMPARE(all.record().measurements.splits, splits);
    Interval last = interval(0, 4700ms, 0);
    last.isLast = true;
    all.take(std::move(last));
    const auto row = all.nextRow(4700ms);
    QVERIFY(row);
    QCOMPARE(row->end, Offset(4700ms));
    QCOMPARE(row->members, 4U);
    QVERIFY(all.isOver());
}

void TestLoadParts::partsEndAtDifferentTimes()
{
    std::vector<Measurements> done;
    RunRecord record;
    record.phases = {{"hold 1", 0s, 10s, 1, 1}};
    RecordBuilder all(record, 2, [&done](Measurements &&each) { done.push_back(std::move(each)); });
    Interval early = interval(0, 700ms, 1);
    early.isLast = true;
    all.take(std::move(early));
    all.take(interval(1, 1s, 1));
    const auto first = all.nextRow(1s);
    QVERIFY(first);
    QCOMPARE(first->end, Offset(1s));
    QVERIFY(!all.isOver());
    QVERIFY(!all.nextRow(1s));
    Interval late = interval(1, 1300ms, 1);
    late.isLast = true;
    all.take(std::move(late));
    QVERIFY(!all.isOver()); // its row waits
    const auto last = all.nextRow(1300ms);
    QVERIFY(last);
    QCOMPARE(last->end, Offset(1300ms));
    QCOMPARE(last->members, 4U); // nobody of the part that had ended
    QVERIFY(all.isOver());
    QVERIFY(!all.nextRow(1min));
    QCOMPARE(all.record().duration, Offset(1300ms));
    QCOMPARE(done.size(), 3U);
}

void TestLoadParts::splitsAreTheLatest()
{
    RecordBuilder all = builder(2);
    const auto split = [](const std::string &room) { return RoomSplit{room, {{1, {}, {}}, {1, {}, {}}}}; };
    for (const std::uint32_t part : {0U, 1U}) {
        for (const Offset end : {1s, 2s}) {
            Interval each = interval(part, end, 0);
            each.measurements.splits = {split(part == 0 ? "a" : "b")};
            each.measurements.lonelyRooms =
                end == 2s ? std::vector<std::string>{"c"} : std::vector<std::string>{};
            all.take(std::move(each));
        }
    }
    QVERIFY(all.nextRow(1s));
    QVERIFY(all.nextRow(2s));
    QCOMPARE(all.record().measurements.splits, (std::vector<RoomSplit>{split("a"), split("b")}));
    QCOMPARE(all.record().measurements.lonelyRooms, (std::vector<std::string>{"c", "c"}));
}

void TestLoadParts::failureAndNote()
{
    RecordBuilder all = builder(2);
    Interval note = interval(0, 1s, 0);
    note.note = "process 1 of 2 ended by signal 9";
    note.isLast = true;
    note.cpu = -1;
    all.take(std::move(note));
    QVERIFY(all.failure().empty());
    QCOMPARE(all.record().notes, std::vector<std::string>{"process 1 of 2 ended by signal 9"});
    Interval failure = interval(1, 1s, 0);
    failure.failure = "no epoll";
    failure.isLast = true;
    all.take(std::move(failure));
    QCOMPARE(all.failure(), std::string("no epoll"));
    QVERIFY(all.nextRow(1s));
    QCOMPARE(all.record().threads[0].seconds, 0U); // too short to say
    QCOMPARE(all.record().threads[1].seconds, 1U);
}

void TestLoadParts::intervalsCrossThreads()
{
    IntervalQueue queue;
    QVERIFY(queue.isValid());
    QVERIFY(!queue.spare());
    std::vector<std::thread> threads;
    for (std::uint32_t part = 0; part < 3; ++part)
        threads.emplace_back([&queue, part] {
            for (int i = 1; i <= 100; ++i)
                queue.post(interval(part, Offset(i), 1));
        });
    std::vector<Offset> lastEnd(3);
    int came = 0;
    while (came < 300) {
        for (Interval &each : queue.take()) {
            ++came;
            QVERIFY(each.end > lastEnd[each.part]);
            lastEnd[each.part] = each.end;
            queue.giveBack(std::move(each.measurements));
        }
    }
    for (std::thread &thread : threads)
        thread.join();
    const auto spare = queue.spare();
    QVERIFY(spare);
    QCOMPARE(*spare, Measurements(1)); // nothing of what it held before
}

void TestLoadParts::intervalAsBytes()
{
    Interval sent = interval(7, 1234567us, 3);
    sent.isLast = true;
    sent.failure = "no epoll";
    sent.note = "gone";
    Measurements &m = sent.measurements;
    m.phases.emplace_back();
    m.phases[1].isMeasured = false;
    m.phases[1].held = 3;
    m.phases[1].fanOut.record(5s);
    m.deliveries.counted = 17;
    m.errors = {{"connect: Connection refused", 4}, {"", 1}};
    m.refusals = {{"rate_limited", 2}};
    m.closeCodes = {{1006, 1}, {4001, 9}};
    m.hosts = {{"a", 1}, {"b", 2}};
    m.hostLatency["b"].record(7ms);
    m.profiles.resize(2);
    m.profiles[1].held = 6;
    m.profiles[0].deliveryLatency.record(8ms);
    m.profiles[1].ackLatency.record(9ms);
    m.splits = {{"general", {{2, {{"a", 1}}, {"e1", "e2"}}, {1, {}, {}}}}};
    m.lonelyRooms = {"random"};
    std::string bytes;
    appendInterval(bytes, sent);
    const auto came = readInterval(bytes);
    QVERIFY(came);
    QCOMPARE(came->part, 7U);
    QCOMPARE(came->end, sent.end);
    QCOMPARE(came->isLast, true);
    QCOMPARE(came->measurements, sent.measurements);
    QCOMPARE(came->outstanding, sent.outstanding);
    QCOMPARE(came->members, 4U);
    QCOMPARE(came->open, 5U);
    QCOMPARE(came->cpu, 2.0);
    QCOMPARE(came->failure, sent.failure);
    QCOMPARE(came->note, sent.note);
    QCOMPARE(came->measurements.phases[0].deliveryLatency.percentile(99), Offset(8ms));
}

void TestLoadParts::intervalCutOff()
{
    std::string bytes;
    appendInterval(bytes, interval(0, 1s, 2));
    for (std::size_t length = 0; length < bytes.size(); ++length)
        QVERIFY(!readInterval(std::string_view(bytes).substr(0, length)));
    QVERIFY(!readInterval(bytes + "x"));
}

void TestLoadParts::stolenTime()
{
    QCOMPARE(stolenShare({100, 0}, {300, 50}), 0.25);
    QCOMPARE(stolenShare({100, 5}, {300, 5}), 0.0);
    QCOMPARE(stolenShare({0, 0}, {0, 0}), 0.0); // it cannot be read
    QVERIFY(processorTimes().all > 0);
    QVERIFY(!thisMachine().system.empty());
    QVERIFY(thisMachine().cores > 0);
}

PARLOR_TEST(TestLoadParts)
#include "tst_load_parts.moc"
