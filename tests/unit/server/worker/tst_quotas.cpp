// SPDX-License-Identifier: MIT
#include "server/peer/quotas.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <thread>
#include <vector>

using namespace parlor;

class TestQuotas : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void threadsTakeFromOneBucket();
    void forgetsWhoOwesNothing();
    void rememberedAreBounded();
    void oneThatIsRefusedStaysKnown();

private:
    using Table = QuotaTable<int, Quota, std::hash<int>>;
    static constexpr RateLimit kSlow{0.001, 1};
};

void TestQuotas::threadsTakeFromOneBucket()
{
    constexpr int kBurst = 10'000;
    SharedBucket bucket;
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < kBurst; ++k)
                taken += bucket.take({1, kBurst}, 1, TokenBucket::Time() + std::chrono::hours(1)) ? 1 : 0;
        });
    }
    for (std::thread &each : threads)
        each.join();
    QCOMPARE(taken.load(), kBurst);
}

void TestQuotas::forgetsWhoOwesNothing()
{
    Table table;
    const Table::Time now = Table::Time() + std::chrono::hours(1);
    for (int i = 0; i < 100; ++i) {
        Quota &quota = table.at(i, now);
        if (i == 0)
            QVERIFY(quota.requests.take(kSlow, 1, now));
        if (i == 1)
            ++quota.connections;
        table.left(i, quota);
    }
    for (int i = 0; i < 100; ++i) {
        (void)table.at(1, now);
        QVERIFY(!table.at(0, now).requests.take(kSlow, 1, now));
    }
    QCOMPARE(table.size(), std::size_t(2));
}

void TestQuotas::rememberedAreBounded()
{
    Table table;
    const Table::Time now = Table::Time() + std::chrono::hours(1);
    for (int i = 0; i < 200'000; ++i) {
        Quota &quota = table.at(i, now);
        QVERIFY(quota.arrivals.take(kSlow, 1, now));
        table.left(i, quota);
    }
    QVERIFY(table.size() <= Table::kMostAbsent + 2);
    QVERIFY(!table.at(199'999, now).arrivals.take(kSlow, 1, now));
}

/// Who is refused again and again does not make room for itself.
void TestQuotas::oneThatIsRefusedStaysKnown()
{
    Table table;
    const Table::Time now = Table::Time() + std::chrono::hours(1);
    for (std::size_t i = 0; i < 2 * Table::kMostAbsent; ++i) {
        Quota &quota = table.at(1, now);
        QCOMPARE(quota.arrivals.take(kSlow, 1, now), i == 0);
        table.left(1, quota);
    }
}

PARLOR_TEST(TestQuotas)
#include "tst_quotas.moc"
