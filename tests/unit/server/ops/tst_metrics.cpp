// SPDX-License-Identifier: MIT
#include "server/ops/metrics.h"

#include "server/ops/processstatus.h"
#include "server/ops/pulse.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

#include <array>
#include <fcntl.h>
#include <unistd.h>

using namespace parlor;
using namespace std::chrono_literals;

/// The text is read back as Prometheus does.
class MetricsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFamilyIsThere_data();
    void everyFamilyIsThere();
    void formIsValid();
    void workersAreAddedUp();
    void gauges();
    void handshakes();
    void closes();
    void lag_data();
    void lag();
    void lagText();
    void deliveryText();
    void countersGoDown();
    void storeInAFile();
    void storeInRedis();
    void pulse();
    void processStatus();
};

namespace {

struct Scrape
{
    QMap<QString, QString> types;
    QMap<QString, double> samples; ///< by name and labels as written
    QStringList malformed;
};

Scrape scrape(std::span<const WorkerMetrics *const> workers, const ServerGauges &gauges = {})
{
    static const QRegularExpression type(QStringLiteral("^# TYPE ([a-z_]+) (counter|gauge|histogram)$"));
    static const QRegularExpression help(QStringLiteral("^# HELP [a-z_]+ .+$"));
    static const QRegularExpression sample(
        QStringLiteral("^([a-z_]+(?:\\{[a-z]+=\"[^\"]*\"(?:,[a-z]+=\"[^\"]*\")*\\})?) (\\S+)$"));
    Scrape result;
    const QString text = QString::fromStdString(prometheusText(workers, gauges));
    for (const QString &line : text.split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        bool isNumber = true;
        if (const auto match = type.match(line); match.hasMatch())
            result.types.insert(match.captured(1), match.captured(2));
        else if (const auto found = sample.match(line); found.hasMatch())
            result.samples.insert(found.captured(1), found.captured(2).toDouble(&isNumber));
        else if (!help.match(line).hasMatch())
            result.malformed << line;
        if (!isNumber)
            result.malformed << line;
    }
    return result;
}

Scrape scrape(const WorkerMetrics &worker, const ServerGauges &gauges = {})
{
    const std::array workers{&worker};
    return scrape(workers, gauges);
}

double value(const Scrape &scrape, const char *sample)
{
    return scrape.samples.value(QString::fromLatin1(sample), -1);
}

} // namespace

void MetricsTest::everyFamilyIsThere_data()
{
    QTest::addColumn<QString>("type");
    for (const char *gauge :
         {"parlor_connections", "parlor_queue_bytes", "parlor_rooms", "parlor_history_bytes",
          "parlor_draining", "parlor_ready", "parlor_build_info", "process_start_time_seconds",
          "process_resident_memory_bytes", "process_open_fds", "process_max_fds"})
        QTest::newRow(gauge) << QStringLiteral("gauge");
    for (const char *counter :
         {"parlor_handshakes_total", "parlor_http_requests_total", "parlor_messages_in_total",
          "parlor_messages_out_total", "parlor_deliveries_total", "parlor_bytes_in_total",
          "parlor_bytes_out_total", "parlor_slow_consumers_total", "parlor_rate_limited_total",
          "parlor_closes_total", "process_cpu_seconds_total"})
        QTest::newRow(counter) << QStringLiteral("counter");
    for (const char *counter :
         {"parlor_user_limited_total", "parlor_address_limited_total", "parlor_pages_delayed_total"})
        QTest::newRow(counter) << QStringLiteral("counter");
    QTest::newRow("parlor_event_loop_lag_seconds") << QStringLiteral("histogram");
    QTest::newRow("parlor_delivery_seconds") << QStringLiteral("histogram");
}

void MetricsTest::everyFamilyIsThere()
{
    QFETCH(const QString, type);
    QCOMPARE(scrape(WorkerMetrics()).types.value(QString::fromLatin1(QTest::currentDataTag())), type);
}

void MetricsTest::formIsValid()
{
    WorkerMetrics worker;
    worker.countClose(1000);
    worker.loopLag.observe(3ms);
    const Scrape result = scrape(worker, {.build = {{"version", "1.2.3"}, {"qt", "6.4.2"}}});
    QCOMPARE(result.malformed, QStringList());
    const int families = 28;
    QCOMPARE(result.types.size(), families);
    QCOMPARE(scrape(std::span<const WorkerMetrics *const>()).malformed, QStringList());
}

void MetricsTest::workersAreAddedUp()
{
    const std::array<std::pair<Counter WorkerMetrics::*, const char *>, 10> counters{{
        {&WorkerMetrics::connections, "parlor_connections"},
        {&WorkerMetrics::httpRequests, "parlor_http_requests_total"},
        {&WorkerMetrics::messagesIn, "parlor_messages_in_total"},
        {&WorkerMetrics::messagesOut, "parlor_messages_out_total"},
        {&WorkerMetrics::deliveries, "parlor_deliveries_total"},
        {&WorkerMetrics::bytesIn, "parlor_bytes_in_total"},
        {&WorkerMetrics::bytesOut, "parlor_bytes_out_total"},
        {&WorkerMetrics::queueBytes, "parlor_queue_bytes"},
        {&WorkerMetrics::slowConsumers, "parlor_slow_consumers_total"},
        {&WorkerMetrics::rateLimited, "parlor_rate_limited_total"},
    }};
    WorkerMetrics first;
    WorkerMetrics second;
    std::uint64_t n = 1;
    for (const auto &[counter, name] : counters) {
        (first.*counter).add(n++);
        (second.*counter).add(1000);
    }
    const std::array<const WorkerMetrics *, 2> workers{&first, &second};
    const Scrape result = scrape(workers);
    double expected = 1001;
    for (const auto &[counter, name] : counters)
        QCOMPARE(value(result, name), expected++);
}

void MetricsTest::gauges()
{
    const ServerGauges gauges{.rooms = 3,
                              .historyBytes = 123'456'789'012,
                              .mostConnections = 50,
                              .ready = true,
                              .draining = true,
                              .startTime = 1'700'000'000s,
                              .build = {{"version", "1.2.3"}, {"qt", "6.4.2"}}};
    const Scrape result = scrape(WorkerMetrics(), gauges);
    QCOMPARE(value(result, "parlor_rooms"), 3.0);
    QCOMPARE(value(result, "parlor_history_bytes"), 123'456'789'012.0);
    QCOMPARE(value(result, "parlor_draining"), 1.0);
    QCOMPARE(value(result, "process_start_time_seconds"), 1'700'000'000.0);
    QCOMPARE(value(result, "parlor_build_info{version=\"1.2.3\",qt=\"6.4.2\"}"), 1.0);
    QCOMPARE(value(result, "parlor_connections_limit"), 50.0);
    QVERIFY(!scrape(WorkerMetrics()).types.contains(QStringLiteral("parlor_connections_limit")));
    QCOMPARE(value(result, "parlor_ready"), 1.0);
    QCOMPARE(value(scrape(WorkerMetrics()), "parlor_ready"), 0.0);
    QCOMPARE(value(scrape(WorkerMetrics()), "parlor_draining"), 0.0);
}

void MetricsTest::handshakes()
{
    WorkerMetrics worker;
    for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(HandshakeResult::Count_); ++i) {
        for (int n = 0; n <= i; ++n)
            worker.countHandshake(static_cast<HandshakeResult>(i));
    }
    const Scrape result = scrape(worker);
    double expected = 1;
    for (const char *name : {"accepted", "malformed", "not_found", "forbidden", "too_many", "full",
                             "draining", "starting", "timed_out", "tls_failed"})
        QCOMPARE(
            value(result,
                  QByteArray("parlor_handshakes_total{result=\"" + QByteArray(name) + "\"}").constData()),
            expected++);
}

void MetricsTest::closes()
{
    WorkerMetrics first;
    WorkerMetrics second;
    first.countClose(1000);
    first.countClose(4102);
    second.countClose(1000);
    for (std::uint16_t code = 3000; code < 3010; ++code)
        second.countClose(code);
    const std::array<const WorkerMetrics *, 2> workers{&first, &second};
    const Scrape result = scrape(workers);
    QCOMPARE(value(result, "parlor_closes_total{code=\"1000\"}"), 2.0);
    QCOMPARE(value(result, "parlor_closes_total{code=\"4102\"}"), 1.0);
    QCOMPARE(value(result, "parlor_closes_total{code=\"1001\"}"), 0.0);
    QCOMPARE(value(result, "parlor_closes_total{code=\"3000\"}"), -1.0);
    QCOMPARE(value(result, "parlor_closes_total{code=\"other\"}"), 10.0);
}

void MetricsTest::lag_data()
{
    QTest::addColumn<qint64>("nanoseconds");
    QTest::addColumn<std::size_t>("bucket");
    QTest::newRow("none") << qint64(0) << std::size_t(0);
    QTest::newRow("negative") << qint64(-5) << std::size_t(0);
    QTest::newRow("at the first bound") << qint64(1'000'000) << std::size_t(0);
    QTest::newRow("past the first bound") << qint64(1'000'001) << std::size_t(1);
    QTest::newRow("middle") << qint64(30'000'000) << std::size_t(5);
    QTest::newRow("at the last bound") << qint64(5'000'000'000) << std::size_t(11);
    QTest::newRow("past the last bound") << qint64(60'000'000'000) << std::size_t(12);
}

void MetricsTest::lag()
{
    QFETCH(const qint64, nanoseconds);
    QFETCH(const std::size_t, bucket);
    TimeHistogram lag;
    lag.observe(std::chrono::nanoseconds(nanoseconds));
    for (std::size_t i = 0; i <= TimeHistogram::kBoundsSeconds.size(); ++i)
        QCOMPARE(lag.bucket(i), std::uint64_t(i == bucket ? 1 : 0));
    QCOMPARE(lag.sumSeconds(), std::max<double>(0, double(nanoseconds) / 1e9));
}

void MetricsTest::lagText()
{
    WorkerMetrics first;
    WorkerMetrics second;
    for (const std::chrono::microseconds lag : {500us, 2000us, 2000us, 5'000'000us})
        second.loopLag.observe(lag);
    const std::array<const WorkerMetrics *, 2> workers{&first, &second};
    const Scrape result = scrape(workers);
    const auto bucket = [&result](const char *worker, const char *bound) {
        const QString name = QStringLiteral("parlor_event_loop_lag_seconds_bucket{worker=\"%1\",le=\"%2\"}");
        return result.samples.value(name.arg(QLatin1String(worker), QLatin1String(bound)), -1);
    };
    QCOMPARE(bucket("0", "+Inf"), 0.0);
    QCOMPARE(bucket("1", "0.001"), 1.0);
    QCOMPARE(bucket("1", "0.002"), 3.0);
    QCOMPARE(bucket("1", "1"), 3.0);
    QCOMPARE(bucket("1", "+Inf"), 4.0);
    QCOMPARE(value(result, "parlor_event_loop_lag_seconds_count{worker=\"1\"}"), 4.0);
    QCOMPARE(value(result, "parlor_event_loop_lag_seconds_sum{worker=\"1\"}"), 5.0045);
}

/// Of all workers together.
void MetricsTest::deliveryText()
{
    WorkerMetrics first;
    WorkerMetrics second;
    first.delivery.observe(1ms);
    second.delivery.observe(3ms);
    const std::array<const WorkerMetrics *, 2> workers{&first, &second};
    const Scrape result = scrape(workers);
    QCOMPARE(value(result, "parlor_delivery_seconds_bucket{le=\"0.001\"}"), 1.0);
    QCOMPARE(value(result, "parlor_delivery_seconds_bucket{le=\"+Inf\"}"), 2.0);
    QCOMPARE(value(result, "parlor_delivery_seconds_sum"), 0.004);
}

void MetricsTest::countersGoDown()
{
    WorkerMetrics worker;
    worker.connections.add(5);
    worker.connections.subtract(2);
    QCOMPARE(value(scrape(worker), "parlor_connections"), 3.0);
}

void MetricsTest::storeInAFile()
{
    ServerGauges gauges;
    StoreFigures &figures = gauges.store.emplace();
    figures.logBytes = 5;
    figures.bytes = 6;
    figures.freeBytes = 7;
    const Scrape result = scrape(WorkerMetrics(), gauges);
    QCOMPARE(value(result, "parlor_store_wal_bytes"), 5.0);
    QCOMPARE(value(result, "parlor_store_bytes"), 6.0);
    QCOMPARE(value(result, "parlor_store_disk_free_bytes"), 7.0);
    QVERIFY(!result.types.contains(QStringLiteral("parlor_redis_up")));
}

void MetricsTest::storeInRedis()
{
    ServerGauges gauges;
    StoreFigures &figures = gauges.store.emplace();
    figures.messages = 7;
    figures.isShared = true;
    figures.repairs = 1;
    figures.diverged = 2;
    figures.reconnects = 3;
    const Scrape result = scrape(WorkerMetrics(), gauges);
    QCOMPARE(result.malformed, QStringList());
    QCOMPARE(value(result, "parlor_store_messages_total"), 7.0);
    QCOMPARE(value(result, "parlor_redis_up"), 0.0);
    QCOMPARE(value(result, "parlor_redis_repairs_total"), 1.0);
    QCOMPARE(value(result, "parlor_redis_diverged_total"), 2.0);
    QCOMPARE(value(result, "parlor_redis_reconnects_total"), 3.0);
    for (const char *name : {"parlor_store_wal_bytes", "parlor_store_commit_seconds"})
        QVERIFY(!result.types.contains(QLatin1String(name)));
    figures.isUp = true;
    QCOMPARE(value(scrape(WorkerMetrics(), gauges), "parlor_redis_up"), 1.0);
}

void MetricsTest::pulse()
{
    WorkerMetrics first;
    WorkerMetrics second;
    const std::array<const WorkerMetrics *, 2> workers{&first, &second};
    Pulse pulse;
    QVERIFY(pulse.isThere(workers)); // nothing to compare with yet
    QVERIFY(!pulse.isThere(workers));
    first.ticks.add();
    QVERIFY2(!pulse.isThere(workers), "one of them stands still");
    first.ticks.add();
    second.ticks.add();
    QVERIFY(pulse.isThere(workers));
    QVERIFY(!pulse.isThere(workers));
    QVERIFY2(pulse.isThere(std::span(workers).first(1)), "others, as after the start");
}

void MetricsTest::processStatus()
{
    const ProcessStatus before = readProcessStatus();
    QVERIFY(before.residentBytes > 1'000'000);
    QVERIFY(before.openDescriptors >= 3);
    QVERIFY(before.maxDescriptors >= before.openDescriptors);
    QVERIFY(before.cpuSeconds > 0);

    std::array<int, 20> descriptors{};
    for (int &descriptor : descriptors)
        descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    QCOMPARE(readProcessStatus().openDescriptors, before.openDescriptors + descriptors.size());
    for (const int descriptor : descriptors)
        close(descriptor);
    QCOMPARE(readProcessStatus().openDescriptors, before.openDescriptors);
}

PARLOR_TEST(MetricsTest)
#include "tst_metrics.moc"
