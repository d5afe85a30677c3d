// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/metrics.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

namespace {

/// 99 of 100 attempts, 40 of 50 messages sent, 3 deliveries lost, and latencies of 1 to 100 ms.
Measurements measurements()
{
    Measurements m(2);
    m.connectAttempts = 100;
    m.connected = 99;
    m.deliveries.received = 97;
    m.deliveries.lost = 3;
    m.deliveries.excused = 7;
    m.phases[0].planned = 10;
    m.phases[0].sent = 10;
    m.phases[1].planned = 40;
    m.phases[1].sent = 30;
    m.phases[1].answered = 40;
    for (int i = 1; i <= 100; ++i)
        m.phases[static_cast<std::size_t>(i % 2)].deliveryLatency.record(std::chrono::milliseconds(i));
    for (int i = 0; i < 9; ++i)
        m.phases[0].sendLag.record(1ms);
    return m;
}

const std::vector<Phase> kPhases{{.name = "ramp 0-50"}, {.name = "hold 50"}};

} // namespace

class TestLoadThresholds : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void evaluated_data();
    void evaluated();
    void nothingMeasuredFails();
    void noDeliveryChecked();
    void wrong_data();
    void wrong();
    void helpNamesMetrics();
};

void TestLoadThresholds::evaluated_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("passed");
    QTest::addColumn<QByteArray>("measured");
    const auto row = [](const char *text, bool passed, const char *measured) {
        QTest::newRow(text) << QByteArray(text) << passed << QByteArray(measured);
    };
    row("connect_success rate>0.95", true, "99.00 %");
    row("connect_success rate > 99%", false, "99.00 %");
    row("connect_success rate>=99%", true, "99.00 %");
    row("delivery_success rate>0.98", false, "97.00 %");
    row("message_success rate==1", false, "80.00 %"); // of what was planned
    row("messages_planned count==50", true, "50");
    row("messages_not_sent count==0", false, "10");
    row("deliveries_excused count<7", false, "7");
    row("deliveries_lost count==0", false, "3");
    row("deliveries_lost count<=3", true, "3");
    row("deliveries_lost count!=3", false, "3");
    row("messages_sent count==40", true, "40");
    row("delivery_latency p(90)<500ms", true, "90.0 ms");
    row("delivery_latency p(99)<500ms", false, "too few samples (100)"); // the table withholds it, too
    row("delivery_latency p(100)<500ms", true, "100 ms");
    row("send_lag med<500ms", false, "too few samples (9)");
    row("send_lag max<500ms", true, "1.00 ms");
    row("delivery_latency p(50)<0.04s", false, "50.0 ms");
    row("delivery_latency med<60ms", true, "50.0 ms");
    row("delivery_latency p(75.5) < 0.075s", false, "76.0 ms");
    row("delivery_latency avg<50ms", false, "50.5 ms");
    row("delivery_latency min>=1ms", true, "1.00 ms");
    row("delivery_latency max<0.1s", false, "100 ms");
    row("delivery_latency{phase:hold 50} max<500ms", true, "99.0 ms"); // the odd ones
    row("delivery_latency{phase:ramp 0-50} max<500ms", true, "100 ms");
    row(" delivery_latency { phase : hold 50 } p(80)<79.5ms", true, "79.0 ms");
    row("delivery_latency{phase:hold 50} p(81)<500ms", false, "too few samples (50)");
    row("ack_latency{phase:hold 50} max<500ms", false, "no samples");
    row("delivery_latency{phase:hold 5} max<500ms", false, "no such phase");
    row("message_success{phase:hold 50} rate==1", true, "100.00 %");
    row("messages_sent{phase:ramp 0-50} count==10", true, "10");
    row("  delivery_latency   count>99  ", true, "100");
}

void TestLoadThresholds::evaluated()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, passed);
    QFETCH(QByteArray, measured);
    const auto threshold = parseThreshold(text.toStdString());
    QVERIFY2(threshold, threshold ? "" : threshold.error().text.c_str());
    const ThresholdResult result = evaluate(*threshold, measurements(), kPhases);
    QCOMPARE(QByteArray::fromStdString(result.measured), measured);
    QCOMPARE(result.passed, passed);
    QCOMPARE(QByteArray::fromStdString(result.text), text);
}

void TestLoadThresholds::nothingMeasuredFails()
{
    for (const char *text : {"ack_latency p(99)<1s", "join_success rate<1", "ack_latency max<1s"}) {
        const ThresholdResult result = evaluate(*parseThreshold(text), measurements(), kPhases);
        QCOMPARE(result.measured, std::string("no samples"));
        QVERIFY(!result.passed);
    }
}

/// As with --verify count: no loss was looked for.
void TestLoadThresholds::noDeliveryChecked()
{
    Measurements none;
    none.deliveries.counted = 100;
    none.deliveries.unexpected = 1;
    const auto result = [&none](const char *text) { return evaluate(*parseThreshold(text), none, {}); };
    for (const char *text : {"deliveries_lost count==0", "deliveries_doubled count<5",
                             "deliveries_reordered count==0", "deliveries_corrupt count==0"}) {
        QCOMPARE(result(text).measured, std::string("no delivery was checked"));
        QVERIFY(!result(text).passed);
        QVERIFY(!result(text).isJudged);
    }
    QCOMPARE(result("deliveries_unexpected count==0").measured, std::string("1"));
    QVERIFY(result("deliveries_expected count==0").passed);
    none.deliveries.received = 1;
    QVERIFY(result("deliveries_lost count==0").passed);
}

void TestLoadThresholds::wrong_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("column");
    QTest::addColumn<QByteArray>("why");
    const auto row = [](const char *text, int column, const char *why) {
        QTest::newRow(text) << QByteArray(text) << column << QByteArray(why);
    };
    row("", 1, "name of a metric");
    row("<3", 1, "name of a metric");
    row("latency p(99)<1s", 1, "no metric 'latency'");
    row("deliveries_lost", 16, "has count");
    row("deliveries_lost rate<1", 17, "has count");
    row("deliveries_lost p(99)<1", 17, "has count");
    row("connect_success count>3", 17, "has rate");
    row("delivery_latency rate<1", 18, "has p(N)");
    row("delivery_latency p99<1s", 19, "written p(99)");
    row("delivery_latency p()<1s", 20, "0 to 100");
    row("delivery_latency p(101)<1s", 20, "0 to 100");
    row("delivery_latency p(99<1s", 22, "')'");
    row("delivery_latency p(99)", 23, "one of");
    row("delivery_latency p(99)=1s", 23, "one of");
    row("delivery_latency p(99)=<1s", 23, "one of");
    row("delivery_latency p(99)<", 24, "a number");
    row("delivery_latency p(99)<fast", 24, "a number");
    row("delivery_latency p(99)<1.2.3ms", 24, "a number");
    row("delivery_latency p(99)<-5ms", 24, "a number");
    row("delivery_latency p(99)<500", 27, "needs its unit");
    row("delivery_latency p(99)<500m", 27, "needs its unit");
    row("connect_success{phase:hold 50} rate>0.9", 16, "the whole run");
    row("delivery_latency{hold 50} p(99)<1s", 18, "{phase:NAME}");
    row("delivery_latency{phase=hold 50} p(99)<1s", 23, "{phase:NAME}");
    row("delivery_latency{phase:} p(99)<1s", 24, "name of a phase");
    row("delivery_latency{phase:hold 50 p(99)<1s", 24, "'}'");
    row("connect_success rate>95", 24, "at most 1");
    row("connect_success rate>0.95ms", 26, "a share");
    row("deliveries_lost count==0ms", 25, "no unit");
    row("deliveries_lost count==0 now", 26, "no unit");
    row("deliveries_lost count==0 ,", 26, "should end");
}

void TestLoadThresholds::wrong()
{
    QFETCH(QByteArray, text);
    QFETCH(int, column);
    QFETCH(QByteArray, why);
    const auto threshold = parseThreshold(text.toStdString());
    QVERIFY(!threshold);
    const QByteArray error = QByteArray::fromStdString(threshold.error().text);
    QVERIFY2(error.contains(QByteArray("column " + QByteArray::number(column) + ":")), error.constData());
    QVERIFY2(error.contains(why), error.constData());
}

void TestLoadThresholds::helpNamesMetrics()
{
    for (const char *name : {"connect_success", "delivery_latency", "deliveries_lost"})
        QVERIFY(metricsHelp().find(name) != std::string::npos);
}

PARLOR_TEST(TestLoadThresholds)
#include "tst_load_thresholds.moc"
