// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/blocktest.h"
#include "client-cli/load/compare/comparisontext.h"
#include "client-cli/load/compare/statistics.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>
#include <random>

using namespace parlor::cli::load;
using namespace parlor::cli::load::compare;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

using Random = std::mt19937_64;
using ChangeOfRun = void (*)(RunRecord &);

/// How the latencies of a simulated server vary.
struct Server
{
    double scale = 1;     ///< of all latencies
    double tailScale = 1; ///< of the slowest 5 %
    double runSpread = 0; ///< of a run's own factor, as a logarithm
    double spread = 0.1;  ///< of a second's factor, as a logarithm
    double memory = 0.5;  ///< what a second's factor keeps of the one before
    double jitter = 0;    ///< of a second by itself
    std::uint64_t lost = 0;
};

/// A run of one phase of so many seconds; each has `kPerSecond` deliveries.
constexpr std::uint64_t kPerSecond = 200;

/// A message's part of its second's factor: one of so many that stand for all there are, as drawing each anew
/// takes long.
double partOf(Random &random)
{
    static const std::vector<double> parts = [] {
        Random own(1);
        std::normal_distribution<double> normal;
        std::vector<double> all(8192);
        for (double &each : all)
            each = std::exp(0.4 * normal(own));
        return all;
    }();
    return parts[random() % parts.size()];
}

RunRecord simulatedRun(Random &random, const Server &server, int seconds)
{
    std::normal_distribution<double> normal;
    RunRecord run;
    run.id = std::to_string(random());
    run.begun = "2026-11-29T12:00:00.000Z";
    run.settings.url = "ws://127.0.0.1:8000/ws";
    run.settings.rooms = {"load-1"};
    run.settings.stages = {{.duration = std::chrono::seconds(seconds), .users = 20}};
    run.phases = {{.name = "hold 20", .end = std::chrono::seconds(seconds), .from = 20, .to = 20}};
    run.duration = std::chrono::seconds(seconds);
    run.measurements = Measurements(run.phases);
    run.measurements.joined = run.measurements.connected = 20;
    PhaseMeasurements &phase = run.measurements.phases[0];
    const double ofRun = std::exp(server.runSpread * normal(random));
    double mood = normal(random);
    for (int i = 0; i < seconds; ++i) {
        mood = server.memory * mood + std::sqrt(1 - server.memory * server.memory) * normal(random);
        const double factor =
            server.scale * ofRun * std::exp(server.spread * mood + server.jitter * normal(random));
        Histogram latency;
        for (std::uint64_t n = 0; n < kPerSecond; ++n) {
            double value = 2000 * factor * partOf(random);
            value *= value > 3860 * factor ? server.tailScale : 1;
            latency.record(Histogram::Duration(std::llround(value)));
        }
        phase.deliveryLatency.merge(latency);
        phase.ackLatency.merge(latency);
        Second second;
        second.end = std::chrono::seconds(i + 1);
        second.planned = second.sent = second.answered = kPerSecond;
        second.received = kPerSecond;
        second.latency = CoarseHistogram(latency);
        run.seconds.push_back(second);
        phase.planned += kPerSecond;
        phase.sent += kPerSecond;
        phase.answered += kPerSecond;
        phase.deliveries += kPerSecond;
    }
    run.measurements.deliveries.received = phase.deliveries - server.lost;
    run.measurements.deliveries.lost = server.lost;
    return run;
}

NamedRun named(std::string name, RunRecord record)
{
    NamedRun run{std::move(name), std::move(record), {}};
    run.judgement = judge(run.record);
    return run;
}

Sides simulatedSides(Random &random, const Server &base, const Server &changed, int runs, int seconds)
{
    Sides sides;
    for (int i = 0; i < runs; ++i) {
        sides.base.push_back(named("a" + std::to_string(i), simulatedRun(random, base, seconds)));
        sides.changed.push_back(named("b" + std::to_string(i), simulatedRun(random, changed, seconds)));
    }
    return sides;
}

Comparison compared(const Sides &sides, ComparisonOptions options = {})
{
    const auto comparison = compareSides(sides, options);
    if (!comparison)
        qFatal("not comparable: %s", comparison.error().text.c_str());
    return *comparison;
}

const FigureChange &figureOf(const Comparison &comparison, std::string_view key)
{
    for (const FigureChange &each : comparison.figures) {
        if (each.figure->key == key)
            return each;
    }
    qFatal("no such figure");
}

const FaultChange &faultOf(const Comparison &comparison, std::string_view key)
{
    for (const FaultChange &each : comparison.faults) {
        if (each.key == key)
            return each;
    }
    qFatal("no such fault");
}

/// A run in which each second's deliveries have one latency.
RunRecord runOfSeries(const std::vector<double> &logarithms)
{
    RunRecord run;
    run.phases = {{.name = "hold 1", .end = std::chrono::seconds(logarithms.size()), .from = 1, .to = 1}};
    for (const double each : logarithms) {
        const Histogram::Duration latency(std::llround(20'000 * std::exp(each)));
        Second second;
        second.end = std::chrono::seconds(run.seconds.size() + 1);
        second.received = 1;
        second.latency = CoarseHistogram({{CoarseHistogram::placeOf(latency), 1}}, latency);
        run.seconds.push_back(second);
    }
    return run;
}

std::vector<double> series(Random &random, int length, double memory, double jitter)
{
    std::normal_distribution<double> normal;
    std::vector<double> values;
    double mood = normal(random);
    for (int i = 0; i < length; ++i) {
        mood = memory * mood + std::sqrt(1 - memory * memory) * normal(random);
        values.push_back(0.3 * (mood + jitter * normal(random)));
    }
    return values;
}

const Figure &p99()
{
    return comparedFigures()[2];
}

void addUsers(RunRecord &run)
{
    run.settings.stages[0].users += 1;
}

class LoadCompareTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void testsKnowTheirTables();
    void correlationTimeIsThatOfTheSeries();
    void moodsAreNoChanges_data();
    void moodsAreNoChanges();
    void tooShortSeriesAreNotJudged();
    void identicalPairsAreNoChange_data();
    void identicalPairsAreNoChange();
    void twentyPercentAreFlagged_data();
    void twentyPercentAreFlagged();
    void groupsOfOneServerAreSeldomWorse();
    void threeRunsThatScatterAreNoProof();
    void lateDeliveriesAreFewerASecond();
    void lessIsBetterOfLatenciesAndWorseOfRates();
    void aLossIsWorseByItself();
    void aServerThatIsNotReachedIsWorse();
    void otherLoadsAreNotCompared_data();
    void otherLoadsAreNotCompared();
    void force();
    void oneRunCountsOnce();
    void noticesNameRuns();
    void secondsOutsideOfMeasuredPhasesDoNotCount();
    void textAndJsonSayTheSame();
};

/// Ranks by counting all ways; Student's t by its closed form for 4 degrees of freedom.
void LoadCompareTest::testsKnowTheirTables()
{
    const std::vector<double> low{1.0, 2.0, 3.0};
    const std::vector<double> high{4.0, 5.0, 6.0};
    QCOMPARE(rankTest(low, high), 0.1);
    QCOMPARE(rankTest(high, low), 0.1);
    QCOMPARE(leastOfRankTest(3, 3), 0.1);
    QVERIFY(std::abs(leastOfRankTest(5, 5) - 2.0 / 252) < 1e-12);
    QVERIFY(std::abs(rankTest(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}, std::vector{6.0, 7.0, 8.0, 9.0, 10.0}) -
                     2.0 / 252) < 1e-12);
    QVERIFY(std::abs(rankTest(std::vector{1.0, 3.0, 5.0}, std::vector{2.0, 4.0, 6.0}) - 0.7) < 1e-12);
    QCOMPARE(rankTest(std::vector{1.0, 1.0}, std::vector{1.0, 1.0, 1.0}), 1.0);

    // t = -3.6742 with 4 degrees of freedom
    QVERIFY(std::abs(studentTest(low, high) - 0.021312) < 1e-5);
    QCOMPARE(studentTest(std::vector{1.0, 1.0}, std::vector{1.0, 1.0}), 1.0);
    QCOMPARE(studentTest(std::vector{1.0, 1.0}, std::vector{2.0, 2.0}), 0.0);

    QCOMPARE(signFlipTest(std::vector<double>(8, 0.5)), 2.0 / 256);
    QCOMPARE(signFlipTest(std::vector{1.0, -1.0, 1.0, -1.0}), 1.0);
    QCOMPARE(signFlipTest(std::vector<double>(8, 0.0)), 1.0);
    QCOMPARE(median({3.0, 1.0, 2.0}), 2.0);
    QCOMPARE(median({4.0, 1.0, 2.0, 3.0}), 2.5);
}

void LoadCompareTest::correlationTimeIsThatOfTheSeries()
{
    Random random(7);
    QVERIFY(correlationTime(series(random, 2000, 0, 0)) < 1.6);
    const double remembering = correlationTime(series(random, 2000, 0.8, 0)); // (1 + 0.8) / (1 - 0.8) = 9
    QVERIFY2(remembering > 6 && remembering < 13, qPrintable(QString::number(remembering)));
    QCOMPARE(correlationTime(std::vector<double>(50, 1.0)), 1.0);
}

void LoadCompareTest::moodsAreNoChanges_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<double>("memory");
    QTest::addColumn<double>("jitter");
    for (const int seconds : {60, 200}) {
        for (const double memory : {0.0, 0.5, 0.8, 0.9}) {
            for (const double jitter : {0.0, 1.0})
                QTest::addRow("%d s, %.1f kept, jitter %.0f", seconds, memory, jitter)
                    << seconds << memory << jitter;
        }
    }
}

/// Pairs of series that remember: at most 5 % of them are taken for a change, whatever the tolerance.
void LoadCompareTest::moodsAreNoChanges()
{
    QFETCH(const int, seconds);
    QFETCH(const double, memory);
    QFETCH(const double, jitter);
    constexpr int kPairs = 60;
    Random random(11);
    int alarms = 0;
    for (int i = 0; i < kPairs; ++i) {
        const RunRecord base = runOfSeries(series(random, seconds, memory, jitter));
        const RunRecord changed = runOfSeries(series(random, seconds, memory, jitter));
        alarms += testBlocks(p99(), base, changed, 0).p < kSignificance ? 1 : 0;
    }
    QVERIFY2(alarms * 20 <= kPairs, qPrintable(QString::number(alarms)));
}

void LoadCompareTest::tooShortSeriesAreNotJudged()
{
    Random random(3);
    const BlockTest test =
        testBlocks(p99(), runOfSeries(series(random, 31, 0, 0)), runOfSeries(series(random, 31, 0, 0)), 0);
    QCOMPARE(test.seconds, std::size_t{31});
    QCOMPARE(test.blocks, std::size_t{0});
    QCOMPARE(test.p, 1.0);
    // All of it remembers: there is one mood, and no second block to compare it with.
    QCOMPARE(testBlocks(p99(), runOfSeries(series(random, 60, 0.95, 0)),
                        runOfSeries(series(random, 60, 0.95, 0)), 0)
                 .blocks,
             std::size_t{0});
}

void LoadCompareTest::identicalPairsAreNoChange_data()
{
    QTest::addColumn<int>("runs");
    QTest::addColumn<int>("seconds");
    QTest::newRow("one a side") << 1 << 60;
    QTest::newRow("three a side") << 3 << 15;
    QTest::newRow("five a side") << 5 << 15;
}

void LoadCompareTest::identicalPairsAreNoChange()
{
    QFETCH(const int, runs);
    QFETCH(const int, seconds);
    Random random(1);
    for (int i = 0; i < 20; ++i) {
        const Server server{.runSpread = 0.02, .spread = 0.05};
        const Sides sides = simulatedSides(random, server, server, runs, seconds);
        const Comparison comparison = compared(sides);
        QVERIFY2(comparison.change == Change::None, comparisonText(sides, comparison).c_str());
    }
}

void LoadCompareTest::twentyPercentAreFlagged_data()
{
    QTest::addColumn<int>("runs");
    QTest::addColumn<int>("seconds");
    QTest::addColumn<QString>("change");
    QTest::newRow("one a side") << 1 << 180 << u"WORSE"_s;
    QTest::newRow("one a side, too short to prove") << 1 << 30 << u"perhaps worse"_s;
    QTest::newRow("two a side") << 2 << 30 << u"perhaps worse"_s;
    QTest::newRow("three a side") << 3 << 30 << u"WORSE"_s;
    QTest::newRow("five a side") << 5 << 30 << u"WORSE"_s;
}

/// The p99 alone is 20 % higher, of 10 comparisons in 9 at least.
void LoadCompareTest::twentyPercentAreFlagged()
{
    QFETCH(const int, runs);
    QFETCH(const int, seconds);
    QFETCH(const QString, change);
    Random random(2);
    int flagged = 0;
    for (int i = 0; i < 10; ++i) {
        const Server before{.runSpread = 0.01, .spread = 0.03};
        Server after = before;
        after.tailScale = 1.2;
        const Comparison comparison = compared(simulatedSides(random, before, after, runs, seconds));
        const FigureChange &figure = figureOf(comparison, "delivery_latency_p99");
        flagged += QString::fromUtf8(toWords(figure.change).data()) == change ? 1 : 0;
        QCOMPARE(figureOf(comparison, "delivery_latency_p50").change, Change::None);
        QCOMPARE(figureOf(comparison, "deliveries_per_second").change, Change::None);
    }
    QVERIFY2(flagged >= 9, qPrintable(QString::number(flagged)));
}

/// Runs of one server that scatter by 25 %, as on a shared machine: at most 5 % are taken for a change.
void LoadCompareTest::groupsOfOneServerAreSeldomWorse()
{
    Random random(5);
    constexpr int kGroups = 40;
    for (const int runs : {3, 5}) {
        int worse = 0;
        for (int i = 0; i < kGroups; ++i) {
            const Server server{.runSpread = 0.25};
            const Comparison comparison = compared(simulatedSides(random, server, server, runs, 2));
            worse += comparison.change == Change::Worse ? 1 : 0;
        }
        QVERIFY2(worse * 20 <= kGroups, qPrintable(QString::number(worse)));
    }
}

void LoadCompareTest::threeRunsThatScatterAreNoProof()
{
    Random random(6);
    const auto sidesOf = [&random](std::array<double, 3> base, std::array<double, 3> changed) {
        Sides sides;
        for (const double scale : base)
            sides.base.push_back(named("a", simulatedRun(random, {.scale = scale, .spread = 0}, 5)));
        for (const double scale : changed)
            sides.changed.push_back(named("b", simulatedRun(random, {.scale = scale, .spread = 0}, 5)));
        return sides;
    };
    const auto p50 = [&](const Sides &sides) { return figureOf(compared(sides), "delivery_latency_p50"); };
    // Apart, as by chance one time in ten.
    FigureChange scattering = p50(sidesOf({0.8, 1.0, 1.25}, {1.4, 1.8, 2.3}));
    QCOMPARE(scattering.change, Change::PerhapsWorse);
    QVERIFY2(
        scattering.why.starts_with("the sides do not overlap (by ranks p = 0.100, the least of 3 and 3 runs"),
        scattering.why.c_str());
    QCOMPARE(p50(sidesOf({0.98, 1.0, 1.02}, {1.4, 1.42, 1.44})).change, Change::Worse);
    QCOMPARE(p50(sidesOf({1.4, 1.42, 1.44}, {0.98, 1.0, 1.02})).change, Change::Better);
    const Sides overlapping = sidesOf({1.0, 1.0, 1.5}, {1.3, 1.3, 1.3});
    QCOMPARE(p50(overlapping).change, Change::Unclear);
    QCOMPARE(p50(overlapping).why, std::string("the sides overlap"));
    const Comparison unclear = compared(overlapping);
    QCOMPARE(unclear.change, Change::Unclear);
    const std::string text = comparisonText(overlapping, unclear);
    QVERIFY2(text.find("\nUNCLEAR: figures differ by more than 10 %, and scatter too much to say why.") !=
                     std::string::npos &&
                 text.find("\nUnclear (") != std::string::npos,
             text.c_str());
    // The tolerance, however sure it is.
    QCOMPARE(p50(sidesOf({1.0, 1.0, 1.0}, {1.06, 1.06, 1.06})).change, Change::None);
}

/// All came in the end, and took twice as long.
void LoadCompareTest::lateDeliveriesAreFewerASecond()
{
    Random random(8);
    Sides sides = simulatedSides(random, {}, {}, 3, 10);
    for (NamedRun &run : sides.changed) {
        Histogram late;
        late.record(10s);
        run.record.seconds.push_back({.end = 20s, .received = 1, .latency = CoarseHistogram(late)});
        run.record.duration = 20s;
    }
    const Comparison comparison = compared(sides);
    const FigureChange &found = figureOf(comparison, "deliveries_per_second");
    QCOMPARE(found.baseMedian, 200.0);
    QCOMPARE(found.changedMedian, 100.0);
}

void LoadCompareTest::lessIsBetterOfLatenciesAndWorseOfRates()
{
    Random random(8);
    Sides sides = simulatedSides(random, {}, {.scale = 0.6}, 5, 10);
    for (NamedRun &run : sides.changed) {
        run.record.measurements.phases[0].deliveries /= 2;
        run.record.measurements.phases[0].answered /= 2;
    }
    const Comparison comparison = compared(sides);
    QCOMPARE(figureOf(comparison, "delivery_latency_p99").change, Change::Better);
    QCOMPARE(figureOf(comparison, "delivery_latency_max").change, Change::NotJudged);
    QCOMPARE(figureOf(comparison, "deliveries_per_second").change, Change::Worse);
    QCOMPARE(figureOf(comparison, "answered_of_planned").change, Change::Worse);
    QCOMPARE(comparison.change, Change::Worse);
    // No process was watched.
    for (const FigureChange &each : comparison.figures)
        QVERIFY(!each.figure->key.starts_with("watched"));
}

void LoadCompareTest::aLossIsWorseByItself()
{
    Random random(9);
    const Comparison comparison = compared(simulatedSides(random, {}, {.lost = 1}, 1, 40));
    QCOMPARE(faultOf(comparison, "lost").change, Change::Worse);
    QCOMPARE(comparison.change, Change::Worse);

    const auto lossesOf = [&](std::uint64_t before, std::uint64_t after) {
        return faultOf(compared(simulatedSides(random, {.lost = before}, {.lost = after}, 1, 5)), "lost")
            .change;
    };
    QCOMPARE(lossesOf(0, 0), Change::None);
    QCOMPARE(lossesOf(100, 0), Change::Better);
    QCOMPARE(lossesOf(1, 0), Change::PerhapsBetter);
    QCOMPARE(lossesOf(100, 105), Change::None);
    QCOMPARE(lossesOf(100, 150), Change::PerhapsWorse);
    QCOMPARE(lossesOf(100, 50), Change::PerhapsBetter);
}

void LoadCompareTest::aServerThatIsNotReachedIsWorse()
{
    Random random(10);
    Sides sides = simulatedSides(random, {}, {}, 1, 5);
    sides.changed[0].record.measurements = Measurements(sides.changed[0].record.phases);
    sides.changed[0] = named("b", sides.changed[0].record);
    const Comparison comparison = compared(sides);
    QCOMPARE(comparison.change, Change::Worse);
    QCOMPARE(faultOf(comparison, "never_reached").change, Change::Worse);
    QCOMPARE(figureOf(comparison, "delivery_latency_p50").change, Change::NotJudged);
    QVERIFY(comparison.notices[0].starts_with("b never reached its server"));

    std::swap(sides.base, sides.changed);
    const auto turned = compareSides(sides, {});
    QVERIFY(!turned);
    QCOMPARE(turned.error().text,
             std::string("b never reached the server: there is nothing to compare with"));
}

void LoadCompareTest::otherLoadsAreNotCompared_data()
{
    QTest::addColumn<ChangeOfRun>("change");
    QTest::addColumn<QString>("named"); ///< empty: they can be compared
    const auto row = [](const char *name, ChangeOfRun change, const QString &key) {
        QTest::newRow(name) << change << key;
    };
    row("address", [](RunRecord &run) { run.settings.url = "wss://other/ws"; }, {});
    row("seed", [](RunRecord &run) { run.settings.seed = 9; }, {});
    row("threads", [](RunRecord &run) { run.settings.threads = 2; }, {});
    row("processes", [](RunRecord &run) { run.settings.processes = 2; }, {});
    row("tags", [](RunRecord &run) { run.settings.tags = {{"build", "2"}}; }, {});
    row("thresholds", [](RunRecord &run) { run.settings.thresholds = {"delivery_latency p(99)<1s"}; }, {});
    row("users", &addUsers, u"--stages 5s:20 and --stages 5s:21"_s);
    row(
        "users from the beginning",
        [](RunRecord &run) {
            run.settings.stages = {{.users = 21}, {.duration = 5s, .users = 21}};
        },
        u"--stages 5s:20 and --users 21 --duration 5s"_s);
    row(
        "a stage's name", [](RunRecord &run) { run.settings.stages[0].name = "peak"; },
        u"parameters.stages[0].name is \"\" and \"peak\""_s);
    row(
        "rate", [](RunRecord &run) { run.settings.profiles[0].rate = 2; }, u"--rate 0.5/s and 2/s"_s);
    row(
        "rate of one profile of two",
        [](RunRecord &run) {
            run.settings.profiles.resize(2);
            run.settings.profiles[0].rate = 2;
        },
        u"parameters.profiles[0].rate_per_user is 0.5 and 2"_s);
    row(
        "size", [](RunRecord &run) { run.settings.profiles[0].size = {.least = 64, .most = 256}; },
        u"--size 128 and 64-256"_s);
    row(
        "senders", [](RunRecord &run) { run.settings.profiles[0].senders.share = 0.1; },
        u"--senders all and 10%"_s);
    row(
        "pace", [](RunRecord &run) { run.settings.profiles[0].pace = Pace::Poisson; },
        u"--pace fixed and poisson"_s);
    row(
        "rooms", [](RunRecord &run) { run.settings.rooms = {"general"}; }, u"--rooms 1 and general"_s);
    row(
        "drain", [](RunRecord &run) { run.settings.drain = 1s; }, u"--drain 5s and 1s"_s);
    row(
        "verified sample", [](RunRecord &run) { run.settings.verifySample = 10; },
        u"parameters.verify_sample is 1 and 10"_s);
}

void LoadCompareTest::otherLoadsAreNotCompared()
{
    QFETCH(const ChangeOfRun, change);
    QFETCH(const QString, named);
    Random random(12);
    Sides sides = simulatedSides(random, {}, {}, 2, 5);
    change(sides.changed[1].record);
    const auto comparison = compareSides(sides, {});
    QCOMPARE(static_cast<bool>(comparison), named.isEmpty());
    if (!comparison) {
        const QString text = QString::fromStdString(comparison.error().text);
        QVERIFY2(text.contains(u"a0 and b1: "_s + named), qPrintable(text));
    }
}

void LoadCompareTest::force()
{
    Random random(13);
    Sides sides = simulatedSides(random, {}, {}, 1, 5);
    addUsers(sides.changed[0].record);
    const Comparison comparison = compared(sides, {.isForced = true});
    QCOMPARE(comparison.mismatches.size(), std::size_t{1});
    const std::string text = comparisonText(sides, comparison);
    QVERIFY2(text.find("--force") != std::string::npos &&
                 text.find("--stages 5s:20 and --stages 5s:21") != std::string::npos,
             text.c_str());
}

void LoadCompareTest::oneRunCountsOnce()
{
    Random random(14);
    Sides sides = simulatedSides(random, {}, {}, 2, 5);
    for (const Sides &each :
         {Sides{{sides.base[0]}, {sides.base[0]}}, Sides{sides.base, {sides.changed[0], sides.base[0]}},
          Sides{{sides.base[0], sides.base[0]}, sides.changed}}) {
        const auto twice = compareSides(each, {});
        QVERIFY(!twice);
        QVERIFY2(twice.error().text.starts_with("a0 and a0 are the same run"), twice.error().text.c_str());
    }
}

void LoadCompareTest::noticesNameRuns()
{
    Random random(15);
    Sides sides = simulatedSides(random, {.lost = 1}, {}, 2, 5);
    sides.base[1].record.isInterrupted = true;
    sides.base[1].record.measurements.deliveries.lost = 0;
    sides.base[1] = named("a1", sides.base[1].record);
    sides.changed[0].record.stolen = 0.5;
    sides.changed[0].record.machine.host = "other";
    sides.changed[0] = named("b0", sides.changed[0].record);
    sides.changed[1].record.begun = "2026-11-29T13:00:00.000Z";
    sides.changed[0].record.begun = "2026-11-29T13:00:00.000Z";
    const std::vector<std::string> notices = noticesOf(sides);
    const auto isThere = [&notices](std::string_view begin) {
        return std::any_of(notices.begin(), notices.end(),
                           [begin](const std::string &each) { return each.starts_with(begin); });
    };
    QVERIFY(isThere("a0 was not correct"));
    QVERIFY(isThere("a1 was interrupted after 00:05"));
    QVERIFY(isThere("The generator of b0 did not keep up"));
    QVERIFY(isThere("The generators' machines differ"));
    QVERIFY(isThere("One side ran after the other"));
    QCOMPARE(notices.size(), std::size_t{5});
}

void LoadCompareTest::secondsOutsideOfMeasuredPhasesDoNotCount()
{
    RunRecord run = runOfSeries(std::vector<double>(10, 0.0));
    run.phases = {{.name = "warm-up", .end = 2s, .isMeasured = false},
                  {.name = "hold", .begin = 2s, .end = 7500ms}};
    run.seconds[4].end += 2ms; // a row may be a little late
    const auto seconds = measuredSeconds(run);
    QCOMPARE(seconds.size(), std::size_t{5});
    QCOMPARE(seconds.front(), &run.seconds[2]);
    QCOMPARE(seconds.back(), &run.seconds[6]);
}

void LoadCompareTest::textAndJsonSayTheSame()
{
    Random random(16);
    const Sides sides = simulatedSides(random, {.spread = 0.02}, {.scale = 2, .spread = 0.02}, 3, 5);
    const Comparison comparison = compared(sides);
    const std::string text = comparisonText(sides, comparison);
    QVERIFY(text.find("WORSE: NEW is worse than BASE.") != std::string::npos);
    QVERIFY(text.find("BASE  a0, a1, a2 (ws://127.0.0.1:8000/ws)") != std::string::npos);
    QVERIFY2(text.find("delivery latency p99") != std::string::npos, text.c_str());

    const QJsonObject json = QJsonDocument::fromJson(comparisonJson(sides, comparison)).object();
    QCOMPARE(json[u"verdict"_s].toString(), u"worse"_s);
    QCOMPARE(json[u"base"_s].toArray().size(), 3);
    const QJsonObject figure = json[u"figures"_s].toObject()[u"delivery_latency_p99"_s].toObject();
    QCOMPARE(figure[u"verdict"_s].toString(), u"worse"_s);
    QCOMPARE(figure[u"unit"_s].toString(), u"us"_s);
    QVERIFY(std::abs(figure[u"change"_s].toDouble() - 1) < 0.3);
    QVERIFY(figure[u"p"_s].toDouble() < 0.01);
    QCOMPARE(figure[u"base"_s].toArray().size(), 3);
    QCOMPARE(json[u"correctness"_s].toObject()[u"lost"_s].toObject()[u"base_of"_s].toInt(), 3 * 5 * 200);
}

} // namespace

PARLOR_TEST(LoadCompareTest)
#include "tst_load_compare.moc"
