// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/secrets.h"
#include "client-cli/load/runfile/tables.h"
#include "fullrecord.h"
#include "tests/support/testclass.h"

#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// 10,000 deliveries of 1 to 10,000 µs, in one phase of two seconds, of which the second one was silent.
RunRecord evenRun()
{
    RunRecord run;
    run.settings.url = "ws://server:8000/ws";
    run.begun = "2026-11-29T12:00:00.000Z";
    run.duration = 2500ms;
    run.phases = {{.name = "hold \"1\"", .begin = 0s, .end = 2s}};
    run.measurements = Measurements(1);
    Histogram &latency = run.measurements.phases[0].deliveryLatency;
    for (int i = 1; i <= 10'000; ++i)
        latency.record(Offset(i));
    run.measurements.joined = 1;
    run.seconds.resize(3);
    run.seconds[0].end = 1s;
    run.seconds[0].wanted = 3;
    run.seconds[0].received = 10'000;
    run.seconds[0].latency = CoarseHistogram(latency);
    run.seconds[0].cpu = 0.25;
    run.seconds[1].end = 2s;
    run.seconds[1].wanted = 2;
    run.seconds[2].end = 2500ms;
    run.seconds[2].sendLag = 7us;
    return run;
}

/// Each test case's name, and its failure.
QMap<QString, QString> testCases(const QByteArray &xml, QXmlStreamAttributes &suite)
{
    QMap<QString, QString> cases;
    QString name;
    QXmlStreamReader reader(xml);
    while (!reader.atEnd()) {
        if (reader.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (reader.name() == u"testsuite"_s)
            suite = reader.attributes();
        if (reader.name() == u"testcase"_s) {
            name = reader.attributes().value(u"name"_s).toString();
            cases[name] = QString();
        }
        if (reader.name() == u"failure"_s)
            cases[name] = reader.attributes().value(u"message"_s).toString();
    }
    return reader.hasError() ? QMap<QString, QString>{{reader.errorString(), {}}} : cases;
}

} // namespace

class TestLoadTables : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void csv();
    void csvHasEveryColumn();
    void junitPassed();
    void junitFailed();
    void hgrm();
    void hgrmOfNothing();
    void secrets_data();
    void secrets();
    void headers();
};

void TestLoadTables::csv()
{
    const QByteArrayList lines = csvOf(evenRun()).split('\n');
    QCOMPARE(lines.size(), 5);
    QCOMPARE(lines[0],
             "end_us,wanted,members,open,connects,failures,losses,planned,sent,answered,received,faults,"
             "latency_p50_us,latency_p90_us,latency_p99_us,latency_max_us,cpu,send_lag_us,loop_lag_us,"
             "watched_cpu,watched_memory,phase");
    const CoarseHistogram latency = evenRun().seconds.front().latency;
    QCOMPARE(lines[1], "1000000,3,0,0,0,0,0,0,0,0,10000,0," +
                           QByteArray::number(qint64(latency.percentile(50).count())) + "," +
                           QByteArray::number(qint64(latency.percentile(90).count())) + "," +
                           QByteArray::number(qint64(latency.percentile(99).count())) +
                           ",10000,0.25,0,0,0,0,\"hold \"\"1\"\"\"");
    QCOMPARE(lines[2], "2000000,2,0,0,0,0,0,0,0,0,0,0,,,,,0,0,0,0,0,\"hold \"\"1\"\"\"");
    QCOMPARE(lines[3], "2500000,0,0,0,0,0,0,0,0,0,0,0,,,,,0,7,0,0,0,\"after the end\"");
    QCOMPARE(lines[4], "");
}

void TestLoadTables::csvHasEveryColumn()
{
    const QByteArrayList lines = csvOf(parlor::test::fullRecord()).trimmed().split('\n');
    QCOMPARE(lines.size(), 4);
    for (const QByteArray &line : lines)
        QCOMPARE(line.count(','), lines[0].count(','));
    QVERIFY(!lines[1].contains(",,"));
}

void TestLoadTables::junitPassed()
{
    RunRecord run = evenRun();
    run.settings.thresholds = {"delivery_latency p(99)<50ms"};
    const Judgement judgement = judge(run);
    QVERIFY(judgement.verdict == Verdict::Passed);
    QXmlStreamAttributes suite;
    const auto cases = testCases(junitOf(run, judgement), suite);
    QCOMPARE(cases.size(), 3);
    QCOMPARE(cases.value(u"verdict"_s, u"-"_s), QString());
    QCOMPARE(cases.value(u"correctness"_s, u"-"_s), QString());
    QCOMPARE(cases.value(u"threshold: delivery_latency p(99)<50ms"_s, u"-"_s), QString());
    QCOMPARE(suite.value(u"tests"_s), u"3"_s);
    QCOMPARE(suite.value(u"failures"_s), u"0"_s);
    QCOMPARE(suite.value(u"time"_s), u"2.500"_s);
    QCOMPARE(suite.value(u"timestamp"_s), u"2026-11-29T12:00:00.000Z"_s);
}

void TestLoadTables::junitFailed()
{
    RunRecord run = evenRun();
    run.settings.url = "ws://x/\x1b<&\"";
    run.settings.thresholds = {"delivery_latency p(99)<5ms", "deliveries_lost count<9",
                               "delivery_latency p(99.99)<5ms"};
    run.measurements.deliveries.lost = 3;
    run.measurements.deliveries.doubled = 1;
    QXmlStreamAttributes suite;
    const auto cases = testCases(junitOf(run, judge(run)), suite);
    QCOMPARE(cases.value(u"verdict"_s), u"incorrect"_s);
    QCOMPARE(cases.value(u"correctness"_s), u"3 lost, 1 doubled"_s);
    QCOMPARE(cases.value(u"threshold: delivery_latency p(99)<5ms"_s), u"not met: it was 9.90 ms"_s);
    QCOMPARE(cases.value(u"threshold: deliveries_lost count<9"_s, u"-"_s), QString());
    QCOMPARE(cases.value(u"threshold: delivery_latency p(99.99)<5ms"_s),
             u"it cannot be judged: too few samples (10,000)"_s);
    QCOMPARE(suite.value(u"failures"_s), u"4"_s);
    QCOMPARE(suite.value(u"name"_s), u"parlor-cli load ws://x/?<&\""_s);
}

void TestLoadTables::hgrm()
{
    const QByteArrayList lines = hgrmOf(evenRun()).split('\n');
    QCOMPARE(lines[0], "       Value     Percentile TotalCount 1/(1-Percentile)");
    QCOMPARE(lines[1], "");
    // HdrHistogram's plotter splits at blanks, and takes what has four columns.
    static const QRegularExpression kRow(u"^ *([0-9.]+) +([0-9.]+) +([0-9]+) +([0-9.]+)$"_s);
    double lastValue = 0;
    double lastPart = -1;
    qint64 lastCount = 0;
    int rows = 0;
    for (qsizetype i = 2; i < lines.size() && !lines[i].startsWith('#'); ++i) {
        const auto row = kRow.match(QString::fromLatin1(lines[i]));
        if (!row.hasMatch()) { // the last one: 1 - 1 divides nothing
            QCOMPARE(lines[i], "      10.000 1.000000000000      10000");
            QVERIFY(lines[i + 1].startsWith('#'));
            continue;
        }
        ++rows;
        const double value = row.captured(1).toDouble();
        const double part = row.captured(2).toDouble();
        const qint64 count = row.captured(3).toLongLong();
        QVERIFY2(part > lastPart && value >= lastValue && count >= lastCount, lines[i].constData());
        QVERIFY2(static_cast<double>(count) >= part * 10'000 - 1e-6, lines[i].constData());
        QVERIFY2(std::abs(value - std::max(part * 10, 0.001)) <= 0.02, lines[i].constData()); // evenly spread
        lastPart = part;
        lastValue = value;
        lastCount = count;
    }
    QVERIFY2(rows > 40 && rows < 90, qPrintable(QString::number(rows)));
    QVERIFY(lines.contains("#[Mean    =        5.000, StdDeviation   =        2.887]"));
    QVERIFY(lines.contains("#[Max     =       10.000, Total count    =        10000]"));
}

void TestLoadTables::hgrmOfNothing()
{
    const QByteArray text = hgrmOf(RunRecord());
    QVERIFY2(text.contains("Total count    =            0]"), text.constData());
}

void TestLoadTables::secrets_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("harmless");
    const auto row = [](const QString &url, const QString &harmless) {
        QTest::newRow(qPrintable(url)) << url << harmless;
    };
    row(u"ws://chat:8000/ws"_s, u"ws://chat:8000/ws"_s);
    row(u"chat:8000"_s, u"chat:8000"_s);
    row(u"wss://ann:s3cr3t@chat/ws"_s, u"wss://…@chat/ws"_s);
    row(u"wss://s3cr3t@chat/ws"_s, u"wss://…@chat/ws"_s);
    row(u"wss://a:b@s3cr3t@chat"_s, u"wss://…@chat"_s);
    row(u"wss://chat/a@b?c=d@e"_s, u"wss://chat/a@b?c=d@e"_s);
    row(u"wss://chat?token=s3cr3t"_s, u"wss://chat?token=…"_s);
    row(u"wss://chat/ws?room=a&access_token=s3cr3t&b#x"_s, u"wss://chat/ws?room=a&access_token=…&b#x"_s);
    row(u"chat/ws?API-Key=s3cr3t;PassWord=s3cr3t"_s, u"chat/ws?API-Key=…;PassWord=…"_s);
    row(u"--prom-remote-write=https://u:s3cr3t@host/w"_s, u"--prom-remote-write=https://…@host/w"_s);
    row(u""_s, u""_s);
    row(u"://"_s, u"://"_s);
    row(u"?"_s, u"?"_s);
}

void TestLoadTables::secrets()
{
    QFETCH(const QString, url);
    QFETCH(const QString, harmless);
    QCOMPARE(QString::fromStdString(urlWithoutSecrets(url.toStdString())), harmless);
}

void TestLoadTables::headers()
{
    const std::vector<std::string> given{"parlor-cli",     "load",
                                         "wss://a:b@chat", "--header",
                                         "Cookie: s3cr3t", "--header=X-Key: s3cr3t",
                                         "--header",       "s3cr3t",
                                         "--prom-header",  "Authorization:Bearer s3cr3t",
                                         "--headers",      "none",
                                         "--header"};
    const std::vector<std::string> expected{
        "parlor-cli", "load", "wss://…@chat",  "--header",         "Cookie: …", "--header=X-Key: …",
        "--header",   "…",    "--prom-header", "Authorization: …", "--headers", "none",
        "--header"};
    QVERIFY(argumentsWithoutSecrets(given) == expected);
}

PARLOR_TEST(TestLoadTables)
#include "tst_load_tables.moc"
