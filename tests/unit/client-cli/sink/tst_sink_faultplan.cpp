// SPDX-License-Identifier: MIT
#include "client-cli/sink/faultplan.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <array>
#include <cmath>

using namespace parlor::cli::sink;

/// Faults by seed.
class TestSinkFaultPlan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sharesHold();
    void dependsOnEach();
    void extremes();
    void plannedByName();
};

void TestSinkFaultPlan::sharesHold()
{
    constexpr FaultShares kShares{0.01, 0.02, 0.03, 0.04};
    constexpr int kSeqs = 2000;
    constexpr int kReceivers = 100;
    const FaultPlan plan(7, kShares, {});
    QVERIFY(!plan.isEmpty());
    const std::uint64_t room = FaultPlan::roomNumber("general");
    std::array<int, kFaults> counts{};
    for (std::uint64_t seq = 1; seq <= kSeqs; ++seq) {
        for (std::uint32_t receiver = 1; receiver <= kReceivers; ++receiver) {
            if (const auto fault = plan.drawn(room, seq, receiver))
                ++counts[static_cast<std::size_t>(*fault)];
        }
    }
    for (std::size_t i = 0; i < kFaults; ++i) {
        const double expected = kShares[i] * kSeqs * kReceivers;
        QVERIFY2(std::abs(counts[i] - expected) < 5 * std::sqrt(expected),
                 qPrintable(QString::number(counts[i])));
    }
}

void TestSinkFaultPlan::dependsOnEach()
{
    const FaultShares half{0.5, 0, 0, 0};
    const FaultPlan plan(1, half, {});
    const FaultPlan same(1, half, {});
    const FaultPlan other(2, half, {});
    const std::uint64_t room = FaultPlan::roomNumber("a");
    const std::uint64_t elsewhere = FaultPlan::roomNumber("b");
    constexpr int kDraws = 1000;
    std::array<int, 4> differ{};
    for (std::uint32_t i = 1; i <= kDraws; ++i) {
        QCOMPARE(plan.drawn(room, i, 1), same.drawn(room, i, 1));
        differ[0] += plan.drawn(room, i, 1) != other.drawn(room, i, 1);
        differ[1] += plan.drawn(room, i, 1) != plan.drawn(elsewhere, i, 1);
        differ[2] += plan.drawn(room, i, 1) != plan.drawn(room, i + kDraws, 1);
        differ[3] += plan.drawn(room, i, 1) != plan.drawn(room, i, 2);
    }
    for (const int each : differ)
        QVERIFY2(each > kDraws * 4 / 10 && each < kDraws * 6 / 10, qPrintable(QString::number(each)));
}

void TestSinkFaultPlan::extremes()
{
    QVERIFY(FaultPlan(1, {}, {}).isEmpty());
    const FaultPlan all(1, {0, 0, 1, 0}, {});
    const FaultPlan none(1, {}, {{Fault::Drop, 1, 1}});
    for (std::uint32_t i = 1; i < 1000; ++i) {
        QCOMPARE(all.drawn(0, i, i), std::optional(Fault::Reorder));
        QCOMPARE(none.drawn(0, i, i), std::nullopt);
    }
}

void TestSinkFaultPlan::plannedByName()
{
    const FaultPlan plan(1, {}, {{Fault::Drop, 5, 1}, {Fault::Double, 5, 2}});
    QVERIFY(!plan.isEmpty());
    QCOMPARE(plan.planned(5, 1), std::optional(Fault::Drop));
    QCOMPARE(plan.planned(5, 2), std::optional(Fault::Double));
    QCOMPARE(plan.planned(5, 3), std::nullopt);
    QCOMPARE(plan.planned(4, 1), std::nullopt);
}

PARLOR_TEST(TestSinkFaultPlan)
#include "tst_sink_faultplan.moc"
