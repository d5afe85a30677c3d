// SPDX-License-Identifier: MIT
#include "client-cli/load/plan/forecast.h"
#include "client-cli/load/plan/userplan.h"
#include "client-cli/load/plan/weightedturns.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

Settings withUsers(std::uint32_t users, std::size_t rooms)
{
    Settings settings;
    settings.stages = {{0s, users}, {10s, users}};
    for (std::size_t i = 0; i < rooms; ++i)
        settings.rooms.push_back("room-" + std::to_string(i));
    return settings;
}

std::vector<UserPlan> plansOf(const Settings &settings)
{
    return userPlans(settings, Plan(settings));
}

Forecast forecastOf(const Settings &settings)
{
    const Plan plan(settings);
    return forecast(settings, plan, userPlans(settings, plan));
}

bool isNear(double value, double expected)
{
    return std::abs(value - expected) <= 1e-6 * std::max(1.0, std::abs(expected));
}

} // namespace

/// Who the users of a plan are, and what is to be expected of them.
class TestLoadUserPlan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void weightsHoldForEveryPrefix();
    void profiles();
    void roomsInTurn();
    void roomsOfAProfileAreAllUsed();
    void zipf();
    void severalRooms_data();
    void severalRooms();
    void senders_data();
    void senders();
    void sendersOfEveryPrefix();
    void sendersAreInAllRooms_data();
    void sendersAreInAllRooms();
    void whoCannotSpeakDoesNot();
    void verified();
    void forecastOfARamp();
    void forecastOfRooms();
    void forecastOfSessions();
    void forecastOfClosedPace();
    void forecastOfArrivals();
};

void TestLoadUserPlan::weightsHoldForEveryPrefix()
{
    WeightedTurns turns({9, 1, 0, 5});
    std::vector<double> given(4);
    for (int n = 1; n <= 3000; ++n) {
        given[turns.next()] += 1;
        QVERIFY(std::abs(given[0] - n * 9 / 15.0) <= 1.5);
        QVERIFY(std::abs(given[1] - n * 1 / 15.0) <= 1.5);
        QVERIFY(std::abs(given[3] - n * 5 / 15.0) <= 1.5);
    }
    QCOMPARE(given[2], 0.0);
}

void TestLoadUserPlan::profiles()
{
    Settings settings = withUsers(1000, 1);
    settings.profiles = {{.name = "chatter", .weight = 9}, {.name = "lurker", .weight = 1}};
    const auto plans = plansOf(settings);
    QCOMPARE(plans.size(), 1000U);
    QCOMPARE(std::count_if(plans.begin(), plans.end(), [](const auto &plan) { return plan.profile == 1; }),
             100);
    // Ten users are a sample of them.
    QCOMPARE(
        std::count_if(plans.begin(), plans.begin() + 10, [](const auto &plan) { return plan.profile == 1; }),
        1);
    QVERIFY(plansOf(settings) == plans);
}

void TestLoadUserPlan::roomsInTurn()
{
    const auto plans = plansOf(withUsers(9, 3));
    std::vector<std::uint16_t> rooms;
    for (const UserPlan &plan : plans) {
        QCOMPARE(plan.rooms.size(), 1U);
        rooms.push_back(plan.rooms.front());
    }
    const std::vector<std::uint16_t> expected{0, 1, 2, 1, 2,
                                              0, 2, 0, 1}; // each round begins with another one
    QVERIFY(rooms == expected);
}

void TestLoadUserPlan::roomsOfAProfileAreAllUsed()
{
    // Profiles and rooms are both dealt in turn: they must not fall into step.
    Settings settings = withUsers(900, 10);
    settings.profiles = {{.name = "chatter", .weight = 8}, {.name = "lurker", .weight = 1}};
    std::vector<int> lurkers(10);
    for (const UserPlan &plan : plansOf(settings))
        lurkers[plan.rooms.front()] += plan.profile == 1 ? 1 : 0;
    for (const int each : lurkers)
        QCOMPARE(each, 10);
}

void TestLoadUserPlan::zipf()
{
    Settings settings = withUsers(10'000, 20);
    settings.zipf = 1;
    std::vector<int> users(20);
    for (const UserPlan &plan : plansOf(settings))
        ++users[plan.rooms.front()];
    double sum = 0;
    for (int room = 1; room <= 20; ++room)
        sum += 1.0 / room;
    for (int room = 1; room <= 20; ++room) {
        const double expected = 10'000 / sum / room;
        QVERIFY2(std::abs(users[static_cast<std::size_t>(room - 1)] - expected) < 12,
                 qPrintable(QString::number(expected)));
    }
}

void TestLoadUserPlan::severalRooms_data()
{
    QTest::addColumn<double>("zipf");
    QTest::newRow("alike") << 0.0;
    QTest::newRow("zipf") << 1.1;
}

void TestLoadUserPlan::severalRooms()
{
    QFETCH(const double, zipf);
    Settings settings = withUsers(500, 7);
    settings.zipf = zipf;
    settings.profiles.front().roomsPerUser = 3;
    std::vector<int> users(7);
    for (const UserPlan &plan : plansOf(settings)) {
        QCOMPARE(plan.rooms.size(), 3U);
        QCOMPARE(std::set<std::uint16_t>(plan.rooms.begin(), plan.rooms.end()).size(), 3U);
        for (const std::uint16_t room : plan.rooms)
            ++users[room];
    }
    QCOMPARE(std::accumulate(users.begin(), users.end(), 0), 1500);
    if (zipf == 0)
        QVERIFY(*std::max_element(users.begin(), users.end()) -
                    *std::min_element(users.begin(), users.end()) <=
                3);
    else
        QVERIFY(users.front() > 2 * users.back());
}

void TestLoadUserPlan::senders_data()
{
    QTest::addColumn<quint32>("count");
    QTest::addColumn<double>("share");
    QTest::addColumn<qint64>("speakers"); // of 1000
    QTest::newRow("all") << 0U << 1.0 << qint64{1000};
    QTest::newRow("a tenth") << 0U << 0.1 << qint64{100};
    QTest::newRow("few") << 0U << 0.0001 << qint64{1};
    QTest::newRow("so many") << 17U << 1.0 << qint64{17};
    QTest::newRow("more than there are") << 5000U << 1.0 << qint64{1000};
    QTest::newRow("nobody") << 0U << 0.0 << qint64{0};
}

void TestLoadUserPlan::senders()
{
    QFETCH(const quint32, count);
    QFETCH(const double, share);
    QFETCH(const qint64, speakers);
    Settings settings = withUsers(1000, 10);
    settings.profiles.front().senders = {count, share};
    const auto plans = plansOf(settings);
    QCOMPARE(std::count_if(plans.begin(), plans.end(), [](const auto &plan) { return plan.speaks; }),
             speakers);
}

void TestLoadUserPlan::sendersOfEveryPrefix()
{
    Settings settings = withUsers(1000, 10);
    settings.profiles.front().senders.share = 0.2;
    double speaking = 0;
    double users = 0;
    for (const UserPlan &plan : plansOf(settings)) {
        ++users;
        speaking += plan.speaks ? 1 : 0;
        QVERIFY2(std::abs(speaking - users * 0.2) < 3, qPrintable(QString::number(users)));
    }
}

void TestLoadUserPlan::sendersAreInAllRooms_data()
{
    QTest::addColumn<double>("share");
    for (const int every : {2, 3, 9, 10, 11, 20})
        QTest::addRow("one of %d", every) << 1.0 / every;
}

/// Speakers and rooms are both dealt in turn: they must not fall into step.
void TestLoadUserPlan::sendersAreInAllRooms()
{
    QFETCH(const double, share);
    Settings settings = withUsers(2000, 10);
    settings.profiles.front().senders.share = share;
    std::vector<int> speakers(10);
    for (const UserPlan &plan : plansOf(settings))
        speakers[plan.rooms.front()] += plan.speaks ? 1 : 0;
    for (const int each : speakers)
        QVERIFY2(std::abs(each - 200 * share) <= 0.2 * 200 * share + 2, qPrintable(QString::number(each)));
}

void TestLoadUserPlan::whoCannotSpeakDoesNot()
{
    Settings settings = withUsers(3, 1);
    settings.profiles.front().rate = 0;
    QVERIFY(!plansOf(settings).front().speaks);
    settings.profiles.front().pace = Pace::Closed; // which knows no rate
    QVERIFY(plansOf(settings).front().speaks);
}

void TestLoadUserPlan::verified()
{
    Settings settings = withUsers(1000, 10);
    const auto count = [&settings] {
        const auto plans = plansOf(settings);
        return std::count_if(plans.begin(), plans.end(), [](const auto &plan) { return plan.isVerified; });
    };
    QCOMPARE(count(), 1000);
    settings.verify = Verify::Sample;
    settings.verifySample = 50;
    QVERIFY(count() >= 19 && count() <= 21);
    QVERIFY(plansOf(settings).front().isVerified);
    settings.verify = Verify::Count;
    QCOMPARE(count(), 0);
}

void TestLoadUserPlan::forecastOfARamp()
{
    Settings settings = withUsers(0, 1);
    settings.stages = {{10s, 100}, {10s, 100}};
    settings.profiles.front().rate = 2;
    const Forecast found = forecastOf(settings);
    QCOMPARE(found.phases.size(), 2U);
    QVERIFY(found.certainty == Certainty::Exact);
    // 100 users in one room, 2 messages a second each, to all 100.
    QVERIFY(isNear(found.phases[1].messages.mean(10s), 200));
    QVERIFY(isNear(found.phases[1].deliveries.mean(10s), 20'000));
    QVERIFY(isNear(found.phases[1].deliveries.peak, 20'000));
    QCOMPARE(found.phases[1].sessions.total, 0.0);
    // On the ramp k users are there for a tenth of a second each: Σ 2k²/10 for k = 1 … 100.
    QVERIFY(isNear(found.phases[0].deliveries.total, 2 * 338'350 / 10.0));
    QVERIFY(isNear(found.phases[0].messages.total, 2 * 5'050 / 10.0));
    QCOMPARE(found.phases[0].sessions.total, 100.0);
    QCOMPARE(found.phases[0].sessions.peak, 10.0);
    QVERIFY(isNear(found.total.deliveries.total, 67'670 + 200'000));
    QCOMPARE(found.total.peakUsers, 100U);
    QCOMPARE(found.total.duration, Offset(20s));
}

void TestLoadUserPlan::forecastOfRooms()
{
    // 40 users, half of them silent, in 4 rooms, 2 rooms each: 20 members a room, 20 messages a second to one
    // room each.
    Settings settings = withUsers(40, 4);
    settings.profiles.front().rate = 1;
    settings.profiles.front().roomsPerUser = 2;
    settings.profiles.front().senders.share = 0.5;
    const Forecast found = forecastOf(settings);
    QVERIFY(isNear(found.total.messages.mean(10s), 20));
    QVERIFY(isNear(found.total.deliveries.mean(10s), 400));
}

void TestLoadUserPlan::forecastOfSessions()
{
    Settings settings = withUsers(100, 1);
    settings.profiles.front().life = {2s};
    Forecast found = forecastOf(settings);
    QVERIFY(isNear(found.total.sessions.total, 100 + 10 * 50));
    QVERIFY(isNear(found.total.sessions.peak, 150)); // all come in the first second, and those of the churn
    settings.connectRate = 30;
    found = forecastOf(settings);
    QVERIFY(isNear(found.total.sessions.peak, 30));
}

void TestLoadUserPlan::forecastOfClosedPace()
{
    Settings settings = withUsers(10, 1);
    settings.profiles.front().pace = Pace::Closed;
    Forecast found = forecastOf(settings);
    QVERIFY(found.certainty == Certainty::Unknown);
    QCOMPARE(found.total.messages.total, 0.0);
    settings.profiles.front().think = {500ms};
    found = forecastOf(settings);
    QVERIFY(found.certainty == Certainty::AtMost);
    QVERIFY(isNear(found.total.messages.mean(10s), 20));
}

void TestLoadUserPlan::forecastOfArrivals()
{
    Settings settings;
    settings.rooms = {"general"};
    settings.arrivals = {{60s, 10}};
    settings.profiles.front().life = {2s};
    settings.profiles.front().rate = 1;
    const Forecast found = forecastOf(settings);
    QCOMPARE(found.total.sessions.total, 600.0);
    QVERIFY(isNear(found.total.sessions.peak, 10));
    QCOMPARE(found.total.peakUsers, 20U);
    QVERIFY(isNear(found.total.deliveries.peak, 400));
}

PARLOR_TEST(TestLoadUserPlan)
#include "tst_load_userplan.moc"
