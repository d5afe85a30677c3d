// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/plan.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

class TestLoadPlan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rampsAreStraight();
    void lastToComeIsFirstToGo();
    void jumps();
    void whoIsLeftGoesAtTheEnd();
    void phases();
    void speakingTimes();
    void speakingTimesAreSpread();
    void sizesAreEachUsersOwn();
};

void TestLoadPlan::rampsAreStraight()
{
    const Plan plan({{30s, 50}, {60s, 50}, {30s, 100}, {60s, 100}, {30s, 0}});
    QCOMPARE(plan.end(), Offset(210s));
    QCOMPARE(plan.peakUsers(), 100U);
    for (int second = 0; second <= 210; ++second) {
        const double line = second < 30    ? second / 30.0 * 50
                            : second < 90  ? 50
                            : second < 120 ? 50 + (second - 90) / 30.0 * 50
                            : second < 180 ? 100
                                           : 100 - (second - 180) / 30.0 * 100;
        const double users = plan.usersAt(std::chrono::seconds(second));
        QVERIFY2(std::abs(users - line) <= 1, qPrintable(QString::number(second)));
    }
    QCOMPARE(plan.changes().size(), 200U);
    QVERIFY(std::is_sorted(plan.changes().begin(), plan.changes().end(),
                           [](const auto &a, const auto &b) { return a.at < b.at; }));
}

void TestLoadPlan::lastToComeIsFirstToGo()
{
    const Plan plan({{2s, 2}, {2s, 0}});
    const std::vector<Plan::Change> expected{{0s, 0, Plan::Turn::Comes},
                                             {1s, 1, Plan::Turn::Comes},
                                             {3s, 1, Plan::Turn::Goes},
                                             {4s, 0, Plan::Turn::Goes}};
    QVERIFY(plan.changes() == expected);
}

void TestLoadPlan::jumps()
{
    const Plan plan({{0s, 10}, {5s, 10}, {0s, 3}, {5s, 3}});
    QCOMPARE(plan.usersAt(0s), 10U);
    QCOMPARE(plan.usersAt(4999ms), 10U);
    QCOMPARE(plan.usersAt(5s), 3U);
    QCOMPARE(plan.phaseAt(0s), 1U); // a stage without time has no moments
}

void TestLoadPlan::whoIsLeftGoesAtTheEnd()
{
    const Plan plan({{1s, 3}, {1s, 3}});
    QCOMPARE(plan.usersAt(1999ms), 3U);
    QCOMPARE(plan.usersAt(2s), 0U);
    QCOMPARE(plan.changes().back().at, Offset(2s));
}

void TestLoadPlan::phases()
{
    const Plan plan({{1s, 5}, {2s, 5}, {1s, 0}});
    QCOMPARE(plan.phases().size(), 3U);
    QCOMPARE(plan.phases()[0].name, std::string("ramp 0-5"));
    QCOMPARE(plan.phases()[1].name, std::string("hold 5"));
    QCOMPARE(plan.phases()[2].name, std::string("ramp 5-0"));
    QCOMPARE(plan.phases()[1].begin, Offset(1s));
    QCOMPARE(plan.phaseAt(999ms), 0U);
    QCOMPARE(plan.phaseAt(1s), 1U);
    QCOMPARE(plan.phaseAt(3s), 2U);
    QCOMPARE(plan.phaseAt(1h), 2U);
}

void TestLoadPlan::speakingTimes()
{
    const SpeakingTimes times(10s, 0.5, 1, 3);
    const SpeakingTimes same(10s, 0.5, 1, 3);
    QVERIFY(times.at(0) >= Offset(10s) && times.at(0) < Offset(12s));
    for (std::uint64_t n = 0; n < 1'000'000; n += 99'999) {
        const Offset expected = times.at(0) + Offset(2s) * static_cast<Offset::rep>(n);
        QVERIFY(times.at(n) - expected <= Offset(1) && expected - times.at(n) <= Offset(1));
        QCOMPARE(times.at(n), same.at(n));
    }
    QVERIFY(SpeakingTimes(10s, 0.5, 2, 3).at(0) != times.at(0));
    QVERIFY(SpeakingTimes(10s, 0.5, 1, 4).at(0) != times.at(0));
}

void TestLoadPlan::speakingTimesAreSpread()
{
    // Of 1000 users who come together about a tenth begins in each tenth of the interval.
    std::array<int, 10> tenths{};
    for (std::uint32_t user = 0; user < 1000; ++user)
        ++tenths[static_cast<std::size_t>(SpeakingTimes(0s, 1, 1, user).at(0).count() / 100'000)];
    for (const int each : tenths)
        QVERIFY2(each > 60 && each < 140, qPrintable(QString::number(each)));
}

void TestLoadPlan::sizesAreEachUsersOwn()
{
    MessageSizes first({36, 1000}, 7, 0);
    MessageSizes other({36, 1000}, 7, 1);
    std::vector<std::size_t> alone;
    for (int i = 0; i < 20; ++i)
        alone.push_back(first.next());
    MessageSizes again({36, 1000}, 7, 0);
    int same = 0;
    for (const std::size_t size : alone) {
        const std::size_t between = other.next(); // the others' turns change nothing
        QCOMPARE(again.next(), size);
        QVERIFY(size >= 36 && size <= 1000);
        same += between == size ? 1 : 0;
    }
    QVERIFY(same < 5);
    MessageSizes reseeded({36, 1000}, 8, 0);
    std::vector<std::size_t> fromAnother;
    for (int i = 0; i < 20; ++i)
        fromAnother.push_back(reseeded.next());
    QVERIFY(fromAnother != alone);
}

PARLOR_TEST(TestLoadPlan)
#include "tst_load_plan.moc"
