// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/runfile/mergedrecords.h"
#include "client-cli/load/runfile/settingsdifference.h"
#include "fullrecord.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// A generator of 5 users and three seconds; its deliveries take `latency`.
NamedRecord generatorRun(const char *name, const char *begun, Offset latency)
{
    RunRecord run;
    run.id = name;
    run.begun = begun;
    run.settings.stages = {{.duration = 2s, .users = 5}};
    run.settings.rooms = {"load-1"};
    run.settings.tags = {{"who", name}, {"what", "test"}};
    run.machine = {.host = std::string("host-") + name, .system = "Linux", .cores = 2};
    run.phases = {{.name = "hold 5", .begin = 0s, .end = 2s, .from = 5, .to = 5}};
    run.measurements = Measurements(1);
    run.measurements.joined = run.measurements.connected = 5;
    run.measurements.deliveries.received = 30;
    run.measurements.phases[0].planned = run.measurements.phases[0].sent =
        run.measurements.phases[0].answered = 20;
    run.measurements.hosts = {{"ws1", 5}};
    for (int i = 0; i < 30; ++i)
        run.measurements.phases[0].deliveryLatency.record(latency);
    run.settings.profiles.resize(2);
    run.measurements.profiles.resize(2);
    run.measurements.profiles[1].sent = 4;
    run.measurements.profiles[1].deliveryLatency = run.measurements.phases[0].deliveryLatency;
    run.measurements.hostLatency["ws1"] = run.measurements.phases[0].deliveryLatency;
    Histogram tenth;
    for (int i = 0; i < 10; ++i)
        tenth.record(latency);
    for (int i = 1; i <= 3; ++i)
        run.seconds.push_back({.end = i * 1s + 1ms,
                               .wanted = 5,
                               .members = 5,
                               .received = 10,
                               .latency = CoarseHistogram(tenth),
                               .watchedCpu = 1,
                               .watchedMemory = 100});
    run.duration = 3s;
    run.peakUsers = 5;
    run.threads = {{.meanCpu = 0.1, .peakCpu = 0.2, .seconds = 3, .busySeconds = 0}};
    run.watched = {
        {.pid = 7, .name = "server", .meanCpu = 1, .peakCpu = 1, .peakMemory = 100, .hasEnded = false}};
    return {std::string(name) + ".json", run};
}

std::string errorOf(std::vector<NamedRecord> records)
{
    const auto merged = mergeRecords(std::move(records));
    return merged ? "" : merged.error().text;
}

} // namespace

class TestLoadMerge : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void inventedNamesAreBounded();
    void addsCounts();
    void ratesAreOfTheWholeTime();
    void addsWhatEachMayDo();
    void addsSecondsWhereTheyLie();
    void jitterDoublesNoGauge();
    void watchesOneProcessOnce();
    void oneIsItself();
    void splitsOfARoom();
    void mismatches_data();
    void mismatches();
    void notAtTheSameTime();
    void differences();
};

void TestLoadMerge::inventedNamesAreBounded()
{
    Measurements all;
    for (int second = 0; second < 3; ++second) {
        Measurements interval;
        for (int i = 0; i < 800; ++i) {
            const std::string name = "name " + std::to_string(800 * second + i);
            interval.errors[name] = interval.refusals[name] = interval.hosts[name] = 1;
            interval.hostLatency[name].record(1ms);
        }
        interval.errors["known from the first second on"] = 5;
        all.merge(interval);
    }
    QCOMPARE(all.errors.size(), Measurements::kMostNames + 1);
    QCOMPARE(all.errors.at("known from the first second on"), 15U);
    for (const auto *names : {&all.refusals, &all.hosts}) {
        QCOMPARE(names->size(), Measurements::kMostNames + 1);
        QCOMPARE(names->at("others"), 3 * 800 - Measurements::kMostNames);
    }
    QCOMPARE(all.hostLatency.size(), Measurements::kMostNames + 1);
    QCOMPARE(all.hostLatency.at("others").count(), 3 * 800 - Measurements::kMostNames);
}

void TestLoadMerge::addsCounts()
{
    const auto merged = mergeRecords({generatorRun("b", "2026-11-29T12:00:00.500Z", 9ms),
                                      generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms)});
    QVERIFY2(merged, merged ? "" : merged.error().text.c_str());
    QCOMPARE(merged->id, std::string("a+b")); // the first to begin is the first
    QCOMPARE(merged->begun, std::string("2026-11-29T12:00:00.000Z"));
    QCOMPARE(merged->duration, Offset(3500ms));
    QCOMPARE(merged->peakUsers, 10U);
    QCOMPARE(merged->settings.stages[0].users, 10U);
    QCOMPARE(merged->phases[0].to, 10U);
    QCOMPARE(merged->phases[0].name, std::string("hold 5"));
    QCOMPARE(merged->measurements.deliveries.received, std::uint64_t(60));
    QCOMPARE(merged->measurements.hosts.at("ws1"), std::uint64_t(10));
    QCOMPARE(merged->measurements.profiles.size(), std::size_t(2));
    QCOMPARE(merged->measurements.profiles[1].sent, std::uint64_t(8));
    QCOMPARE(merged->measurements.profiles[1].deliveryLatency.count(), std::uint64_t(60));
    QVERIFY(merged->measurements.hostLatency.at("ws1") == merged->measurements.phases[0].deliveryLatency);
    QCOMPARE(merged->machine.host, std::string("host-a + host-b"));
    QCOMPARE(merged->machine.cores, 4U);
    QCOMPARE(merged->threads.size(), std::size_t(2));
    QVERIFY(merged->settings.tags == (std::map<std::string, std::string>{{"what", "test"}}));
    const Histogram latency = merged->measurements.total().deliveryLatency;
    QCOMPARE(latency.count(), std::uint64_t(60));
    QCOMPARE(latency.percentile(50), Offset(1ms)); // and not the 5 ms of an average
    QVERIFY(latency.percentile(51) >= 9ms);
    QVERIFY(merged->notes.back().find("b.json was added, of host-b; it began 500 ms after") == 0);
}

/// Two plans of 2 s, of which one begins half a second later, take 2.5 s.
void TestLoadMerge::ratesAreOfTheWholeTime()
{
    const auto merged = mergeRecords({generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms),
                                      generatorRun("b", "2026-11-29T12:00:00.500Z", 9ms)});
    QVERIFY(merged);
    const QString text = QString::fromStdString(textReport(*merged, judge(*merged))).simplified();
    QVERIFY2(text.contains(u"sent 40 100.00 % 16.0/s"_s), qPrintable(text));
    QVERIFY2(text.contains(u"received 60 100.00 % 23.9/s"_s), qPrintable(text)); // the last one after 2.509 s
}

void TestLoadMerge::addsWhatEachMayDo()
{
    auto a = generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms);
    a.record.settings.profiles[0].senders.count = 5;
    a.record.settings.connectRate = 20;
    auto b = a;
    b.record.id = b.name = "b";
    const auto merged = mergeRecords({a, b});
    QVERIFY2(merged, merged ? "" : merged.error().text.c_str());
    const QString text = QString::fromStdString(textReport(*merged, judge(*merged))).simplified();
    QVERIFY2(text.contains(u"10 of them speak"_s), qPrintable(text));
    QVERIFY2(text.contains(u"connections at most 40/s"_s), qPrintable(text));
}

void TestLoadMerge::addsSecondsWhereTheyLie()
{
    auto early = generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms);
    auto late = generatorRun("b", "2026-11-29T12:00:02.100Z", 9ms);
    const auto merged = mergeRecords({early, late});
    QVERIFY(merged);
    QCOMPARE(merged->seconds.size(), std::size_t(5));
    std::vector<std::uint32_t> members;
    for (const Second &each : merged->seconds)
        members.push_back(each.members);
    QVERIFY(members == (std::vector<std::uint32_t>{5, 5, 10, 5, 5}));
    QCOMPARE(merged->seconds[1].end, Offset(2s));
    QCOMPARE(merged->seconds[4].end, Offset(5101ms));
    QCOMPARE(merged->seconds[2].latency.count(), std::uint64_t(20));
    QCOMPARE(merged->seconds[2].latency.max(), Offset(9ms));
    QCOMPARE(merged->seconds[2].watchedCpu, 2.0); // of two machines
}

/// Rows of one generator whose ends are next to the same second are two seconds all the same.
void TestLoadMerge::jitterDoublesNoGauge()
{
    auto a = generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms);
    a.record.seconds[0].end = 1450ms;
    a.record.seconds[1].end = 1490ms;
    a.record.seconds[2].end = 2400ms;
    const auto merged = mergeRecords({a, generatorRun("b", "2026-11-29T12:00:00.000Z", 1ms)});
    QVERIFY(merged);
    QCOMPARE(merged->seconds.size(), std::size_t(3));
    for (const Second &each : merged->seconds)
        QCOMPARE(each.members, 10U);
}

void TestLoadMerge::watchesOneProcessOnce()
{
    auto a = generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms);
    auto b = generatorRun("b", "2026-11-29T12:00:00.000Z", 1ms);
    b.record.machine.host = a.record.machine.host;
    const auto same = mergeRecords({a, b});
    QCOMPARE(same->watched.size(), std::size_t(1));
    QCOMPARE(same->seconds[0].watchedCpu, 1.0);
    QCOMPARE(same->machine.cores, 2U);
    b.record.watched[0].pid = 8;
    const auto other = mergeRecords({a, b});
    QCOMPARE(other->watched.size(), std::size_t(2));
    QCOMPARE(other->seconds[0].watchedCpu, 2.0);
}

void TestLoadMerge::oneIsItself()
{
    const RunRecord record = parlor::test::fullRecord();
    const auto merged = mergeRecords({{"one.json", record}});
    QVERIFY(*merged == record);
}

void TestLoadMerge::splitsOfARoom()
{
    auto a = generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms);
    auto b = generatorRun("b", "2026-11-29T12:00:00.000Z", 1ms);
    const HearingGroup one{.users = 3, .servers = {{"ws1", 3}}, .epochs = {"E1"}};
    const HearingGroup two{.users = 2, .servers = {{"ws2", 2}}, .epochs = {"E2"}};
    const HearingGroup unnumbered{.users = 1, .servers = {{"ws2", 1}}, .epochs = {}};
    a.record.measurements.splits = {{"load-1", {one, two}}};
    b.record.measurements.splits = {{"load-1", {two, unnumbered}}};
    a.record.measurements.lonelyRooms = {"x"};
    b.record.measurements.lonelyRooms = {"x", "y"};
    const auto merged = mergeRecords({a, b});
    QCOMPARE(merged->measurements.splits.size(), std::size_t(1));
    const auto &groups = merged->measurements.splits[0].groups;
    QCOMPARE(groups.size(), std::size_t(3));
    QCOMPARE(groups[0].users, std::uint64_t(4));
    QCOMPARE(groups[0].servers.at("ws2"), std::uint64_t(4));
    QVERIFY(merged->measurements.lonelyRooms == (std::vector<std::string>{"x", "y"}));
}

void TestLoadMerge::mismatches_data()
{
    using Change = void (*)(RunRecord &);
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("why");
    const auto row = [](const char *name, Change change, const QString &why) {
        QTest::newRow(name) << change << why;
    };
    row("users", [](RunRecord &run) { run.settings.stages[0].users = 9; }, {});
    row("seed and threads", [](RunRecord &run) { run.settings.seed = run.settings.threads = 9; }, {});
    row(
        "rate", [](RunRecord &run) { run.settings.profiles[0].rate = 2; },
        u"parameters.profiles[0].rate_per_user is 0.5 and 2"_s);
    row(
        "server", [](RunRecord &run) { run.settings.url = "ws://b"; },
        u"parameters.url is \"\" and \"ws://b\""_s);
    row(
        "stages", [](RunRecord &run) { run.settings.stages.push_back({}); },
        u"parameters.stages[1].duration_us is nothing and 0"_s);
    row(
        "phases", [](RunRecord &run) { run.phases.clear(); }, u"they have 1 and 0 phases"_s);
}

void TestLoadMerge::mismatches()
{
    using Change = void (*)(RunRecord &);
    QFETCH(const Change, change);
    QFETCH(const QString, why);
    auto b = generatorRun("b", "2026-11-29T12:00:00.000Z", 1ms);
    change(b.record);
    const QString error =
        QString::fromStdString(errorOf({generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms), b}));
    QCOMPARE(error, why.isEmpty() ? why : u"a.json and b.json are no parts of one load: "_s + why);
}

void TestLoadMerge::notAtTheSameTime()
{
    const auto a = generatorRun("a", "2026-11-29T12:00:00.000Z", 1ms);
    auto again = a;
    again.name = "copy.json";
    QCOMPARE(errorOf({a, again}),
             std::string("a.json and copy.json are no parts of one load: they are the same run, a"));
    QCOMPARE(
        errorOf({a, generatorRun("b", "2026-11-29T12:00:03.000Z", 1ms)}),
        std::string("a.json and b.json are no parts of one load: the second began when the first was over"));
    QCOMPARE(errorOf({a, generatorRun("b", "noon", 1ms)}),
             std::string("b.json: begun: 'noon' is no time, as 2026-11-29T12:00:00.250Z"));
}

void TestLoadMerge::differences()
{
    Settings left;
    Settings right;
    QVERIFY(differencesOf(left, right).empty());
    right.verify = Verify::Count;
    right.rooms = {"a"};
    const auto found = differencesOf(left, right);
    QVERIFY(found == (std::vector<SettingsDifference>{{"parameters.rooms", "[]", "nothing"},
                                                      {"parameters.rooms[0]", "nothing", "\"a\""},
                                                      {"parameters.verify", "\"full\"", "\"count\""}}));
}

PARLOR_TEST(TestLoadMerge)
#include "tst_load_merge.moc"
