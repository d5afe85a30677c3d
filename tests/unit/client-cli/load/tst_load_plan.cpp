// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/lastings.h"
#include "client-cli/load/plan/messagesizes.h"
#include "client-cli/load/plan/plan.h"
#include "client-cli/load/plan/speakingtimes.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class TestLoadPlan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rampsAreStraight();
    void lastToComeIsFirstToGo();
    void jumps();
    void whoIsLeftGoesAtTheEnd();
    void phases();
    void namesOfPhasesAreApart();
    void warmUp_data();
    void warmUp();
    void arrivals();
    void numbersAreUsedAgain();
    void sessionsHaveTheirProfilesLife();
    void livesAreDrawnByThemselves();
    void speakingTimes();
    void speakingTimesAreSpread();
    void poissonTimes();
    void sizesAreEachUsersOwn();

private:
    static Settings arriving(std::vector<ArrivalStage> stages, Lasting life);
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

void TestLoadPlan::namesOfPhasesAreApart()
{
    const Plan plan({{1s, 5}, {2s, 5}, {1s, 0}, {1s, 5}, {1s, 5, "hold 5", false}});
    std::set<std::string> names;
    for (const Phase &phase : plan.phases())
        names.insert(phase.name);
    QCOMPARE(names.size(), 5U);
    QCOMPARE(plan.phases()[4].name, std::string("hold 5 #2"));
    QVERIFY(!plan.phases()[4].isMeasured);
}

void TestLoadPlan::warmUp_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<Names>("names");
    QTest::addColumn<QList<int>>("ends");
    QTest::addColumn<int>("users"); // at its end
    QTest::newRow("none") << 0 << Names{"ramp 0-50", "hold 50", "ramp 50-0"} << QList<int>{10, 30, 40} << 0;
    QTest::newRow("a part of a phase")
        << 5 << Names{"warm-up", "ramp 0-50", "hold 50", "ramp 50-0"} << QList<int>{5, 10, 30, 40} << 26;
    QTest::newRow("a whole phase") << 10 << Names{"warm-up", "hold 50", "ramp 50-0"} << QList<int>{10, 30, 40}
                                   << 50;
    QTest::newRow("into the second") << 15 << Names{"warm-up", "hold 50", "ramp 50-0"}
                                     << QList<int>{15, 30, 40} << 50;
    QTest::newRow("all") << 60 << Names{"warm-up"} << QList<int>{40} << 0;
}

void TestLoadPlan::warmUp()
{
    QFETCH(const int, seconds);
    QFETCH(const Names, names);
    QFETCH(const QList<int>, ends);
    QFETCH(const int, users);
    Settings settings;
    settings.stages = {{10s, 50}, {20s, 50}, {10s, 0}};
    settings.warmUp = std::chrono::seconds(seconds);
    const Plan plan(settings);
    QCOMPARE(plan.phases().size(), names.size());
    Offset begin{};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const Phase &phase = plan.phases()[i];
        QCOMPARE(phase.name, names[i]);
        QCOMPARE(phase.begin, begin);
        QCOMPARE(phase.end, Offset(std::chrono::seconds(ends[static_cast<qsizetype>(i)])));
        QCOMPARE(phase.isMeasured, phase.name != "warm-up");
        begin = phase.end;
    }
    QCOMPARE(plan.changes().size(), 100U); // users know nothing of it
    if (seconds > 0)
        QCOMPARE(plan.phases().front().to, static_cast<std::uint32_t>(users));
}

Settings TestLoadPlan::arriving(std::vector<ArrivalStage> stages, Lasting life)
{
    Settings settings;
    settings.arrivals = std::move(stages);
    settings.profiles.front().life = life;
    return settings;
}

void TestLoadPlan::arrivals()
{
    const Plan plan(arriving({{10s, 5}, {10s, 15}, {5s, 15}}, {2s}));
    std::uint32_t came = 0;
    Offset last{};
    for (const Plan::Change &change : plan.changes()) {
        QVERIFY(change.at >= last);
        last = change.at;
        came += change.turn == Plan::Turn::Comes ? 1 : 0;
        // 5 a second, then on a line to 15 a second.
        const double t = std::chrono::duration<double>(change.at).count();
        const double line = t <= 10   ? 5 * t
                            : t <= 20 ? 50 + 5 * (t - 10) + (t - 10) * (t - 10) / 2
                                      : 150 + 15 * (t - 20);
        QVERIFY2(std::abs(came - line) < 1.001, qPrintable(QString::number(t)));
    }
    QCOMPARE(came, 225U);
    QCOMPARE(plan.changes().size(), 450U);
    QCOMPARE(plan.usersAt(5s), 10U); // Little's law: rate × life
    QCOMPARE(plan.usersAt(24s), 30U);
    QCOMPARE(plan.usersAt(25s), 0U);
    QCOMPARE(plan.phases()[0].name, std::string("arrive 5/s"));
    QCOMPARE(plan.phases()[1].name, std::string("arrive 5-15/s"));
    QCOMPARE(plan.phases()[1].from, 10U);
}

void TestLoadPlan::numbersAreUsedAgain()
{
    const Plan plan(arriving({{60s, 10}}, {2s}));
    QCOMPARE(plan.peakUsers(), 20U);
    // Those that are there, and those that went a second ago at most.
    QCOMPARE(plan.profiles().size(), 30U);
    std::map<std::uint32_t, Offset> goneSince;
    std::set<std::uint32_t> present;
    for (const Plan::Change &change : plan.changes()) {
        if (change.turn == Plan::Turn::Goes) {
            QCOMPARE(present.erase(change.user), 1U);
            goneSince[change.user] = change.at;
            continue;
        }
        QVERIFY(present.insert(change.user).second);
        if (goneSince.contains(change.user))
            QVERIFY(change.at - goneSince[change.user] >= 1s);
    }
    QVERIFY(present.empty());
}

void TestLoadPlan::sessionsHaveTheirProfilesLife()
{
    Settings settings = arriving({{100s, 10}}, {1s});
    settings.profiles.push_back({.name = "stays", .weight = 3, .life = {20s, true}});
    const Plan plan(settings);
    std::map<std::uint32_t, Offset> since;
    std::array<std::vector<double>, 2> lives;
    for (const Plan::Change &change : plan.changes()) {
        if (change.turn == Plan::Turn::Comes)
            since[change.user] = change.at;
        else if (change.at < plan.end())
            lives[plan.profiles()[change.user]].push_back(
                std::chrono::duration<double>(change.at - since[change.user]).count());
    }
    QVERIFY(std::all_of(lives[0].begin(), lives[0].end(), [](double life) { return life == 1.0; }));
    // Three of four sessions are of the second profile, however long they last.
    QVERIFY(lives[0].size() >= 245 && lives[0].size() <= 250);
    QVERIFY(lives[1].size() > 500);
    double sum = 0;
    for (const double life : lives[1])
        sum += life;
    const double mean = sum / static_cast<double>(lives[1].size()); // those cut off by the end are not in it
    QVERIFY2(mean > 14 && mean < 20, qPrintable(QString::number(mean)));
    const Plan again(settings);
    QVERIFY(again.changes() == plan.changes());
}

/// A user's first word is drawn by its number too: else who stays long would begin to speak late.
void TestLoadPlan::livesAreDrawnByThemselves()
{
    const Lasting life{20s, true};
    const Settings settings = arriving({{100s, 10}}, life);
    const Plan plan(settings);
    const Plan::Change &first = plan.changes().front();
    const auto goes = std::find_if(plan.changes().begin(), plan.changes().end(), [&](const auto &change) {
        return change.user == first.user && change.turn == Plan::Turn::Goes;
    });
    QVERIFY(goes != plan.changes().end());
    QVERIFY(goes->at - first.at != Lastings(life, settings.seed, 0).next());
}

void TestLoadPlan::speakingTimes()
{
    SpeakingTimes times(10s, 0.5, Pace::Fixed, 1, 3);
    SpeakingTimes same(10s, 0.5, Pace::Fixed, 1, 3);
    const Offset first = times.next();
    QVERIFY(first >= Offset(10s) && first < Offset(12s));
    QCOMPARE(same.next(), first);
    for (Offset::rep n = 1; n < 100'000; ++n) {
        const Offset at = times.next();
        QVERIFY(std::abs((at - first - Offset(2s) * n).count()) <= 1); // nothing adds up
    }
    QVERIFY(SpeakingTimes(10s, 0.5, Pace::Fixed, 2, 3).next() != first);
    QVERIFY(SpeakingTimes(10s, 0.5, Pace::Fixed, 1, 4).next() != first);
}

void TestLoadPlan::speakingTimesAreSpread()
{
    // Of 1000 users who come together about a tenth begins in each tenth of the interval.
    std::array<int, 10> tenths{};
    for (std::uint32_t user = 0; user < 1000; ++user)
        ++tenths[static_cast<std::size_t>(SpeakingTimes(0s, 1, Pace::Fixed, 1, user).next().count() /
                                          100'000)];
    for (const int each : tenths)
        QVERIFY2(each > 60 && each < 140, qPrintable(QString::number(each)));
}

void TestLoadPlan::poissonTimes()
{
    // 100 users, 100 s, 10 a second each: the count in a window varies as much as its mean is.
    std::vector<int> perSecond(100);
    int total = 0;
    int longGaps = 0; // of more than three mean intervals: e^-3
    for (std::uint32_t user = 0; user < 100; ++user) {
        SpeakingTimes times(0s, 10, Pace::Poisson, 1, user);
        Offset last{};
        for (Offset at = times.next(); at < Offset(100s); at = times.next()) {
            ++perSecond[static_cast<std::size_t>(at / 1s)];
            longGaps += at - last > Offset(300ms) ? 1 : 0;
            last = at;
            ++total;
        }
    }
    QVERIFY2(std::abs(total - 100'000) < 1500, qPrintable(QString::number(total)));
    double variance = 0;
    for (const int each : perSecond)
        variance += std::pow(each - total / 100.0, 2) / 99;
    QVERIFY2(variance > 600 && variance < 1500, qPrintable(QString::number(variance)));
    QVERIFY2(std::abs(longGaps / double(total) - std::exp(-3.0)) < 0.004,
             qPrintable(QString::number(longGaps)));
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
