// SPDX-License-Identifier: MIT
#include "server/engine/historyring.h"

#include <QTest>

using namespace parlor;

class TestHistoryRing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheNewest();
    void keepsAtLeastOne();
    void forgetsKeysWithTheirMessages();

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

QTEST_APPLESS_MAIN(TestHistoryRing)
#include "tst_historyring.moc"
