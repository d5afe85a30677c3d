// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/metriccatalogue.h"
#include "client-cli/load/watch/metricfamilies.h"
#include "client-cli/load/watch/metricstext.h"
#include "client-cli/load/watch/writerequest.h"
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/watchedrun.h"

#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <bit>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::WatchedRun;

namespace {

/// Something of everything.
WatchedRun fullRun()
{
    WatchedRun run;
    run.record.settings.thresholds = {"connect_success rate>0.95"};
    run.record.settings.tags = {{"env", "ci"}, {"a-b", "x"}};
    Measurements &all = run.record.measurements;
    all.connectDuration.record(3ms);
    all.connectSteps.tcp.record(1ms);
    all.connectSteps.upgrade.record(2ms);
    all.joinDuration.record(4ms);
    all.loopLag.record(40us);
    run.record.settings.profiles.resize(2);
    run.record.settings.profiles[0].name = "chatter";
    run.record.settings.profiles[1].name = "lurker";
    all.profiles.resize(2);
    all.profiles[0].sent = 40;
    all.profiles[1].sent = 2;
    all.profiles[1].deliveryLatency.record(3ms);
    all.closeCodes = {{1006, 2}};
    all.refusals = {{"rate_limited", 5}};
    all.errors = {{"connect: refused", 3}};
    all.connectAttempts += 3;
    all.phases[1].fanOut.record(1ms);
    all.phases[1].rejected = 7;
    all.phases[1].notMember = 4;
    all.deliveries.lost = 1;
    all.deliveries.doubled = 2;
    all.deliveries.counted = 9;
    run.record.seconds.back().watchedCpu = 0.5;
    run.record.seconds.back().watchedMemory = 4096;
    return run;
}

std::vector<MetricFamily> familiesOf(const RunStatus &status, MetricNames names)
{
    NamesInSeries shown;
    return metricFamilies(status, names, shown);
}

QString textOf(const RunStatus &status, MetricNames names = MetricNames::Own)
{
    return QString::fromStdString(metricsText(familiesOf(status, names)));
}

/// The value of a series; empty if there is none.
QString value(const QString &text, const QString &series)
{
    const auto lines = text.split(u'\n');
    for (const QString &line : lines) {
        if (line.startsWith(series + u' '))
            return line.mid(series.size() + 1);
    }
    return {};
}

/// Protobuf's fields of one message: number, and the value's bytes (a number as its 8 bytes).
using Fields = std::vector<std::pair<unsigned, std::string>>;
std::uint64_t takeVarint(std::string_view &bytes)
{
    std::uint64_t number = 0;
    for (unsigned shift = 0; !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        number |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0)
            break;
    }
    return number;
}
Fields fieldsOf(std::string_view bytes)
{
    Fields fields;
    while (!bytes.empty()) {
        const std::uint64_t key = takeVarint(bytes);
        std::string content;
        if ((key & 7) == 0) {
            content = std::to_string(takeVarint(bytes));
        } else {
            const std::size_t size = (key & 7) == 1 ? 8 : takeVarint(bytes);
            content = bytes.substr(0, size);
            bytes.remove_prefix(size);
        }
        fields.emplace_back(static_cast<unsigned>(key >> 3), content);
    }
    return fields;
}
double doubleOf(const std::string &bytes)
{
    std::uint64_t bits = 0;
    for (std::size_t i = 8; i > 0; --i)
        bits = bits << 8 | static_cast<unsigned char>(bytes[i - 1]);
    return std::bit_cast<double>(bits);
}

} // namespace

class TestLoadMetrics : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void documentAndCodeAgree();
    void everyMetricIsMade();
    void namesAreWellFormed();
    void counts();
    void histograms();
    void aValueOnABoundIsNotAboveIt();
    void phasesOfOneNameAreOneSeries();
    void phasesThatAreFarAwayHaveNone();
    void whatIsOnlyMissingSoFarIsNotLost();
    void seriesAreThereButOnce();
    void namesFromOutsideAreBounded();
    void latencyOfHosts();
    void profiles();
    void othersNeverGoBack();
    void hostileLabels();
    void thresholdThatIsOpenHasNone();
    void k6();
    void tags();
    void bothFormsSayTheSame();
};

void TestLoadMetrics::documentAndCodeAgree()
{
    QFile file(qEnvironmentVariable("PARLOR_TEST_SOURCE") + u"/docs/load-metrics.md"_s);
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    QStringList documented;
    const auto lines = QString::fromUtf8(file.readAll()).split(u'\n');
    for (const QString &line : lines) {
        if (line.startsWith(u"| `parlor_load_"_s) || line.startsWith(u"| `k6_"_s))
            documented.append(line);
    }
    QStringList expected;
    for (const auto catalogue : {metricCatalogue(), k6Catalogue()}) {
        for (const MetricDescription &each : catalogue) {
            QStringList labels;
            for (const QString &label : QString::fromUtf8(each.labels.data(), qsizetype(each.labels.size()))
                                            .split(u", "_s, Qt::SkipEmptyParts))
                labels.append(u'`' + label + u'`');
            expected.append(u"| `%1` | %2 | %3 | %4 | %5 |"_s.arg(
                QString::fromStdString(std::string(each.name)),
                QString::fromStdString(std::string(toString(each.type))),
                QString::fromStdString(std::string(each.unit)), labels.join(u", "_s),
                QString::fromStdString(std::string(each.help))));
        }
    }
    QCOMPARE(documented.join(u'\n'), expected.join(u'\n'));
}

void TestLoadMetrics::everyMetricIsMade()
{
    const WatchedRun run = fullRun();
    QStringList made;
    for (const MetricFamily &each : familiesOf(run.status(), MetricNames::AndK6))
        made.append(QString::fromStdString(std::string(each.name)));
    QStringList all;
    for (const auto catalogue : {metricCatalogue(), k6Catalogue()}) {
        for (const MetricDescription &each : catalogue)
            all.append(QString::fromStdString(std::string(each.name)));
    }
    QCOMPARE(made, all);
    for (const MetricFamily &each : familiesOf(run.status(), MetricNames::Own))
        QVERIFY(each.name.starts_with("parlor_load_"));
}

void TestLoadMetrics::namesAreWellFormed()
{
    for (const MetricDescription &each : metricCatalogue()) {
        QVERIFY(each.name.starts_with("parlor_load_"));
        QCOMPARE(each.name.ends_with("_total"), each.type == MetricType::Counter);
        QCOMPARE(each.name.ends_with("_seconds"), each.type == MetricType::Histogram);
        QVERIFY(!each.help.empty() && !each.unit.empty());
    }
}

void TestLoadMetrics::counts()
{
    WatchedRun run = fullRun();
    run.record.settings.tags.clear();
    const QString text = textOf(run.status());
    const auto is = [&text](const QString &series, const QString &expected) {
        return value(text, u"parlor_load_"_s + series) == expected;
    };
    QVERIFY(is(u"vus{run_id=\"7f3a21b0\"}"_s, u"50"_s));
    QVERIFY(is(u"connects_total{run_id=\"7f3a21b0\",result=\"ok\"}"_s, u"50"_s));
    QVERIFY(is(u"connects_total{run_id=\"7f3a21b0\",result=\"failed\"}"_s, u"3"_s));
    QVERIFY(is(u"messages_sent_total{run_id=\"7f3a21b0\",phase=\"ramp 0-50\"}"_s, u"1500"_s));
    QVERIFY(is(u"messages_sent_total{run_id=\"7f3a21b0\",phase=\"hold 50\"}"_s, u"750"_s));
    QVERIFY(
        is(u"messages_dropped_total{run_id=\"7f3a21b0\",phase=\"hold 50\",reason=\"not_member\"}"_s, u"4"_s));
    QVERIFY(is(u"messages_rejected_total{run_id=\"7f3a21b0\",reason=\"rate_limited\"}"_s, u"5"_s));
    QVERIFY(is(u"messages_rejected_total{run_id=\"7f3a21b0\",reason=\"unknown\"}"_s, u"2"_s));
    QVERIFY(is(u"deliveries_expected_total{run_id=\"7f3a21b0\"}"_s, u"36001"_s));
    QVERIFY(is(u"deliveries_duplicate_total{run_id=\"7f3a21b0\"}"_s, u"2"_s));
    QVERIFY(is(u"disconnects_total{run_id=\"7f3a21b0\",code=\"1006\"}"_s, u"2"_s));
    QVERIFY(is(u"backend_connections_total{run_id=\"7f3a21b0\",hostname=\"ws1\"}"_s, u"30"_s));
    QVERIFY(is(u"threshold_met{run_id=\"7f3a21b0\",threshold=\"connect_success rate>0.95\"}"_s, u"0"_s));
    QVERIFY(is(u"generator_limited{run_id=\"7f3a21b0\"}"_s, u"0"_s));
    QVERIFY(text.contains(u"# TYPE parlor_load_vus gauge\n"_s));
    QVERIFY(text.contains(u"# TYPE parlor_load_connects_total counter\n"_s));
    QVERIFY(text.contains(u"# TYPE parlor_load_send_lag_seconds histogram\n"_s));
}

void TestLoadMetrics::histograms()
{
    WatchedRun run(0);
    Histogram &latency = run.record.measurements.phases[0].deliveryLatency;
    for (const auto each : {100us, 700us, 3000us, 30'000'000us})
        latency.record(each);
    const QString text = textOf(run.status());
    const auto bucket = [&text](const QString &le) {
        return value(text, u"parlor_load_delivery_latency_seconds_bucket{run_id=\"7f3a21b0\","
                           "phase=\"ramp 0-50\",le=\"%1\"}"_s.arg(le));
    };
    QCOMPARE(bucket(u"0.0005"_s), u"1"_s);
    QCOMPARE(bucket(u"0.001"_s), u"2"_s);
    QCOMPARE(bucket(u"0.002"_s), u"2"_s);
    QCOMPARE(bucket(u"0.005"_s), u"3"_s);
    QCOMPARE(bucket(u"10"_s), u"3"_s);
    QCOMPARE(bucket(u"+Inf"_s), u"4"_s);
    QCOMPARE(
        value(text, u"parlor_load_delivery_latency_seconds_sum{run_id=\"7f3a21b0\",phase=\"ramp 0-50\"}"_s),
        u"30.0038"_s);
    QCOMPARE(
        value(text, u"parlor_load_delivery_latency_seconds_count{run_id=\"7f3a21b0\",phase=\"ramp 0-50\"}"_s),
        u"4"_s);
}

void TestLoadMetrics::aValueOnABoundIsNotAboveIt()
{
    WatchedRun run(0);
    Histogram &latency = run.record.measurements.phases[0].deliveryLatency;
    latency.record(500us);
    latency.record(501us);
    const QString text = textOf(run.status());
    QCOMPARE(value(text, u"parlor_load_delivery_latency_seconds_bucket{run_id=\"7f3a21b0\","
                         "phase=\"ramp 0-50\",le=\"0.0005\"}"_s),
             u"1"_s);
}

void TestLoadMetrics::phasesOfOneNameAreOneSeries()
{
    WatchedRun run;
    run.record.phases[0].name = run.record.phases[1].name;
    const QString text = textOf(run.status());
    QCOMPARE(value(text, u"parlor_load_messages_sent_total{run_id=\"7f3a21b0\",phase=\"hold 50\"}"_s),
             u"2250"_s);
    QCOMPARE(
        value(text, u"parlor_load_delivery_latency_seconds_count{run_id=\"7f3a21b0\",phase=\"hold 50\"}"_s),
        u"36000"_s);
}

void TestLoadMetrics::phasesThatAreFarAwayHaveNone()
{
    QVERIFY(!textOf(WatchedRun(10).status()).contains(u"hold 50"_s));
    // Soon enough that a rate sees what the phase begins with.
    QVERIFY(textOf(WatchedRun(56).status()).contains(u"hold 50"_s));
}

void TestLoadMetrics::whatIsOnlyMissingSoFarIsNotLost()
{
    WatchedRun run;
    run.holes = 5;
    const QString text = textOf(run.status());
    QCOMPARE(value(text, u"parlor_load_deliveries_lost_total{run_id=\"7f3a21b0\"}"_s), u"0"_s);
    QCOMPARE(value(text, u"parlor_load_deliveries_expected_total{run_id=\"7f3a21b0\"}"_s), u"36000"_s);
    QCOMPARE(value(text, u"parlor_load_deliveries_outstanding{run_id=\"7f3a21b0\"}"_s), u"3"_s);
}

void TestLoadMetrics::seriesAreThereButOnce()
{
    WatchedRun run = fullRun();
    run.record.settings.thresholds = {"vus", "connect_success rate>0.95", "connect_success rate>0.95"};
    run.record.settings.tags = {{"a-b", "1"}, {"a_b", "2"}};
    run.record.measurements.hosts = {{"a\x01", 1}, {"a\x02", 2}};
    const auto lines = textOf(run.status(), MetricNames::AndK6).split(u'\n', Qt::SkipEmptyParts);
    QSet<QString> seen;
    for (const QString &line : lines) {
        const QString series = line.startsWith(u'#') ? line : line.left(line.lastIndexOf(u' '));
        QVERIFY2(!seen.contains(series), qPrintable(line));
        seen.insert(series);
    }
    QCOMPARE(
        value(lines.join(u'\n'),
              u"parlor_load_backend_connections_total{run_id=\"7f3a21b0\",tag_a_b=\"1\",hostname=\"a?\"}"_s),
        u"3"_s);
}

void TestLoadMetrics::namesFromOutsideAreBounded()
{
    WatchedRun run;
    for (int i = 0; i < 1000; ++i)
        run.record.measurements.hosts["host" + std::to_string(i)] = 1;
    const QString text = textOf(run.status());
    QCOMPARE(text.count(u"backend_connections_total{"_s), 51);
    QCOMPARE(
        value(text, u"parlor_load_backend_connections_total{run_id=\"7f3a21b0\",hostname=\"(others)\"}"_s),
        u"952"_s);
}

void TestLoadMetrics::profiles()
{
    const QString text = textOf(fullRun().status());
    const auto of = [&text](QLatin1String metric, QLatin1String profile) {
        return value(
            text,
            u"parlor_load_profile_%1{run_id=\"7f3a21b0\",tag_a_b=\"x\",tag_env=\"ci\",profile=\"%2\"}"_s.arg(
                metric, profile));
    };
    QCOMPARE(of("messages_sent_total"_L1, "chatter"_L1), u"40"_s);
    QCOMPARE(of("messages_sent_total"_L1, "lurker"_L1), u"2"_s);
    QCOMPARE(of("delivery_latency_seconds_count"_L1, "chatter"_L1), u"0"_s);
    QCOMPARE(of("delivery_latency_seconds_count"_L1, "lurker"_L1), u"1"_s);
    QVERIFY(!textOf(WatchedRun().status()).contains(u"profile"_s));
}

void TestLoadMetrics::latencyOfHosts()
{
    WatchedRun run;
    auto &hosts = run.record.measurements.hosts;
    for (int i = 0; i < 60; ++i)
        hosts["host" + std::to_string(10 + i)] = 1;
    for (const char *host : {"host10", "host68", "host69"})
        run.record.measurements.hostLatency[host].record(3ms);
    const QString text = textOf(run.status());
    const auto latency = [&text](QLatin1String suffix, QLatin1String host, QLatin1String le = {}) {
        return value(
            text,
            u"parlor_load_host_delivery_latency_seconds_%1{run_id=\"7f3a21b0\",hostname=\"%2\"%3}"_s.arg(
                suffix, host, le));
    };
    QCOMPARE(text.count(u"host_delivery_latency_seconds_count{"_s), 51);
    QCOMPARE(latency("count"_L1, "host10"_L1), u"1"_s);
    QCOMPARE(latency("bucket"_L1, "host10"_L1, ",le=\"0.002\""_L1), u"0"_s);
    QCOMPARE(latency("bucket"_L1, "host10"_L1, ",le=\"0.005\""_L1), u"1"_s);
    QCOMPARE(latency("count"_L1, "host11"_L1), u"0"_s); // its series is there before its first delivery
    QCOMPARE(latency("count"_L1, "(others)"_L1), u"2"_s);
}

void TestLoadMetrics::othersNeverGoBack()
{
    const QString others =
        u"parlor_load_backend_connections_total{run_id=\"7f3a21b0\",hostname=\"(others)\"}"_s;
    WatchedRun run;
    auto &hosts = run.record.measurements.hosts;
    hosts.clear();
    for (int i = 0; i < 60; ++i)
        hosts["host" + std::to_string(10 + i)] = 100;
    NamesInSeries shown;
    const auto text = [&] {
        return QString::fromStdString(metricsText(metricFamilies(run.status(), MetricNames::Own, shown)));
    };
    QCOMPARE(value(text(), others), u"1000"_s);
    hosts["host69"] = 500; // now more frequent than those that are shown
    hosts["another"] = 900;
    QCOMPARE(value(text(), others), u"2300"_s);
}

void TestLoadMetrics::hostileLabels()
{
    WatchedRun run;
    run.record.measurements.hosts = {{"a\"} 1\nparlor_load_vus 999\\", 1}};
    const QString text = textOf(run.status());
    QVERIFY(text.contains(u"hostname=\"a\\\"} 1?parlor_load_vus 999\\\\\"} 1\n"_s));
    QVERIFY(!text.contains(u"\nparlor_load_vus 999"_s));
    // A label with a line feed is escaped even where nobody made it harmless.
    const MetricFamily family{.name = "x",
                              .type = MetricType::Gauge,
                              .help = "y",
                              .samples = {{.labels = {{"l", "a\nb"}}, .value = 0.5}}};
    QCOMPARE(metricsText(std::span(&family, 1)), "# HELP x y\n# TYPE x gauge\nx{l=\"a\\nb\"} 0.5\n");
}

void TestLoadMetrics::thresholdThatIsOpenHasNone()
{
    WatchedRun run(0);
    run.record.settings.thresholds = {"delivery_latency p(99)<500ms", "connections_lost count==0"};
    const QString text = textOf(run.status());
    QVERIFY(!text.contains(u"threshold=\"delivery_latency"_s));
    QCOMPARE(
        value(text,
              u"parlor_load_threshold_met{run_id=\"7f3a21b0\",threshold=\"connections_lost count==0\"}"_s),
        u"1"_s);
}

void TestLoadMetrics::k6()
{
    WatchedRun run = fullRun();
    QString text = textOf(run.status(), MetricNames::AndK6);
    QCOMPARE(value(text, u"k6_vus{testid=\"7f3a21b0\"}"_s), u"50"_s);
    QCOMPARE(value(text, u"k6_ws_msgs_sent_total{testid=\"7f3a21b0\"}"_s), u"2250"_s);
    QCOMPARE(value(text, u"k6_ws_msgs_received_total{testid=\"7f3a21b0\"}"_s), u"36000"_s);
    QCOMPARE(value(text, u"k6_ws_message_success_rate_rate{testid=\"7f3a21b0\"}"_s), u"1"_s);
    const double p99 = value(text, u"k6_ws_message_latency_p99{testid=\"7f3a21b0\"}"_s).toDouble();
    QVERIFY2(p99 > 2 && p99 < 2.5, qPrintable(QString::number(p99))); // ms
    run.record.settings.tags["testid"] = "nightly";
    text = textOf(run.status(), MetricNames::AndK6);
    QCOMPARE(value(text, u"k6_ws_sessions_total{testid=\"nightly\"}"_s), u"50"_s);
}

void TestLoadMetrics::tags()
{
    QCOMPARE(labelOfTag("env"), "tag_env");
    QCOMPARE(labelOfTag("9-ä"), "tag_9___");
    QCOMPARE(labelOfTag(""), "tag_");
    const WatchedRun run = fullRun();
    QVERIFY(textOf(run.status())
                .contains(u"parlor_load_vus{run_id=\"7f3a21b0\",tag_a_b=\"x\",tag_env=\"ci\"} 50\n"_s));
}

void TestLoadMetrics::bothFormsSayTheSame()
{
    const WatchedRun run = fullRun();
    const MetricsSnapshot snapshot{.families = familiesOf(run.status(), MetricNames::AndK6),
                                   .timestamp = 1'700'000'000'123};
    QMap<QString, double> written;
    for (const auto &[field, series] : fieldsOf(writeRequest(snapshot))) {
        QCOMPARE(field, 1U);
        std::string name;
        QStringList labels;
        std::string last;
        for (const auto &[part, content] : fieldsOf(series)) {
            const Fields pair = fieldsOf(content);
            QCOMPARE(pair.size(), std::size_t(2));
            if (part == 2) {
                QCOMPARE(pair[1].second, "1700000000123");
                const QString key = QString::fromStdString(name) + u'{' + labels.join(u',') + u'}';
                QVERIFY(!written.contains(key));
                written[key] = doubleOf(pair[0].second);
                continue;
            }
            QVERIFY(last < pair[0].second); // sorted
            last = pair[0].second;
            if (last == "__name__")
                name = pair[1].second;
            else
                labels.append(QString::fromStdString(last + "=\"" + pair[1].second + '"'));
        }
    }
    QMap<QString, double> told;
    static const QRegularExpression form(u"^([a-z0-9_]+)\\{(.*)\\} (\\S+)$"_s);
    const auto lines =
        QString::fromStdString(metricsText(snapshot.families)).split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : lines) {
        if (line.startsWith(u'#'))
            continue;
        const auto match = form.match(line);
        QVERIFY2(match.hasMatch(), qPrintable(line));
        QStringList labels = match.captured(2).split(u"\","_s); // none of this run's has that inside
        for (QString &label : labels)
            label += label.endsWith(u'"') ? u""_s : u"\""_s;
        labels.sort();
        told[match.captured(1) + u'{' + labels.join(u',') + u'}'] = match.captured(3).toDouble();
    }
    QVERIFY(told.size() > 100);
    QCOMPARE(written, told);
}

PARLOR_TEST(TestLoadMetrics)
#include "tst_load_metrics.moc"
