// SPDX-License-Identifier: MIT
#include "client-cli/exitcode.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textreport.h"
#include "client-cli/load/runfile/recordwriter.h"
#include "fullrecord.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace parlor::cli;
using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// A run in which all went well.
RunRecord goodRun()
{
    RunRecord result;
    result.settings.url = "ws://server:8000/ws";
    result.settings.stages = {{.duration = 1s, .users = 10}, {.duration = 1s, .users = 0}};
    result.settings.rooms = {"general"};
    result.settings.thresholds = {"delivery_latency p(99)<50ms"};
    result.arguments = {"parlor-cli", "load", "server:8000"};
    result.phases = Plan(result.settings.stages).phases();
    result.measurements = Measurements(2);
    result.duration = 2s;
    result.peakUsers = 10;
    Measurements &m = result.measurements;
    m.connectAttempts = m.connected = m.joinAttempts = m.joined = 10;
    m.hosts = {{"ws1", 4}, {"ws2", 6}};
    m.deliveries.received = 2000;
    for (PhaseMeasurements &phase : m.phases) {
        phase.planned = phase.sent = phase.answered = 100;
        for (int i = 1; i <= 1000; ++i) {
            phase.deliveryLatency.record(std::chrono::microseconds(i * 40));
            phase.sendLag.record(10us);
        }
    }
    return result;
}

QString report(const RunRecord &record)
{
    return QString::fromStdString(textReport(record, judge(record)));
}

/// Without line breaks and indentation.
QString reportInOneLine(const RunRecord &record)
{
    return report(record).simplified();
}

QJsonObject json(const RunRecord &record)
{
    return QJsonDocument::fromJson(writeRecord(record, judge(record))).object();
}

} // namespace

class TestLoadReports : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void printable();
    void theWorstVerdictCounts();
    void aGoodRun();
    void everyFaultIsNamed();
    void neverReached();
    void generatorThatDidNotKeepUp();
    void generatorIsNotBlamedForTheServer();
    void generatorIsNotJudgedByFewSamples();
    void generatorThatStoodStill_data();
    void generatorThatStoodStill();
    void incomplete_data();
    void incomplete();
    void percentilesNeedSamples();
    void jsonHasIt();
    void splitChat();
    void passSaysWhoWasNotThere();
    void roomsOfOne();
    void nothingWasSaid();
    void interruptedIsSaid();
    void figuresForPeople();
    void everySectionInItsOrder();
    void whatWasAskedFor();
    void noLineIsTooWide();
    void theEndSaysTheVerdictAgain();
    void ratesAreOfThePlansTime();
    void hosts();
    void partlyVerified();
    void heldBack();
    void generatorsOwnFaults();
    void noTerminalIsHarmed();
};

void TestLoadReports::theWorstVerdictCounts()
{
    RunRecord result = goodRun();
    const auto code = [&result] { return exitCodeOf(judge(result).verdict); };
    QCOMPARE(code(), exitcode::kOk);
    result.settings.thresholds.push_back("deliveries_received count<5");
    QCOMPARE(code(), exitcode::kThreshold);
    result.measurements.absent = 1;
    QCOMPARE(code(), exitcode::kIncomplete);
    result.isInterrupted = true;
    QCOMPARE(code(), exitcode::kInterrupted);
    result.measurements.deliveries.doubled = 1;
    QCOMPARE(code(), exitcode::kIncorrect);
    result.measurements.joined = 0;
    QCOMPARE(code(), exitcode::kNoConnection); // attempts had failed
    result.measurements.absent = 0;
    QCOMPARE(code(), exitcode::kInterrupted); // before anybody could join
    result.isInterrupted = false;
    QCOMPARE(code(), exitcode::kNoConnection);

    result = goodRun();
    result.measurements.phases[0].unanswered = 1;
    QCOMPARE(code(), exitcode::kIncorrect);
    for (const auto fault : {&DeliveryCounts::lost, &DeliveryCounts::doubled, &DeliveryCounts::reordered,
                             &DeliveryCounts::corrupt, &DeliveryCounts::unexpected}) {
        result = goodRun();
        result.measurements.deliveries.*fault = 1;
        QCOMPARE(code(), exitcode::kIncorrect);
    }
}

void TestLoadReports::aGoodRun()
{
    const QString text = report(goodRun());
    QVERIFY2(text.startsWith(u"PASS  2,000 of 2,000 deliveries, none lost"_s), qPrintable(text));
    for (const QString &expected :
         {u"ws://server:8000/ws"_s, u"✓ delivery_latency p(99)<50ms"_s, u"served by ws1"_s, u"60.00 %"_s,
          u"ramp 0-10"_s, u"ramp 10-0"_s, u"it kept up"_s, u"39.6 ms"_s})
        QVERIFY2(text.contains(expected), qPrintable(expected + u"\n"_s + text));
    QVERIFY(!text.contains(u"WARNING"_s));
    QVERIFY(!text.contains(u"Errors"_s));
}

void TestLoadReports::everyFaultIsNamed()
{
    RunRecord result = goodRun();
    result.measurements.deliveries.lost = 1;
    result.measurements.deliveries.doubled = 2;
    result.measurements.deliveries.reordered = 3;
    result.measurements.errors = {{"connection lost: 4103", 7}, {"upgrade: HTTP 503", 9}};
    const QString text = report(result);
    QVERIFY2(text.startsWith(u"FAIL  2,000 of 2,001 deliveries: 1 lost, 2 doubled, 3 out of order\n"_s),
             qPrintable(text));
    QVERIFY(text.indexOf(u"9  upgrade: HTTP 503"_s) < text.indexOf(u"7  connection lost: 4103"_s));
}

void TestLoadReports::neverReached()
{
    RunRecord result = goodRun();
    result.measurements = Measurements(2);
    result.measurements.connectAttempts = 5;
    result.measurements.errors = {{"connect: Connection refused", 5}};
    const QString text = report(result);
    QVERIFY2(text.startsWith(u"FAIL  nobody ever joined a room on ws://server:8000/ws"_s), qPrintable(text));
    QVERIFY(text.contains(u"5  connect: Connection refused"_s));

    result.settings.rooms = {"load-1"};
    result.measurements.connected = 5;
    result.measurements.errors = {{"join: no answer in time", 5}};
    QVERIFY(!report(result).contains(u"rooms are fixed"_s));
    result.measurements.errors = {{"join refused: room_invalid", 5}};
    QVERIFY(report(result).contains(u"rooms are fixed"_s));
}

void TestLoadReports::generatorThatDidNotKeepUp()
{
    RunRecord late = goodRun();
    for (int i = 0; i < 100; ++i)
        late.measurements.phases[0].sendLag.record(20ms);
    QVERIFY(report(late).contains(u"messages left late"_s));

    RunRecord busy = goodRun();
    busy.threads.resize(1);
    for (int i = 0; i < 10; ++i)
        busy.threads.front().addSecond(i < 3 ? 0.95 : 0.5);
    QVERIFY(reportInOneLine(busy).contains(u"its thread took more than 90 % of a core in 3 of 10 s"_s));

    RunRecord idle = goodRun();
    idle.threads.resize(1);
    for (int i = 0; i < 20; ++i)
        idle.threads.front().addSecond(i == 0 ? 0.95 : 0.01); // the crowd's coming is no limit
    QVERIFY(!report(idle).contains(u"WARNING"_s));
}

void TestLoadReports::generatorIsNotBlamedForTheServer()
{
    RunRecord result = goodRun();
    result.measurements.phases[0].planned = 400;
    result.measurements.phases[0].notMember = 200;
    result.measurements.phases[0].dropped = 100;
    QVERIFY(!report(result).contains(u"WARNING"_s));
}

void TestLoadReports::generatorIsNotJudgedByFewSamples()
{
    RunRecord result = goodRun();
    result.settings.thresholds.clear();
    for (PhaseMeasurements &phase : result.measurements.phases) {
        phase.sendLag.clear();
        phase.deliveryLatency.clear();
        phase.sendLag.record(20ms);
    }
    QVERIFY(!report(result).contains(u"WARNING"_s)); // against deliveries of which there are none
}

void TestLoadReports::generatorThatStoodStill_data()
{
    QTest::addColumn<int>("seconds"); ///< of the run; a thread acts ten times in each
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("lag"); ///< ms
    QTest::addColumn<int>("times");
    QTest::addColumn<QString>("limit"); ///< empty: none
    const auto row = [](const char *name, int seconds, int threads, int lag, int times,
                        const QString &limit) {
        QTest::newRow(name) << seconds << threads << lag << times << limit;
    };
    row("stopped in a short run", 10, 1, 3000, 1,
        u"its threads were late for 30 % of the time, by up to 3.00 s"_s);
    row("one of two threads", 10, 2, 3000, 1,
        u"its threads were late for 15 % of the time, by up to 3.00 s"_s);
    row("stopped in a run of minutes", 100, 1, 3000, 1,
        u"its threads were late for 3 % of the time, by up to 3.00 s"_s);
    row("always late", 10, 1, 300, 100, u"its threads were late for 100 % of the time, by up to 300 ms"_s);
    row("stopped once in an hour", 3600, 1, 3000, 1, {}); // no p99 shows it
    row("a hiccup in a second", 1, 1, 20, 1, {});
    row("hiccups", 10, 1, 20, 4, {});
    row("a little late", 10, 1, 9, 100, {});
}

/// However few samples there are.
void TestLoadReports::generatorThatStoodStill()
{
    QFETCH(const int, seconds);
    QFETCH(const int, threads);
    QFETCH(const int, lag);
    QFETCH(const int, times);
    QFETCH(const QString, limit);
    RunRecord result = goodRun();
    result.duration = std::chrono::seconds(seconds);
    result.threads.resize(static_cast<std::size_t>(threads));
    result.settings.isStrict = true;
    for (int i = 0; i < 10 * seconds * threads; ++i)
        result.measurements.loopLag.record(i < times ? std::chrono::milliseconds(lag) : 100us);
    QCOMPARE(report(result).contains(u"did not keep up"_s), !limit.isEmpty());
    QVERIFY2(reportInOneLine(result).contains(limit), qPrintable(report(result)));
    QCOMPARE(exitCodeOf(judge(result).verdict), limit.isEmpty() ? exitcode::kOk : exitcode::kIncomplete);
}

void TestLoadReports::incomplete_data()
{
    using Change = void (*)(RunRecord &);
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("line");
    const auto row = [](const char *name, Change change, const QString &line) {
        QTest::newRow(name) << change << line;
    };
    row(
        "the server died",
        [](RunRecord &run) {
            Measurements &m = run.measurements;
            m.phases[1].sent = m.phases[1].answered = 0;
            m.phases[1].notMember = 100;
            m.connectionsLost = 10;
        },
        u"INCOMPLETE 50.00 % of the planned messages were sent, 50.00 % answered; connections were lost; "
        "2,000 of 2,000 deliveries ws://"_s);
    row(
        "nobody came in",
        [](RunRecord &run) {
            Measurements &m = run.measurements;
            m.phases[1].sent = m.phases[1].answered = 0;
            m.phases[1].notMember = 100;
        },
        u"INCOMPLETE 50.00 % of the planned messages were sent, 50.00 % answered; users could not join; "_s);
    row(
        "the server refused",
        [](RunRecord &run) {
            Measurements &m = run.measurements;
            m.phases[1].answered = 1;
            m.phases[1].rejected = 99;
        },
        u"INCOMPLETE only 50.50 % of the planned messages were answered; the server refused messages; "_s);
    row(
        "the server froze",
        [](RunRecord &run) {
            Measurements &m = run.measurements;
            m.phases[1].sent = m.phases[1].answered = 0;
            m.phases[1].dropped = 100;
        },
        u"INCOMPLETE 50.00 % of the planned messages were sent, 50.00 % answered; the server took nothing "
        u"more "
        "from its connections; "_s);
    row(
        "silent users were lost",
        [](RunRecord &run) { run.measurements.connectionsLost = run.measurements.absent = 3; },
        u"INCOMPLETE 3 users were not in the room at the end; connections were lost; "_s);
    row(
        "nobody knows why", [](RunRecord &run) { run.measurements.absent = 3; },
        u"INCOMPLETE 3 users were not in the room at the end; 2,000 of 2,000 deliveries"_s);
    row(
        "a process died",
        [](RunRecord &run) {
            run.measurements.absent = 3;
            run.notes = {"A process of the generator ended by signal 9."};
        },
        u"INCOMPLETE 3 users were not in the room at the end; see Notes; 2,000 of 2,000 deliveries"_s);
    row(
        "nobody was owed anything", [](RunRecord &run) { run.measurements.deliveries = {.ambiguous = 2000}; },
        u"INCOMPLETE nothing was checked: no delivery was owed; 0 of 0 deliveries ws://"_s);
    row(
        "nobody had settled",
        [](RunRecord &run) {
            run.measurements.deliveries = {.ambiguous = 2000};
            run.settings.settle = 10s;
        },
        u"INCOMPLETE nothing was checked: no delivery was owed within --settle 10.0 s; 0 of 0 "
        "deliveries ws://"_s);
    row(
        "nobody of the sample was owed anything",
        [](RunRecord &run) {
            run.measurements.deliveries = {.counted = 2000};
            run.settings.verify = Verify::Sample;
        },
        u"INCOMPLETE nothing was checked: no delivery was owed; 0 of 0 checked deliveries ws://"_s);
    row(
        "nothing was counted",
        [](RunRecord &run) {
            run.measurements.deliveries = {};
            run.settings.verify = Verify::Count;
        },
        u"INCOMPLETE messages were answered, and nobody received any; 0 deliveries counted, none checked "
        "(--verify count) ws://"_s);
}

void TestLoadReports::incomplete()
{
    using Change = void (*)(RunRecord &);
    QFETCH(const Change, change);
    QFETCH(const QString, line);
    RunRecord result = goodRun();
    change(result);
    const QString text = reportInOneLine(result);
    QVERIFY2(text.startsWith(line), qPrintable(text));
    QCOMPARE(json(result)[u"verdict"].toString(), u"incomplete"_s);
    QCOMPARE(json(result)[u"exit_code"].toInt(), 97);
}

void TestLoadReports::percentilesNeedSamples()
{
    const QString text = report(goodRun());
    const auto row = text.mid(text.indexOf(u"  ramp 0-10"_s)).section(u'\n', 0, 0);
    QCOMPARE(row.simplified(), u"ramp 0-10 1,000 20.0 ms 36.0 ms 38.0 ms 39.6 ms - 40.0 ms"_s);
}

void TestLoadReports::jsonHasIt()
{
    RunRecord result = goodRun();
    result.measurements.closeCodes = {{4103, 2}};
    result.measurements.deliveries.lost = 3;
    const QJsonObject run = json(result);
    QCOMPARE(run[u"schema_version"].toInt(), 2);
    QCOMPARE(run[u"verdict"].toString(), u"incorrect"_s);
    QCOMPARE(run[u"exit_code"].toInt(), 98);
    QCOMPARE(run[u"argv"].toArray().size(), 3);
    QCOMPARE(run[u"deliveries"][u"expected"].toInt(), 2003);
    QCOMPARE(run[u"deliveries"][u"lost"].toInt(), 3);
    QCOMPARE(run[u"messages"][u"sent"].toInt(), 200);
    QCOMPARE(run[u"phases"].toArray().size(), 2);
    QCOMPARE(run[u"connections"][u"close_codes"][u"4103"].toInt(), 2);
    QCOMPARE(run[u"connections"][u"hosts"][u"ws2"].toInt(), 6);
    QCOMPARE(run[u"thresholds"][0][u"passed"].toBool(), true);
    QCOMPARE(run[u"generator"][u"limited"].toBool(true), false);
    const QJsonValue latency = run[u"histograms"][u"delivery_latency"];
    QCOMPARE(latency[u"count"].toInt(), 2000);
    QCOMPARE(latency[u"max_us"].toInt(), 40000);
    QVERIFY(latency[u"p999_us"].isNull()); // two values lie above it
    std::int64_t counted = 0;
    const QJsonArray buckets = latency[u"buckets"].toArray();
    for (const QJsonValue &bucket : buckets)
        counted += bucket[1].toInt();
    QCOMPARE(counted, 2000);
}

void TestLoadReports::splitChat()
{
    RunRecord result = goodRun();
    result.settings.rooms = {"load-1", "load-2"};
    result.measurements.splits = {{"load-1",
                                   {{.users = 6, .servers = {{"ws1", 6}}, .epochs = {"01J9A"}},
                                    {.users = 1, .servers = {{"ws2", 1}}, .epochs = {"01J9B"}}}}};
    QString text = reportInOneLine(result);
    QVERIFY2(text.startsWith(u"FAIL 2,000 of 2,000 deliveries: the chat is split: users of 1 of 2 rooms did "
                             "not hear each other (servers ws1, ws2) ws://"_s),
             qPrintable(text));
    QVERIFY2(text.contains(u" 6 users on ws1, epoch 01J9A 1 user on ws2, epoch 01J9B "_s) &&
                 text.contains(u"Send everybody to one of them, or start all of them with --redis"_s),
             qPrintable(text));
    const QJsonObject run = json(result);
    QCOMPARE(run[u"exit_code"].toInt(), 98);
    QCOMPARE(run[u"splits"][0][u"room"].toString(), u"load-1"_s);
    QCOMPARE(run[u"splits"][0][u"groups"][1][u"servers"][u"ws2"].toInt(), 1);
    QCOMPARE(run[u"splits"][0][u"groups"][1][u"epochs"][0].toString(), u"01J9B"_s);

    result.measurements.deliveries.lost = 607;
    text = reportInOneLine(result);
    QVERIFY2(text.startsWith(u"FAIL 2,000 of 2,607 deliveries: 607 lost; the chat is split"_s),
             qPrintable(text));
}

void TestLoadReports::passSaysWhoWasNotThere()
{
    RunRecord result = goodRun();
    result.measurements.deliveries.excused = 40;
    result.measurements.unarrived = 1;
    const QString text = report(result);
    QVERIFY2(text.startsWith(u"PASS  2,000 of 2,000 deliveries, none lost, doubled or out of order;\n"
                             "      1 threshold met;\n"
                             "      40 not owed, as connections were lost;\n"
                             "      1 user never came in\n"
                             "      ws://"_s),
             qPrintable(text));
    QCOMPARE(json(result)[u"connections"][u"unarrived_users"].toInt(), 1);
}

void TestLoadReports::roomsOfOne()
{
    RunRecord result = goodRun();
    result.measurements.lonelyRooms = {"load-7"};
    QString text = report(result);
    QVERIFY2(text.contains(u"WARNING: in the room load-7 there were never two users at once"_s),
             qPrintable(text));
    result.measurements.lonelyRooms.assign(1200, "load-7");
    text = report(result);
    QVERIFY2(text.contains(u"WARNING: in 1,200 rooms there"_s), qPrintable(text));
    QCOMPARE(json(result)[u"rooms_of_one"].toArray().size(), 1200);
    QCOMPARE(json(result)[u"exit_code"].toInt(), 0);
}

void TestLoadReports::nothingWasSaid()
{
    RunRecord result = goodRun();
    result.settings.thresholds.clear();
    result.measurements.deliveries = {};
    for (PhaseMeasurements &phase : result.measurements.phases)
        phase = {};
    QString text = report(result);
    QVERIFY2(text.startsWith(u"PASS  0 of 0 deliveries\n"_s), qPrintable(text));
    QVERIFY2(text.contains(u"\n      WARNING: nothing was said: only connections were tested\n"_s),
             qPrintable(text));
    QCOMPARE(QString::fromStdString(textEnding(result, judge(result), 0)),
             u"\nPASS  0 of 0 deliveries\n"
             "      exit code 0; WARNING: nothing was said: only connections were tested\n"_s);
    QCOMPARE(json(result)[u"exit_code"].toInt(), 0);
    result.settings.thresholds = {"deliveries_lost count==0"};
    QCOMPARE(json(result)[u"exit_code"].toInt(), 99);
}

void TestLoadReports::interruptedIsSaid()
{
    RunRecord result = goodRun();
    result.isInterrupted = true;
    QVERIFY2(report(result).startsWith(u"INTERRUPTED  2,000 of 2,000 deliveries until then\n      ws://"_s),
             qPrintable(report(result)));
    result.measurements.deliveries.lost = 1;
    const QString head = u"FAIL  2,000 of 2,001 deliveries: 1 lost\n      the run was interrupted\n      "_s;
    QVERIFY2(report(result).startsWith(head + u"ws://"_s), qPrintable(report(result)));
    QCOMPARE(QString::fromStdString(textEnding(result, judge(result), 98)),
             u'\n' + head + u"exit code 98\n"_s);
}

void TestLoadReports::figuresForPeople()
{
    QCOMPARE(figures::count(0), std::string("0"));
    QCOMPARE(figures::count(999), std::string("999"));
    QCOMPARE(figures::count(1234567), std::string("1,234,567"));
    QCOMPARE(figures::duration(412us), std::string("0.412 ms"));
    QCOMPARE(figures::duration(12345us), std::string("12.3 ms"));
    QCOMPARE(figures::duration(1400ms), std::string("1.40 s"));
    QCOMPARE(figures::duration(99'970us), std::string("100 ms"));
    QCOMPARE(figures::duration(999'600us), std::string("1.00 s"));
    QCOMPARE(figures::clock(3725s), std::string("1:02:05"));
    QCOMPARE(figures::share(1), std::string("100.00 %"));
    QCOMPARE(figures::share(0.999999), std::string("99.99 %"));
    QCOMPARE(figures::bytes(999), std::string("999 B"));
    QCOMPARE(figures::bytes(1'250'000), std::string("1.25 MB"));
    QCOMPARE(figures::perSecond(5, 2s), std::string("2.50/s"));
    QCOMPARE(figures::perSecond(5, 0s), std::string("0/s"));
}

void TestLoadReports::everySectionInItsOrder()
{
    RunRecord record = parlor::test::fullRecord();
    record.measurements.deliveries.received = 2000;
    const QString text = report(record);
    qsizetype last = -1;
    for (const QString &part :
         {u"FAIL  "_s, u"      wss://chat.example:8443/ws?a=b  v1  "_s, u"      up to"_s, u"Thresholds\n"_s,
          u"Split: "_s, u"Deliveries\n"_s, u"Latency "_s, u"Delivery by phase "_s, u"  rush "_s,
          u"    service "_s, u"  hold 50 "_s, u"Messages\n"_s, u"Connections\n"_s, u"Generator "_s,
          u"Watched process\n"_s, u"Notes\n"_s, u"Errors\n"_s}) {
        const qsizetype at = text.indexOf(part, last + 1);
        QVERIFY2(at > last, qPrintable(part + u" is not there, or too early:\n"_s + text));
        last = at;
    }
    const auto lineWith = [&text](const QString &what) {
        return text.mid(text.lastIndexOf(u'\n', text.indexOf(what)) + 1).section(u'\n', 0, 0).simplified();
    };
    const QString phases = text.mid(text.indexOf(u"Delivery by phase "_s)).section(u"\n\n"_s, 0, 0);
    QCOMPARE(phases.count(u"    not measured"_s), 1);
    QVERIFY(phases.indexOf(u"  rush "_s) < phases.indexOf(u"    not measured"_s));
    QVERIFY2(
        text.simplified().contains(
            u"parlor-server 4711 1.50 cores on average, at most 1.90; memory at most 123 MB; it ended before the run did"_s),
        qPrintable(text));
    QCOMPARE(lineWith(u"CPU of its busiest"_s),
             u"CPU of its busiest thread 12 % on average, at most 90 % of 2 threads"_s);
    QCOMPARE(lineWith(u"stolen"_s), u"stolen CPU time 1.56 % by the machine's host"_s);
    QCOMPARE(lineWith(u"  machine"_s), u"machine bench-1 Linux 6.1.0 x86_64 8 cores"_s);
    QVERIFY(text.contains(u"Notes\n  The clock jumped.\n  Users went on.\n"_s));
    QVERIFY(text.contains(u"  fan-out "_s) && text.contains(u"  loop lag "_s));
    QVERIFY(text.contains(u"With --pace closed"_s));
}

void TestLoadReports::whatWasAskedFor()
{
    RunRecord record = goodRun();
    record.settings.thresholds.clear();
    Settings &settings = record.settings;
    QCOMPARE(report(record).section(u'\n', 1, 3),
             u"      ws://server:8000/ws  v2  2.00 s  seed 1\n"
             "      up to 10 users in 1 room, 0.5/s each, 128 bytes\n"_s);
    settings.profiles[0].pace = Pace::Poisson;
    settings.profiles[0].inflight = 2;
    settings.profiles[0].senders.share = 0.1;
    settings.profiles[0].life = {.mean = 30s, .isExponential = true};
    settings.arrivals = {{.duration = 60s, .perSecond = 5}, {.duration = 10s, .perSecond = 0.5}};
    settings.warmUp = 5s;
    settings.threads = 2;
    settings.reconnect = Reconnect::None;
    settings.tags = {{"branch", "x"}};
    QCOMPARE(report(record).section(u'\n', 2, 6),
             u"      up to 10 users in 1 room, 0.5/s each (Poisson), at most 2 unanswered, 128\n"
             "        bytes\n"
             "      arrivals  5/s for 01:00, then 0.5/s for 00:10\n"
             "      users  10.00 % of them speak, sessions of about 30.0 s\n"
             "      2 threads, lost connections stay lost, warm-up 5.00 s (not measured),"_s);
    Profile lurker;
    lurker.name = "lurker";
    lurker.weight = 3;
    lurker.pace = Pace::Closed;
    lurker.size = {.least = 64, .most = 90};
    lurker.think.mean = 2s;
    lurker.senders.count = 4;
    settings.profiles.push_back(lurker);
    const QString text = reportInOneLine(record);
    QVERIFY2(text.contains(u"in 1 room, 2 profiles arrivals"_s), qPrintable(text));
    QVERIFY2(
        text.contains(u" profile lurker 75.00 % of the users, one after the answer to the other and 2.00 s, "
                      "64-90 bytes, 4 of them speak "_s),
        qPrintable(text));

    // Of merged runs, whose processes are added.
    settings.processes = 2;
    QVERIFY(reportInOneLine(record).contains(u" 2 processes, 2 threads each"_s));
    record.id = "01234567+89abcdef";
    QVERIFY(reportInOneLine(record).contains(u" 2 generators, 2 threads each"_s));
}

/// All of it, or the verdict would not be seen at a terminal's usual size.
void TestLoadReports::noLineIsTooWide()
{
    RunRecord record = parlor::test::fullRecord();
    record.phases[0].name = "a phase with a long name";
    const Judgement judgement = judge(record);
    const QString text =
        report(record) + QString::fromStdString(textEnding(record, judgement, exitCodeOf(judgement.verdict)));
    const QStringList lines = text.split(u'\n');
    for (const QString &line : lines)
        QVERIFY2(line.size() <= 80, qPrintable(line));
}

void TestLoadReports::theEndSaysTheVerdictAgain()
{
    RunRecord record = goodRun();
    record.settings.thresholds.clear();
    const auto ending = [&record](int code) {
        return QString::fromStdString(textEnding(record, judge(record), code));
    };
    const QString pass = u"\nPASS  2,000 of 2,000 deliveries, none lost, doubled or out of order\n"_s;
    QCOMPARE(ending(0), pass + u"      exit code 0\n"_s);
    QCOMPARE(ending(4), pass + u"      exit code 4: not all files could be written\n"_s);
    record.stolen = 0.5;
    QCOMPARE(ending(0),
             pass + u"      exit code 0; WARNING: the generator did not keep up (see Generator)\n"_s);
    record.measurements.deliveries.lost = 1;
    QCOMPARE(ending(98).section(u'\n', 1, 1), u"FAIL  2,000 of 2,001 deliveries: 1 lost"_s);
}

/// While something was planned or came: what is waited for in vain takes no part.
void TestLoadReports::ratesAreOfThePlansTime()
{
    RunRecord record = goodRun();
    const auto says = [&record](const QString &line) { return reportInOneLine(record).contains(line); };
    record.duration = 7s;                              // of which 5 s passed in waiting
    QVERIFY(says(u"received 2,000 100.00 % 286/s"_s)); // no seconds tell when
    for (int i = 1; i <= 7; ++i)
        record.seconds.push_back({.end = i * 1s, .latency = {}});
    record.seconds[1].received = 2000;
    QVERIFY(says(u"sent 200 100.00 % 100/s"_s));
    QVERIFY(says(u"received 2,000 100.00 % 1,000/s"_s));
    const auto cameAfter = [&record](std::size_t row, Offset latency) {
        Histogram one;
        one.record(latency);
        record.seconds[row].received = 1;
        record.seconds[row].latency = CoarseHistogram(one);
    };
    cameAfter(2, 50ms); // thus 50 ms after the plan at the latest
    QVERIFY(says(u"received 2,000 100.00 % 976/s"_s));
    cameAfter(3, 3s); // before the row's end
    QVERIFY(says(u"received 2,000 100.00 % 500/s"_s));
    QVERIFY(says(u"sent 200 100.00 % 100/s"_s));
    record.duration = 1s; // interrupted
    record.seconds.resize(1);
    QVERIFY(says(u"sent 200 100.00 % 200/s"_s));
    QVERIFY(says(u"received 2,000 100.00 % 2,000/s"_s));
}

void TestLoadReports::hosts()
{
    RunRecord result = goodRun();
    Measurements &m = result.measurements;
    for (int i = 0; i < 20; ++i)
        m.hostLatency["ws1"].record(1ms);
    for (int i = 0; i < 2000; ++i)
        m.hostLatency["ws2"].record(30ms);
    const QString both = report(result);
    QVERIFY2(both.contains(QRegularExpression(u"^Delivery by host +count +p50.*\n  ws1 +20 +1\\.00 ms.*\n"
                                              "  ws2 +2,000 +30\\.0 ms( +30\\.0 ms){3} +- +30\\.0 ms$"_s,
                                              QRegularExpression::MultilineOption)),
             qPrintable(both));
    m.hosts.erase("ws1");
    m.hostLatency.erase("ws1");
    QVERIFY(!report(result).contains(u"by host"_s)); // it is what Latency says
}

void TestLoadReports::partlyVerified()
{
    RunRecord record = goodRun();
    record.settings.verify = Verify::Sample;
    record.settings.verifySample = 10;
    record.measurements.deliveries.counted = 18'000;
    QString text = report(record);
    QVERIFY2(text.startsWith(u"PASS  2,000 of 2,000 checked deliveries, none lost"_s), qPrintable(text));
    QVERIFY2(text.simplified().contains(u"one receiver in 10; at the others deliveries are counted"_s) &&
                 text.contains(u"counted only              18,000  at receivers that were not checked"_s),
             qPrintable(text));
    record.settings.verify = Verify::Count;
    record.measurements.deliveries = {.counted = 20'000};
    text = report(record);
    QVERIFY2(text.startsWith(
                 u"PASS  20,000 deliveries counted, none checked (--verify count); 1 threshold met\n"_s),
             qPrintable(text));
    QVERIFY2(
        text.contains(u"Deliveries\n"
                      "  checked                   none: deliveries are counted, and not read (--verify\n"
                      "                            count)\n"
                      "  counted only              20,000  at receivers that were not checked\n"_s),
        qPrintable(text));
    record.measurements.deliveries = {};
    record.settings.verify = Verify::Off;
    QVERIFY(report(record).startsWith(u"PASS  deliveries not looked at (--verify off); 1 threshold met\n"_s));
}

void TestLoadReports::heldBack()
{
    RunRecord record = goodRun();
    record.measurements.phases[1].sent = record.measurements.phases[1].answered = 60;
    record.measurements.phases[1].held = 40;
    const QString text = report(record);
    QVERIFY2(text.simplified().startsWith(
                 u"INCOMPLETE 80.00 % of the planned messages were sent, 80.00 % answered; users waited for "
                 "answers until they left (--inflight)"_s),
             qPrintable(text));
    QVERIFY(text.contains(u"held back                 40  not sent"_s));
}

void TestLoadReports::generatorsOwnFaults()
{
    RunRecord record = goodRun();
    for (int i = 0; i < 1000; ++i)
        record.measurements.loopLag.record(i < 980 ? 1ms : 11ms);
    record.stolen = 0.06;
    const QString text = reportInOneLine(record);
    QVERIFY2(text.contains(u"its threads were late for 11 % of the time, by up to 11.0 ms"_s),
             qPrintable(text));
    QVERIFY2(text.contains(u"6.00 % of its CPU time was stolen"_s), qPrintable(text));
    record.settings.isStrict = true;
    QCOMPARE(exitCodeOf(judge(record).verdict), exitcode::kIncomplete);
    record.stolen = 0.05;
    record.measurements.loopLag.clear();
    QCOMPARE(exitCodeOf(judge(record).verdict), exitcode::kOk);
}

/// A run's file may be anybody's.
void TestLoadReports::noTerminalIsHarmed()
{
    const std::string evil = "\x1b]0;x\x07\n";
    RunRecord record = parlor::test::fullRecord();
    Measurements &m = record.measurements;
    for (std::string *text :
         {&record.settings.url, &record.settings.rooms[0], &record.settings.profiles[0].name,
          &record.phases[0].name, &record.machine.host, &record.machine.system, &record.watched[0].name,
          &record.notes[0], &m.splits[0].room, &m.lonelyRooms[0]})
        *text = evil;
    m.errors = m.refusals = m.hosts = m.splits[0].groups[0].servers = {{evil, 5}, {"ws2", 1}};
    m.hostLatency[evil].record(1ms);
    m.splits[0].groups[0].epochs = {evil};
    record.settings.tags = {{evil, evil}};
    record.settings.thresholds = {"ack_latency{phase:" + evil + "} max<1s"};
    const qsizetype lines = report(record).count(u'\n');
    QVERIFY(!report(record).contains(u'\x1b'));
    QVERIFY(!report(record).contains(u'\x07'));
    for (std::string *text : {&record.settings.url, &record.notes[0], &m.lonelyRooms[0]})
        *text = "x";
    QCOMPARE(report(record).count(u'\n'), lines); // none of them begins a line
    m.joined = 0;
    record.settings.rooms.clear();
    QVERIFY(!report(record).contains(u'\x1b'));
}

/// What a server says of itself harms no terminal.
void TestLoadReports::printable()
{
    QCOMPARE(figures::printable("\u009b31mH\u202etsoh\u2028\x1b[2J"), std::string("?31mH?tsoh??[2J"));
    QCOMPARE(QString::fromStdString(figures::printable(std::string(1000, 'x'))).size(), 200);
}

PARLOR_TEST(TestLoadReports)
#include "tst_load_reports.moc"
