// SPDX-License-Identifier: MIT
#include "client-cli/load/ceiling/ceilingreport.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>

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

/// A run in which all went well, with this latency of each delivery.
RunRecord recordOf(const Settings &settings, Offset latency, std::uint64_t samples = 10'000)
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
    PhaseMeasurements &step = record.measurements.phases.back();
    step.planned = step.sent = step.answered = 100;
    step.deliveries = samples;
    record.measurements.deliveries.received = samples;
    for (std::uint64_t i = 0; i < samples; ++i)
        step.deliveryLatency.record(latency);
    record.threads = {{.meanCpu = 0.5, .seconds = 10}};
    return record;
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
        lengths.push_back(settings.stages.back().duration);
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
    void speakers();
    void stepIsAFairRun();
    void texts();
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
        lengths.push_back(settings.stages.back().duration);
        return recordOf(settings, 1ms, lengths.back() < 8s ? 500 : 2000);
    };
    CeilingPlan plan = planTo(10);
    const auto found = Ceiling(plan, runner, [](const Step &) {}).find();
    QVERIFY(found && found->passed);
    QCOMPARE(lengths, (std::vector<Offset>{2s, 4s, 8s}));
    QVERIFY(found->steps[0].verdict == StepVerdict::TooFewSamples);
    QVERIFY(found->steps[2].verdict == StepVerdict::Passed);
}

void TestLoadCeiling::fewSamplesToTheEnd()
{
    std::vector<Offset> lengths;
    const auto runner = [&lengths](const Settings &settings) -> parlor::Result<RunRecord> {
        lengths.push_back(settings.stages.back().duration);
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
    const auto slow = [](RunRecord &record) {
        record.measurements.phases.back().deliveryLatency.clear();
        for (int i = 0; i < 2000; ++i)
            record.measurements.phases.back().deliveryLatency.record(90ms);
    };
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
    row("slow", slow, "failed", "delivery_latency p(99)<50ms: 90");
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
        "generator_limited", "loop lag p99");
    row("good, the generator busy", busy, "passed", "9 of 10 s");
    row(
        "sent late, beside a small latency",
        [](RunRecord &record) {
            for (int i = 0; i < 2000; ++i)
                record.measurements.phases.back().sendLag.record(9ms);
        },
        "passed", "");
    row(
        "few samples",
        [](RunRecord &record) {
            record.measurements.phases.back().deliveryLatency.clear();
            for (int i = 0; i < 20; ++i)
                record.measurements.phases.back().deliveryLatency.record(90ms);
        },
        "too_few_samples", "too few samples");
    row(
        "interrupted", [](RunRecord &record) { record.isInterrupted = true; }, "interrupted", "interrupted");
    row(
        "interrupted while messages were lost",
        [](RunRecord &record) {
            record.isInterrupted = true;
            record.measurements.deliveries.lost = 3;
            record.measurements.phases.back().unanswered = 5;
        },
        "interrupted", "interrupted");
}

void TestLoadCeiling::steps()
{
    QFETCH(std::function<void(RunRecord &)>, change);
    QFETCH(QString, verdict);
    QFETCH(QString, says);
    const CeilingPlan plan = planTo(100);
    RunRecord record = recordOf(Ceiling::settingsOf(plan, 50, 2s), 10ms);
    change(record);
    const Step step = judgeStep(50, record);
    QCOMPARE(QString::fromStdString(std::string(toString(step.verdict))), verdict);
    const QString why = QString::fromStdString(step.why);
    QVERIFY2(says.isEmpty() ? why.isEmpty() : why.contains(says), qPrintable(why));
    QCOMPARE(step.sent, 50.0); // 100 in the two seconds that are measured
    QCOMPARE(step.received, 5000.0);
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
    QCOMPARE(settings.stages.size(), 3U);
    QVERIFY(!settings.stages[0].isMeasured && !settings.stages[1].isMeasured &&
            settings.stages[2].isMeasured);
    QCOMPARE(settings.stages[2].duration, Offset(3s));
    QCOMPARE(settings.stages[2].users, 10U);
    QCOMPARE(settings.thresholds, plan.settings.thresholds);
}

void TestLoadCeiling::texts()
{
    const CeilingPlan plan = planTo(1e6);
    Server server{77};
    std::string rows;
    const auto found =
        Ceiling(plan, std::ref(server), [&rows](const Step &step) { rows += stepLine(step); }).find();
    QVERIFY(found);
    QVERIFY(stepHeading(plan).find("10 users in 2 rooms with delivery_latency p(99)<50ms") !=
            std::string::npos);
    QCOMPARE(std::count(rows.begin(), rows.end(), '\n'), std::ptrdiff_t(found->steps.size()));
    QVERIFY(rows.find("failed: delivery_latency p(99)<50ms: 100 ms") != std::string::npos);
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

PARLOR_TEST(TestLoadCeiling)
#include "tst_load_ceiling.moc"
