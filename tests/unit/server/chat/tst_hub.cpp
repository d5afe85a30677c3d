// SPDX-License-Identifier: MIT
#include "server/chat/hub.h"

#include "shared/protocol/limits.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <string>
#include <vector>

using namespace parlor;
using namespace std::chrono_literals;

namespace {

/// Counts the slices that it gets, and their bytes.
struct HubListener final : Subscriber
{
    void take(const Slice &slice, Route) override
    {
        ++slices;
        bytes += slice.size();
    }
    void onMoved(Fanout &, std::uint32_t index) override { place = index; }
    std::uint32_t place = 0;
    int slices = 0;
    std::size_t bytes = 0;
};

constexpr std::size_t kAllSends = 1'000'000; // sends

} // namespace

class TestHub : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_hub = std::make_unique<Hub>(m_metrics); }
    void largeRoomsArePaced();
    void singleMessagesAreNot();
    void smallRoomsAreNot();
    void aFlushInPartsCountsWhole();
    void heldRoomsDoNotHoldOthers();
    void aCrowdThatComesAtOnce();

private:
    void say(const RoomName &room, const char *json = "{}") { m_hub->publish({room, SharedBytes(json)}); }
    std::vector<HubListener> crowd(const RoomName &room, std::size_t size, Dialect dialect = Dialect::V2)
    {
        std::vector<HubListener> members(size);
        for (HubListener &each : members)
            each.place = m_hub->room(room).fanout.add(each, dialect);
        return members;
    }

    WorkerMetrics m_metrics;
    std::unique_ptr<Hub> m_hub;
    SteadyTime m_now = SteadyTime(100s);
};

void TestHub::largeRoomsArePaced()
{
    const auto room = std::make_shared<const std::string>("large");
    const auto members = crowd(room, 64);
    say(room);
    say(room);
    QVERIFY(!m_hub->flush(kAllSends, m_now).unfinished);
    QCOMPARE(members.back().slices, 1);
    m_hub->onFlushed(10ms, m_now);
    // WHEN more is said, it waits for half of that, and leaves together
    say(room);
    say(room);
    const auto held = m_hub->flush(kAllSends, m_now + 4ms);
    QVERIFY(!held.unfinished);
    QCOMPARE(held.resumeAt, std::optional(m_now + 5ms));
    m_hub->onFlushed(1ms, m_now + 4ms); // of others: changes nothing
    QCOMPARE(members.back().slices, 1);
    const auto flushed = m_hub->flush(kAllSends, m_now + 5ms);
    QVERIFY(!flushed.unfinished && !flushed.resumeAt);
    QCOMPARE(members.back().slices, 2);
    QCOMPARE(members.back().bytes, std::size_t(4 * 4)); // a header of two bytes each
}

void TestHub::singleMessagesAreNot()
{
    // What comes one by one has nothing to be joined with: it would only be late.
    const auto room = std::make_shared<const std::string>("large");
    const auto members = crowd(room, 100);
    const auto oldClients = crowd(room, 100, Dialect::V1);
    for (int i = 1; i <= 3; ++i) {
        say(room);
        QVERIFY(!m_hub->flush(kAllSends, m_now).resumeAt);
        m_hub->onFlushed(10ms, m_now);
        QCOMPARE(members.front().slices, i);
        QCOMPARE(oldClients.front().slices, i);
    }
}

void TestHub::smallRoomsAreNot()
{
    const auto room = std::make_shared<const std::string>("small");
    const auto members = crowd(room, 63);
    for (int i = 1; i <= 3; ++i) {
        say(room);
        QVERIFY(!m_hub->flush(kAllSends, m_now).resumeAt);
        m_hub->onFlushed(10ms, m_now);
        QCOMPARE(members.front().slices, i);
    }
}

void TestHub::aFlushInPartsCountsWhole()
{
    const auto room = std::make_shared<const std::string>("huge");
    const auto members = crowd(room, 100);
    say(room);
    say(room);
    for (int part = 0; part < 3; ++part) {
        QVERIFY(m_hub->flush(30, m_now).unfinished);
        m_hub->onFlushed(3ms, m_now);
    }
    QVERIFY(!m_hub->flush(30, m_now).unfinished);
    m_hub->onFlushed(1ms, m_now);
    say(room);
    QCOMPARE(m_hub->flush(kAllSends, m_now).resumeAt, std::optional(m_now + 5ms));
    QCOMPARE(members.back().slices, 1);
}

void TestHub::heldRoomsDoNotHoldOthers()
{
    const auto held = std::make_shared<const std::string>("held");
    const auto other = std::make_shared<const std::string>("other");
    const auto largeCrowd = crowd(held, 64);
    const auto smallCrowd = crowd(other, 3);
    say(held);
    say(held);
    (void)m_hub->flush(kAllSends, m_now);
    m_hub->onFlushed(10ms, m_now);
    say(held);
    say(other);
    QVERIFY(m_hub->flush(kAllSends, m_now).resumeAt);
    QCOMPARE(largeCrowd.front().slices, 1);
    QCOMPARE(smallCrowd.front().slices, 1);
}

/// What 5000 joins cost is told by ticks and members, not by joins times members.
void TestHub::aCrowdThatComesAtOnce()
{
    constexpr std::uint64_t kJoins = 5000;
    constexpr std::uint64_t kJoinsATick = 500;
    constexpr std::uint64_t kMembers = 100;
    const auto room = std::make_shared<const std::string>("crowd");
    const auto newClients = crowd(room, kMembers, Dialect::V2);
    const auto oldClients = crowd(room, kMembers, Dialect::V1);
    const std::uint64_t before = m_metrics.deliveries.value();
    for (std::uint64_t i = 1; i <= kJoins; ++i) {
        const auto joiner = std::make_shared<const Identity>(Identity(std::to_string(i)));
        m_hub->presenceChanged(
            {room, joiner, delivery::PresenceChanged::What::Joined, {}, limits::kMembersPage + i});
        if (i % kJoinsATick == 0)
            m_hub->tick();
    }
    constexpr std::uint64_t kTicks = kJoins / kJoinsATick;
    QCOMPARE(m_metrics.deliveries.value() - before, kTicks * kMembers * (1 + PresenceDelta::kMostInCrowd));
    (void)m_hub->flush(kAllSends, m_now);
    QVERIFY(newClients.front().bytes < kTicks * 8192);
    QVERIFY(oldClients.front().bytes < kTicks * 8192);
}

PARLOR_TEST(TestHub)
#include "tst_hub.moc"
