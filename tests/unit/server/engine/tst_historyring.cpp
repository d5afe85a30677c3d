// SPDX-License-Identifier: MIT
#include "server/engine/historyring.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

class TestHistoryRing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheNewest();
    void keepsAtLeastOne();
    void forgetsKeysWithTheirMessages();
    void numbersWithoutMessages();
    void otherFrames();

private:
    static HistoryRing::Entry entry(std::uint64_t seq, std::size_t size = 10, std::string key = {})
    {
        return {seq, {}, {}, std::move(key), SharedBytes(std::string(size, 'x'))};
    }
};

void TestHistoryRing::keepsTheNewest()
{
    HistoryRing ring;
    for (std::uint64_t seq = 1; seq <= HistoryRing::kMaxMessages + 5; ++seq)
        ring.append(entry(seq));
    QCOMPARE(ring.oldest().seq, std::uint64_t(6));
    QCOMPARE(ring.after(0, 3).firstSeq, std::uint64_t(6));
    QCOMPARE(ring.before(~0ULL, 3).lastSeq, std::uint64_t(HistoryRing::kMaxMessages + 5));
    QVERIFY(ring.before(6, 3).events.empty());
}

void TestHistoryRing::keepsAtLeastOne()
{
    HistoryRing ring;
    ring.append(entry(1, 2 * HistoryRing::kMaxBytes));
    QVERIFY(!ring.isEmpty());
    QCOMPARE(ring.after(0, 10).events.size(), std::size_t(1));
    ring.append(entry(2));
    QCOMPARE(ring.oldest().seq, std::uint64_t(2));
    QVERIFY(ring.bytes() < 1000);
}

void TestHistoryRing::forgetsKeysWithTheirMessages()
{
    HistoryRing ring;
    ring.append(entry(1, 10, HistoryRing::idempotencyKey("user", "cid")));
    QVERIFY(ring.find(HistoryRing::idempotencyKey("user", "cid")));
    QVERIFY(!ring.find(HistoryRing::idempotencyKey("use", "rcid")));
    ring.dropOldest();
    QVERIFY(!ring.find(HistoryRing::idempotencyKey("user", "cid")));
    QCOMPARE(ring.bytes(), std::size_t(0));
}

void TestHistoryRing::numbersWithoutMessages()
{
    HistoryRing ring(8); // of 1 to 7 three are left: 2, 5 and 6
    ring.prepend({2, 8, {entry(2), entry(5, 10, "key"), entry(6)}});
    QVERIFY(ring.covers(7) && !ring.covers(1) && !ring.covers(8));
    QCOMPARE(ring.find("key")->seq, std::uint64_t(5));
    QCOMPARE(ring.countBefore(6), std::size_t(2));
    const auto next = ring.after(2, 1);
    QCOMPARE(next.lastSeq, std::uint64_t(5));
    const auto last = ring.after(5, 200);
    QCOMPARE(last.events.size(), std::size_t(1));
    QCOMPARE(last.lastSeq, std::uint64_t(7)); // there is no more up to here
    QCOMPARE(ring.before(6, 1).firstSeq, std::uint64_t(5));
    QCOMPARE(ring.before(5, 200).firstSeq, std::uint64_t(2));
    ring.append(entry(8));
    QCOMPARE(ring.after(5, 200).events.size(), std::size_t(2));
    ring.dropBefore(4);
    QCOMPARE(ring.begin(), std::uint64_t(4));
    QCOMPARE(ring.oldest().seq, std::uint64_t(5));
    QVERIFY(ring.after(8, 200).events.empty() && ring.after(~0ULL, 200).events.empty());
}

void TestHistoryRing::otherFrames()
{
    HistoryRing ring(3);
    ring.prepend({1, 3, {entry(1, 500, "key"), entry(2)}});
    ring.append(entry(3, 700));
    const std::size_t before = ring.bytes();
    ring.replace(1, SharedBytes("left"));
    ring.replace(3, SharedBytes("less"));
    QCOMPARE(ring.bytes(), before - 500 - 700 + 8);
    QCOMPARE(ring.find("key")->frame.view(), std::string_view("left"));
    QCOMPARE(ring.at(3)->frame.view(), std::string_view("less"));
    for (int i = 0; i < 3; ++i)
        ring.dropOldest();
    QCOMPARE(ring.bytes(), std::size_t(0));
}

PARLOR_TEST(TestHistoryRing)
#include "tst_historyring.moc"
