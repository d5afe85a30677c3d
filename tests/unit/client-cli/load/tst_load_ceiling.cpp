// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/ceilingreport.h"
#include "client-cli/load/ceiling/selftest.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <array>
#include <cmath>
#include <fcntl.h>
#include <unistd.h>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

CeilingPlan planTo(double to)
{
    CeilingPlan plan;
    plan.settings.rooms = {"a", "b"};
    plan.settings.thresholds = {"delivery_latency p(99)<50ms"};
    plan.users = 10;
    plan.range = {.from = 10, .to = to};
    plan.stepTime = 2s;
    plan.longestStep = 16s;
    return plan;
}

double rateOf(const Settings &settings)
{
    return settings.profiles.front().rate *
           speakersOf(settings.profiles.front(), settings.stages.back().users);
}

Offset lengthOf(const Settings &settings)
{
    Offset length{};
    for (const Stage &stage : settings.stages)
        length += stage.isMeasured ? stage.duration : Offset{};
    return length;
}

/// A run in which all went well. `latency`: of each delivery, by the time at which its message was planned.
RunRecord recordOf(const Settings &settings, const std::function<Offset(Offset)> &latency,
                   std::uint64_t samples = 10'000)
{
    RunRecord record;
    record.settings = settings;
    Offset begin{};
    for (const Stage &stage : settings.stages) {
        record.phases.push_back(
            {stage.name, begin, begin + stage.duration, 0, stage.users, stage.isMeasured});
        begin += stage.duration;
    }
    record.measurements = Measurements(record.phases);
    record.measurements.joined = settings.stages.back().users;
    for (std::size_t i = record.phases.size() - 2; i < record.phases.size(); ++i) {
        const Phase &phase = record.phases[i];
        PhaseMeasurements &half = record.measurements.phases[i];
        half.planned = half.sent = half.answered = 50;
        half.deliveries = samples / 2;
        for (std::uint64_t k = 0; k < half.deliveries; ++k) {
            const double passed = static_cast<double>(k) / static_cast<double>(half.deliveries);
            half.deliveryLatency.record(latency(
                phase.begin + std::chrono::duration_cast<Offset>((phase.end - phase.begin) * passed)));
        }
    }
    record.measurements.deliveries.received = samples;
    record.threads = {{.meanCpu = 0.5, .seconds = 10}};
    return record;
}

RunRecord recordOf(const Settings &settings, Offset latency, std::uint64_t samples = 10'000)
{
    return recordOf(
        settings, [latency](Offset) { return latency; }, samples);
}

void setLatency(RunRecord &record, Offset latency, int samples)
{
    for (std::size_t i = record.phases.size() - 2; i < record.phases.size(); ++i) {
        Histogram &half = record.measurements.phases[i].deliveryLatency;
        half.clear();
        for (int k = 0; k < samples / 2; ++k)
            half.record(latency);
    }
}

/// A server that bears so many messages a second.
struct Server
{
    double bears = 0;
    std::vector<double> rates{};
    std::vector<Offset> lengths{};

    RunRecord operator()(const Settings &settings)
    {
        rates.push_back(rateOf(settings));
        lengths.push_back(lengthOf(settings));
        return recordOf(settings, rates.back() <= bears ? 10ms : 100ms);
    }
};

} // namespace

/// The search for the highest rate, without sockets.
class TestLoadCeiling : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsWhatAServerBears_data();
    void findsWhatAServerBears();
    void aQueueThatGrowsIsNoSuccess_data();
    void aQueueThatGrowsIsNoSuccess();
    void noRatePasses();
    void noRateFails();
    void fewSamplesMakeItLonger();
    void fewSamplesToTheEnd();
    void fewSamplesSendItUp();
    void aSlowGeneratorLeavesItUnknown();
    void interrupted();
    void neverReached();
    void runnersErrorEndsIt();
    void steps_data();
    void steps();
    void aMedianMovesByItself();
    void speakers();
    void stepIsAFairRun();
    void texts();
    void goalsHaveTheirColumns_data();
    void goalsHaveTheirColumns();
    void aLimitLetsABurstThrough();
    void selfTestSaysWhatItsThreadsShared();
    void anInterruptEndsTheSelfTestAtOnce();
};

void TestLoadCeiling::findsWhatAServerBears_data()
{
    QTest::addColumn<double>("bears");
    for (const double each : {3.0, 10.0, 77.0, 1000.0, 4321.0, 99'000.0})
        QTest::addRow("%g", each) << each;
}

void TestLoadCeiling::findsWhatAServerBears()
{
    QFETCH(double, bears);
    Server server{bears};
    int told = 0;
    const auto found = Ceiling(
                           planTo(1e6), [&server](const Settings &settings) { return server(settings); },
                           [&told](const Step &) { ++told; })
                           .find();
    QVERIFY(found);
    QVERIFY(found->passed && found->failed);
    QVERIFY(found->passed->rate <= bears);
    QVERIFY(found->failed->rate > bears);
    QVERIFY(found->failed->rate <= found->passed->rate * 1.05 * 1.000001);
    QCOMPARE(found->failed->why, std::string("delivery_latency p(99)<50ms: 100 ms"));
    QCOMPARE(told, int(found->steps.size()));
    QVERIFY(found->steps.size() < 25);
    QCOMPARE(server.rates.front(), 10.0);
}

void TestLoadCeiling::aQueueThatGrowsIsNoSuccess_data()
{
    QTest::addColumn<QString>("goal");
    QTest::newRow("wide") << QStringLiteral("delivery_latency p(99)<5s");
    QTest::newRow("of another thing") << QStringLiteral("connect_success rate<=1");
}

/// In a short step what is too much fits into the server's buffers, and is all delivered.
void TestLoadCeiling::aQueueThatGrowsIsNoSuccess()
{
    QFETCH(QString, goal);
    constexpr double kBears = 1000;
    const auto runner = [](const Settings &settings) -> parlor::Result<RunRecord> {
        const double tooMuch = std::max(0.0, rateOf(settings) / kBears - 1);
        RunRecord record = recordOf(settings, [tooMuch](Offset planned) {
            return 2ms + std::chrono::duration_cast<Offset>(planned * tooMuch);
        });
        record.measurements.connected = record.measurements.connectAttempts = 10;
        return record;
    };
    CeilingPlan plan = planTo(1e6);
    plan.settings.thresholds = {goal.toStdString()};
    const auto found = Ceiling(plan, runner, [](const Step &) {}).find();
    QVERIFY(found && found->passed && found->failed);
    QVERIFY2(found->passed->rate <= kBears * 1.05, qPrintable(QString::number(found->passed->rate)));
    QVERIFY2(found->failed->why.find("latency grew from ") != std::string::npos, found->failed->why.c_str());
}

void TestLoadCeiling::noRatePasses()
{
    Server server{0};
    const auto found = Ceiling(planTo(1e6), std::ref(server), [](const Step &) {}).find();
    QVERIFY(found && !found->passed && found->failed);
    QCOMPARE(found->failed->rate, 1.0);
    QCOMPARE(server.rates, (std::vector<double>{10, 5, 2.5, 1.25, 1}));
}

void TestLoadCeiling::noRateFails()
{
    Server server{1e9};
    const auto found = Ceiling(planTo(100), std::ref(server), [](const Step &) {}).find();
    QVERIFY(found && found->passed && !found->failed);
    QCOMPARE(found->passed->rate, 100.0);
    QCOMPARE(server.rates, (std::vector<double>{10, 20, 40, 80, 100}));
    QVERIFY(ceilingText(planTo(100), *found).find("the search ended at --to") != std::string::npos);
}

void TestLoadCeiling::fewSamplesMakeItLonger()
{
    std::vector<Offset> lengths;
    const auto runner = [&lengths](const Settings &settings) -> parlor::Result<RunRecord> {
        lengths.push_back(lengthOf(settings));
        return recordOf(settings, 1ms, lengths.back() < 8s ? 500 : 2000);
    };
    CeilingPlan plan = planTo(10);
    const auto found = Ceiling(plan, runner, [](const Step &) {}).find();
    QVERIFY(found && found->passed);
    QCOMPARE(lengths, (std::vector<Offset>{2s, 4s, 8s}));
    QVERIFY(found->steps[0].verdict == StepVerdict::TooFewSamples);
    const std::string lines = stepLines(found->steps[0]);
    QVERIFY2(lines.ends_with("  not judged\n    delivery_latency p(99)<50ms: too few samples (500), so it is "
                             "measured longer\n"),
             lines.c_str());
    QVERIFY(found->steps[2].verdict == StepVerdict::Passed);
}

void TestLoadCeiling::fewSamplesToTheEnd()
{
    std::vector<Offset> lengths;
    const auto runner = [&lengths](const Settings &settings) -> parlor::Result<RunRecord> {
        lengths.push_back(lengthOf(settings));
        return recordOf(settings, 1ms, 500);
    };
    CeilingPlan plan = planTo(10);
    const auto found = Ceiling(plan, runner, [](const Step &) {}).find();
    QVERIFY(found && !found->passed && !found->failed && found->unjudged && found->isUnknown());
    QCOMPARE(lengths, (std::vector<Offset>{2s, 4s, 8s, 16s}));
    QVERIFY(found->unjudged->why.find("no longer step is allowed") != std::string::npos);
    const std::string text = ceilingText(plan, *found);
    QVERIFY2(text.find("too few deliveries to judge") != std::string::npos, text.c_str());
}

void TestLoadCeiling::fewSamplesSendItUp()
{
    Server server{1000};
    const auto runner = [&server](const Settings &settings) -> parlor::Result<RunRecord> {
        const RunRecord full = server(settings);
        return rateOf(settings) < 100 ? recordOf(settings, 1ms, 500) : full;
    };
    const auto found = Ceiling(planTo(1e6), runner, [](const Step &) {}).find();
    QVERIFY(found && found->passed && found->failed && found->unjudged && !found->isUnknown());
    QCOMPARE(*std::min_element(server.rates.begin(), server.rates.end()), 10.0);
    QVERIFY(found->passed->rate > 900 && found->passed->rate <= 1000);
}

void TestLoadCeiling::aSlowGeneratorLeavesItUnknown()
{
    const auto runner = [](const Settings &settings) -> parlor::Result<RunRecord> {
        RunRecord record = recordOf(settings, 90ms);
        record.threads.front().busySeconds = 9;
        return record;
    };
    const auto found = Ceiling(planTo(1e6), runner, [](const Step &) {}).find();
    QVERIFY(found && !found->passed && found->failed && found->isUnknown());
    Server slow{0};
    const auto failed = Ceiling(planTo(1e6), std::ref(slow), [](const Step &) {}).find();
    QVERIFY(failed && !failed->isUnknown());
}

void TestLoadCeiling::interrupted()
{
    Server server{1e9};
    const auto runner = [&server](const Settings &settings) -> parlor::Result<RunRecord> {
        RunRecord record = server(settings);
        record.isInterrupted = server.rates.size() == 3;
        return record;
    };
    const auto found = Ceiling(planTo(1e6), runner, [](const Step &) {}).find();
    QVERIFY(found && found->isInterrupted && !found->failed);
    QCOMPARE(found->steps.size(), 3U);
    QCOMPARE(found->passed->rate, 20.0);
    QVERIFY(ceilingText(planTo(1e6), *found).find("Interrupted") != std::string::npos);
}

void TestLoadCeiling::neverReached()
{
    const auto runner = [](const Settings &settings) -> parlor::Result<RunRecord> {
        RunRecord record = recordOf(settings, 1ms);
        record.measurements.joined = 0;
        record.measurements.errors["connect: Connection refused"] = 3;
        return record;
    };
    const auto found = Ceiling(planTo(1e6), runner, [](const Step &) {}).find();
    QVERIFY(found && found->isNeverReached);
    QCOMPARE(found->steps.size(), 1U);
    QVERIFY(ceilingText(planTo(1e6), *found).find("Connection refused") != std::string::npos);
}

void TestLoadCeiling::runnersErrorEndsIt()
{
    const auto runner = [](const Settings &) -> parlor::Result<RunRecord> {
        return parlor::Error{.text = "no epoll"};
    };
    const auto found = Ceiling(planTo(1e6), runner, [](const Step &) {}).find();
    QVERIFY(!found);
    QCOMPARE(found.error().text, std::string("no epoll"));
}

void TestLoadCeiling::steps_data()
{
    using Change = std::function<void(RunRecord &)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("verdict");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, Change change, const char *verdict, const char *says) {
        QTest::newRow(name) << std::move(change) << QString::fromLatin1(verdict) << QString::fromLatin1(says);
    };
    const auto slow = [](RunRecord &record) { setLatency(record, 90ms, 2000); };
    const auto busy = [](RunRecord &record) { record.threads.front().busySeconds = 9; };
    const auto late = [](RunRecord &record) {
        for (int i = 0; i < 2000; ++i)
            record.measurements.loopLag.record(30ms);
    };
    row(
        "good", [](RunRecord &) {}, "passed", "");
    row(
        "lost", [](RunRecord &record) { record.measurements.deliveries.lost = 3; }, "failed", "3 lost");
    row(
        "lost and doubled",
        [](RunRecord &record) {
            record.measurements.deliveries.lost = 1;
            record.measurements.deliveries.doubled = 1;
        },
        "failed", "1 lost, 1 doubled");
    row(
        "refused",
        [](RunRecord &record) {
            PhaseMeasurements &step = record.measurements.phases.back();
            step.answered -= 7;
            step.rejected += 7;
            record.measurements.refusals["rate_limited"] = 7;
        },
        "failed", "7 messages refused (rate_limited)");
    row(
        "a user missing", [](RunRecord &record) { record.measurements.absent = 1; }, "failed",
        "1 user missing at the end");
    row("slow", slow, "failed", "delivery_latency p(99)<85ms: 90");
    row(
        "slow, the generator busy",
        [=](RunRecord &record) {
            slow(record);
            busy(record);
        },
        "generator_limited", "9 of 10 s");
    row(
        "slow, the generator late",
        [=](RunRecord &record) {
            slow(record);
            late(record);
        },
        "generator_limited", "generator busy: its threads");
    const auto grows = [](RunRecord &record) {
        Histogram &latency = record.measurements.phases.back().deliveryLatency;
        latency.clear();
        for (int i = 0; i < 2000; ++i)
            latency.record(i < 1500 ? 80ms : 20ms);
    };
    row("slower and slower, within the goal", grows, "failed",
        "its latency grew from 10.0 ms to 80.0 ms: more was sent than the server takes");
    row(
        "slower and slower, the generator busy",
        [=](RunRecord &record) {
            grows(record);
            busy(record);
        },
        "generator_limited", "grew from");
    row(
        "a little slower",
        [](RunRecord &record) {
            Histogram &latency = record.measurements.phases.back().deliveryLatency;
            latency.clear();
            for (int i = 0; i < 5000; ++i)
                latency.record(45ms);
        },
        "passed", "");
    row("good, the generator busy", busy, "passed", "9 of 10 s");
    row(
        "sent late, beside a small latency",
        [](RunRecord &record) {
            for (int i = 0; i < 2000; ++i)
                record.measurements.phases.back().sendLag.record(9ms);
        },
        "passed", "");
    row(
        "few samples", [](RunRecord &record) { setLatency(record, 90ms, 20); }, "too_few_samples",
        "too few samples");
    row(
        "interrupted", [](RunRecord &record) { record.isInterrupted = true; }, "interrupted", "");
    row(
        "interrupted while messages were lost",
        [](RunRecord &record) {
            record.isInterrupted = true;
            record.measurements.deliveries.lost = 3;
            record.measurements.phases.back().unanswered = 5;
        },
        "interrupted", "");
}

void TestLoadCeiling::steps()
{
    QFETCH(std::function<void(RunRecord &)>, change);
    QFETCH(QString, verdict);
    QFETCH(QString, says);
    CeilingPlan plan = planTo(100);
    plan.settings.thresholds = {"delivery_latency p(99)<85ms"};
    RunRecord record = recordOf(Ceiling::settingsOf(plan, 50, 2s), 10ms);
    change(record);
    const Step step = judgeStep(50, record, 0.05);
    QCOMPARE(QString::fromStdString(std::string(toString(step.verdict))), verdict);
    const QString why = QString::fromStdString(step.why);
    QVERIFY2(says.isEmpty() ? why.isEmpty() : why.contains(says), qPrintable(why));
    QCOMPARE(step.sent, 50.0); // 100 in the two seconds that are measured
    QCOMPARE(step.received, 5000.0);
}

/// In a short step, with a small tolerance, no more than 2.5 ms were allowed.
void TestLoadCeiling::aMedianMovesByItself()
{
    const Settings settings = Ceiling::settingsOf(planTo(100), 50, 1s);
    const auto verdictOf = [&settings](Offset inSecondHalf) {
        const Offset secondHalf = 2500ms;
        const RunRecord record =
            recordOf(settings, [&](Offset planned) { return planned < secondHalf ? 10ms : inSecondHalf; });
        return judgeStep(50, record, 0.005).verdict;
    };
    QVERIFY(verdictOf(19ms) == StepVerdict::Passed);
    QVERIFY(verdictOf(25ms) == StepVerdict::Failed);
}

void TestLoadCeiling::speakers()
{
    Profile profile;
    QCOMPARE(speakersOf(profile, 10), 10U);
    profile.senders.share = 0.25;
    QCOMPARE(speakersOf(profile, 10), 3U);
    profile.senders.share = 0.001;
    QCOMPARE(speakersOf(profile, 10), 1U);
    profile.senders.count = 4;
    QCOMPARE(speakersOf(profile, 10), 4U);
    QCOMPARE(speakersOf(profile, 2), 2U);
}

void TestLoadCeiling::stepIsAFairRun()
{
    CeilingPlan plan = planTo(100);
    plan.settings.profiles.front().senders.count = 5;
    const Settings settings = Ceiling::settingsOf(plan, 50, 3s);
    QCOMPARE(settings.profiles.front().rate, 10.0);
    QCOMPARE(settings.stages.size(), 4U);
    QVERIFY(!settings.stages[0].isMeasured && !settings.stages[1].isMeasured &&
            settings.stages[2].isMeasured && settings.stages[3].isMeasured);
    QCOMPARE(lengthOf(settings), Offset(3s));
    QCOMPARE(settings.stages[3].users, 10U);
    QCOMPARE(settings.thresholds, plan.settings.thresholds);
}

void TestLoadCeiling::texts()
{
    const CeilingPlan plan = planTo(1e6);
    Server server{77};
    std::string rows;
    const auto found =
        Ceiling(plan, std::ref(server), [&rows](const Step &step) { rows += stepLines(step); }).find();
    QVERIFY(found);
    QVERIFY(stepHeading(plan).find("10 users in 2 rooms with delivery_latency p(99)<50ms") !=
            std::string::npos);
    const auto reasons = std::count_if(found->steps.begin(), found->steps.end(),
                                       [](const Step &step) { return !step.why.empty(); });
    QCOMPARE(std::count(rows.begin(), rows.end(), '\n'), std::ptrdiff_t(found->steps.size()) + reasons);
    QVERIFY(rows.find("  failed\n    delivery_latency p(99)<50ms: 100 ms\n") != std::string::npos);
    QCOMPARE(stepProgress(200, 6500ms), std::string("step 200/s, 7 s left"));
    QCOMPARE(stepProgress(12.5, -1ms), std::string("step 12.5/s, 0 s left"));
    const std::string text = ceilingText(plan, *found);
    QVERIFY2(text.find("MAX  ") != std::string::npos && text.find("Above it ") != std::string::npos,
             text.c_str());

    const QJsonObject json =
        QJsonDocument::fromJson(QByteArray::fromStdString(ceilingJson(plan, *found))).object();
    QCOMPARE(json[QLatin1String("steps")].toArray().size(), qsizetype(found->steps.size()));
    QCOMPARE(json[QLatin1String("highest_passed")][QLatin1String("rate")].toDouble(), found->passed->rate);
    QCOMPARE(json[QLatin1String("lowest_failed")][QLatin1String("verdict")].toString(),
             QLatin1String("failed"));
}

void TestLoadCeiling::goalsHaveTheirColumns_data()
{
    QTest::addColumn<QStringList>("goals");
    QTest::addColumn<QString>("heads");
    QTest::addColumn<QString>("figures");
    const auto row = [](const char *name, const QStringList &goals, const char *heads, const char *figures) {
        QTest::newRow(name) << goals << QString::fromLatin1(heads) << QString::fromLatin1(figures);
    };
    row("p(99)", {QStringLiteral("delivery_latency p(99)<5s")}, "p50 p99 cpu", "10.0 ms 30.0 ms");
    row("p(50)", {QStringLiteral("delivery_latency p(50)<5s")}, "deliveries/s p50 cpu", "5,000 10.0 ms 50 %");
    row("p(90)", {QStringLiteral("delivery_latency p(90) < 5s")}, "p50 p90 cpu", "10.0 ms 20.0 ms");
    row("average", {QStringLiteral("delivery_latency avg<5s")}, "p50 avg cpu", "10.0 ms 12.0 ms");
    row("of the answers", {QStringLiteral("ack_latency p(95)<5s")}, "p50 ack_latency p95 cpu",
        "10.0 ms 2.00 ms");
    row("two", {QStringLiteral("delivery_latency max<5s"), QStringLiteral("connect_success rate>0.9")},
        "p50 max connect_success rate cpu", "10.0 ms 30.0 ms 100.00 %");
    row("too few samples", {QStringLiteral("delivery_latency p(99.99)<5s")}, "p50 p99.99 cpu", "10.0 ms -");
}

void TestLoadCeiling::goalsHaveTheirColumns()
{
    QFETCH(QStringList, goals);
    QFETCH(QString, heads);
    QFETCH(QString, figures);
    CeilingPlan plan = planTo(10);
    plan.settings.thresholds.clear();
    for (const QString &each : goals)
        plan.settings.thresholds.push_back(each.toStdString());
    plan.longestStep = plan.stepTime;
    const auto runner = [](const Settings &settings) -> parlor::Result<RunRecord> {
        int count = 0;
        RunRecord record = recordOf(settings, [&count](Offset) {
            ++count;
            return count % 100 < 5 ? 30ms : count % 100 < 15 ? 20ms : 10ms;
        });
        record.measurements.connected = record.measurements.connectAttempts = 10;
        for (int i = 0; i < 2000; ++i)
            record.measurements.phases.back().ackLatency.record(2ms);
        return record;
    };
    std::string rows = stepHeading(plan);
    const auto found = Ceiling(plan, runner, [&rows](const Step &step) { rows += stepLines(step); }).find();
    QVERIFY(found && found->steps.size() == 1);
    const QStringList lines = QString::fromStdString(rows).split(u'\n');
    const auto isHead = [](const QString &line) { return line.startsWith(u"messages/s"); };
    const QStringList table(std::find_if(lines.begin(), lines.end(), isHead), lines.end());
    QVERIFY2(table.size() >= 2, rows.c_str());
    QVERIFY2(table[0].simplified().contains(heads), rows.c_str());
    QVERIFY2(table[1].simplified().contains(figures), rows.c_str());
    QCOMPARE(table[0].indexOf(u"verdict"), table[1].indexOf(found->passed ? u"passed" : u"not judged"));
}

void TestLoadCeiling::aLimitLetsABurstThrough()
{
    const auto runner = [](const Settings &settings) -> parlor::Result<RunRecord> {
        RunRecord record = recordOf(settings, 1ms);
        if (rateOf(settings) > 300) {
            PhaseMeasurements &half = record.measurements.phases.back();
            half.answered -= 7;
            half.rejected += 7;
            record.measurements.refusals["rate_limited"] = 7;
        }
        return record;
    };
    const auto found = Ceiling(planTo(1e6), runner, [](const Step &) {}).find();
    QVERIFY(found && found->failed);
    const std::string text = ceilingText(planTo(1e6), *found);
    QVERIFY2(text.find("a longer --step-time comes closer to it") != std::string::npos, text.c_str());
    Server slow{300};
    const auto busy = Ceiling(planTo(1e6), std::ref(slow), [](const Step &) {}).find();
    QVERIFY(ceilingText(planTo(1e6), *busy).find("--step-time") == std::string::npos);
}

void TestLoadCeiling::selfTestSaysWhatItsThreadsShared()
{
    CeilingResult found;
    found.passed = Step{.sent = 500, .received = 50'000};
    QVERIFY(deliveriesText(found, 2, 2).find("50,000/s verified with 2 threads (") != std::string::npos);
    const std::string shared = deliveriesText(found, 2, 1);
    QVERIFY2(shared.find("50,000/s verified with 2 threads on 1 core (") != std::string::npos,
             shared.c_str());
    QCOMPARE(deliveriesText({}, 3, 2),
             std::string("deliveries    unknown: no rate passed with 3 threads on 2 cores\n"));
}

/// The first run is there to be measured without; what interrupts it is read then.
void TestLoadCeiling::anInterruptEndsTheSelfTestAtOnce()
{
    std::array<int, 2> ends{};
    QCOMPARE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    QCOMPARE(::write(ends[1], "\2", 1), ssize_t(1));
    Target target;
    target.host = "127.0.0.1";
    target.port = 9;
    target.authority = "127.0.0.1:9";
    target.url = "ws://127.0.0.1:9/ws";
    SelfTest test(target, *resolve(target.host, target.port), ends[0], 1);
    const auto cost = test.holdConnections(200);
    QVERIFY(cost);
    QVERIFY(cost->isInterrupted);
    QCOMPARE(cost->wanted, 200U);
    ::close(ends[0]);
    ::close(ends[1]);
}

PARLOR_TEST(TestLoadCeiling)
#include "tst_load_ceiling.moc"
