// SPDX-License-Identifier: MIT
#include "client-cli/load/report/chart.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlreport.h"
#include "tests/support/testclass.h"

#include <QRegularExpression>
#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr const char *kMarkup = "<script>x</script>\"'&\x1b";

Second secondOf(int end, int latencyMs, int deliveries)
{
    Second second;
    second.end = std::chrono::seconds(end);
    second.received = static_cast<std::uint64_t>(deliveries);
    Histogram latency;
    for (int i = 0; i < deliveries; ++i)
        latency.record(std::chrono::milliseconds(latencyMs));
    second.latency = CoarseHistogram(latency);
    return second;
}

RunRecord runOf(int seconds)
{
    RunRecord run;
    run.settings.url = "ws://server/ws";
    run.settings.rooms = {"general"};
    run.settings.stages = {{std::chrono::seconds(seconds), 10}};
    run.phases = Plan(run.settings.stages).phases();
    run.measurements = Measurements(run.phases);
    run.duration = std::chrono::seconds(seconds);
    run.measurements.connected = run.measurements.joined = 10;
    run.measurements.deliveries.received = 10;
    for (int i = 1; i <= seconds; ++i) {
        run.seconds.push_back(secondOf(i, 1 + i % 7, 10));
        run.measurements.phases.front().deliveryLatency.record(std::chrono::milliseconds(1 + i % 7));
    }
    return run;
}

QString page(const RunRecord &run, const RunRecord *baseline = nullptr)
{
    return QString::fromStdString(htmlReport(run, judge(run), baseline));
}

} // namespace

class TestLoadHtml : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textsAreEscaped();
    void paths();
    void linearAxes_data();
    void linearAxes();
    void logarithmicAxes_data();
    void logarithmicAxes();
    void placesOnAxes();
    void windowsAddUp();
    void windowsOfHours();
    void linesShowTheirValues();
    void gapsStayGaps();
    void changes();
    void hostileTextsStayTexts();
    void nothingFromElsewhere();
    void baselineIsTold();
    void nobodyCame();
};

void TestLoadHtml::textsAreEscaped()
{
    QCOMPARE(html::escaped(kMarkup), "&lt;script&gt;x&lt;/script&gt;&quot;&#39;&amp;?");
    QCOMPARE(html::given("a<b"), "<bdi class=given>a&lt;b</bdi>");
}

void TestLoadHtml::paths()
{
    QCOMPARE(html::linePath({}), "");
    QCOMPARE(html::linePath({{3, 4}}), "M3 4h0");
    QCOMPARE(html::linePath({{0, 10}, {2, 7}, {4, 7}, {6, 12}}), "M0 10l2-3 2 0 2 5");
    QCOMPARE(html::areaPath({{0, 10}, {2, 7}}), "M0 10l2-3V400H0z");
    QCOMPARE(html::dotsPath({{1, 2}, {3, 4}}), "M1 2h0M3 4h0");
    QCOMPARE(html::path("first", ""), "");
}

void TestLoadHtml::linearAxes_data()
{
    QTest::addColumn<int>("unit");
    QTest::addColumn<double>("high");
    QTest::addColumn<QString>("ticks");
    QTest::newRow("ms") << int(html::Unit::Time) << 14'300.0 << u"0 ms, 5 ms, 10 ms, 15 ms"_s;
    QTest::newRow("s") << int(html::Unit::Time) << 2.1e6 << u"0 ms, 500 ms, 1 s, 1.5 s, 2 s, 2.5 s"_s;
    QTest::newRow("no half user") << int(html::Unit::Count) << 2.0 << u"0, 1, 2"_s;
    QTest::newRow("nothing") << int(html::Unit::Count) << 0.0 << u"0, 1"_s;
    QTest::newRow("many") << int(html::Unit::PerSecond) << 99'000.0 << u"0, 20k, 40k, 60k, 80k, 100k"_s;
    QTest::newRow("thousands") << int(html::Unit::PerSecond) << 1'500.0 << u"0, 500, 1,000, 1,500"_s;
    QTest::newRow("part") << int(html::Unit::Part) << 0.42 << u"0 %, 10 %, 20 %, 30 %, 40 %, 50 %"_s;
    QTest::newRow("bytes") << int(html::Unit::Bytes) << 6e7 << u"0 B, 20 MB, 40 MB, 60 MB"_s;
    QTest::newRow("clock") << int(html::Unit::Clock) << 240e6 << u"00:00, 01:00, 02:00, 03:00, 04:00"_s;
}

void TestLoadHtml::linearAxes()
{
    QFETCH(int, unit);
    QFETCH(double, high);
    QStringList ticks;
    const html::Axis axis = html::Axis::linear(static_cast<html::Unit>(unit), 0, high);
    for (const double tick : axis.ticks())
        ticks << QString::fromStdString(html::onAxis(axis.unit(), tick));
    QTEST(ticks.join(u", "_s), "ticks");
}

void TestLoadHtml::logarithmicAxes_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<QString>("ticks");
    QTest::newRow("narrow") << 1500.0 << 15'000.0 << u"1 ms, 2 ms, 5 ms, 10 ms, 20 ms"_s;
    QTest::newRow("one value") << 2000.0 << 2000.0 << u"1 ms, 2 ms"_s;
    QTest::newRow("wide") << 150.0 << 9e6 << u"0.1 ms, 1 ms, 10 ms, 100 ms, 1 s, 10 s"_s;
}

void TestLoadHtml::logarithmicAxes()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QStringList ticks;
    const html::Axis axis = html::Axis::logarithmic(html::Unit::Time, low, high);
    for (const double tick : axis.ticks())
        ticks << QString::fromStdString(html::onAxis(html::Unit::Time, tick));
    QTEST(ticks.join(u", "_s), "ticks");
}

void TestLoadHtml::placesOnAxes()
{
    const html::Axis linear = html::Axis::linear(html::Unit::Count, 0, 10);
    QCOMPARE(linear.placeOf(0), 0.0);
    QCOMPARE(linear.placeOf(5), 0.5);
    QCOMPARE(linear.placeOf(99), 1.0);
    const html::Axis logarithmic = html::Axis::logarithmic(html::Unit::Time, 10, 1000);
    QCOMPARE(logarithmic.placeOf(100), 0.5);
    QCOMPARE(logarithmic.placeOf(0), 0.0);
    QCOMPARE(logarithmic.placeOf(10'000), 1.0);
}

void TestLoadHtml::windowsAddUp()
{
    Second quick = secondOf(1, 1, 99);
    quick.members = 7;
    quick.cpu = 0.2;
    Second slow = secondOf(2, 100, 1);
    slow.members = 5;
    slow.cpu = 0.1;
    const auto windows = html::windowsOf({quick, slow, secondOf(3, 1, 1)}, 2);
    QCOMPARE(windows.size(), 2U);
    QCOMPARE(windows[0].first, 0U);
    QCOMPARE(windows[0].last, 1U);
    QCOMPARE(windows[1].begin, Offset(2s));
    const Second &all = windows[0].all;
    QCOMPARE(all.received, 100U);
    QCOMPARE(all.members, 5U); // at its end
    QCOMPARE(all.cpu, 0.2);    // the highest
    QCOMPARE(windows[0].perSecond(all.received), 50.0);
    // Of a hundred deliveries one was slow: their 99th is quick, as no mean of two percentiles would be.
    QVERIFY(all.latency.percentile(99) < 2ms);
    QCOMPARE(all.latency.max(), Offset(100ms));
    QVERIFY(html::windowsOf({}, 600).empty());
}

void TestLoadHtml::windowsOfHours()
{
    for (const int seconds : {1, 599, 600, 601, 3600, 3601, 86'400}) {
        std::vector<Second> all(static_cast<std::size_t>(seconds));
        for (int i = 0; i < seconds; ++i)
            all[static_cast<std::size_t>(i)].end = std::chrono::seconds(i + 1);
        const auto windows = html::windowsOf(all, 600);
        QVERIFY2(windows.size() <= 600, qPrintable(QString::number(seconds)));
        QCOMPARE(windows.back().last + 1, all.size());
        QCOMPARE(windows.back().all.end, Offset(std::chrono::seconds(seconds)));
    }
}

void TestLoadHtml::linesShowTheirValues()
{
    std::vector<Second> seconds{secondOf(1, 1, 0), secondOf(2, 1, 50), secondOf(3, 1, 100),
                                secondOf(4, 1, 25)};
    const std::vector<Phase> phases;
    const html::Timespan time{.windows = html::windowsOf(seconds, 600),
                              .rows = html::windowsOf(seconds, 2),
                              .baseline = {},
                              .phases = phases,
                              .end = 4s};
    const std::string chart = html::render(
        {.id = "c", .title = "T", .about = "A", .lines = {{html::ColumnId::Received, html::Look::First}}},
        time);
    // Seconds' middles at 150, 450 …; 0, 50, 100 and 25 of 100 from the lower edge at 400 up to 0.
    QVERIFY2(chart.find("<path class=\"first\" d=\"M150 400l300-200 300-200 300 300\"/>") !=
                 std::string::npos,
             chart.c_str());
    QVERIFY2(chart.find("role=\"img\" aria-labelledby=\"c-title c-about\"") != std::string::npos,
             chart.c_str());
    QVERIFY2(chart.find("<tr data-seconds=\"0-1\"><td>00:02<td>25.0/s") != std::string::npos, chart.c_str());
    QVERIFY2(chart.find("<tr data-seconds=\"2-3\"><td>00:04<td>62.5/s") != std::string::npos, chart.c_str());
}

void TestLoadHtml::gapsStayGaps()
{
    // In the second one nothing came.
    std::vector<Second> seconds{secondOf(1, 1, 1), secondOf(2, 1, 0), secondOf(3, 1, 1), secondOf(4, 1, 1)};
    const std::vector<Phase> phases;
    const html::Timespan time{.windows = html::windowsOf(seconds, 600),
                              .rows = html::windowsOf(seconds, 60),
                              .baseline = {},
                              .phases = phases,
                              .end = 4s};
    const std::string chart = html::render(
        {.id = "c", .title = "T", .about = "A", .lines = {{html::ColumnId::P50, html::Look::First}}}, time);
    QVERIFY2(chart.find("d=\"M150 0h0M750 0l300 0\"") != std::string::npos, chart.c_str());
    QVERIFY2(chart.find("<td>00:02<td>–") != std::string::npos, chart.c_str());
}

void TestLoadHtml::changes()
{
    QCOMPARE(html::changeOf("x", 110, 100).text, "+10.0 %");
    QCOMPARE(html::changeOf("x", 80, 100).text, "-20.0 %");
    QCOMPARE(html::changeOf("x", 80, std::nullopt).text, "–");
    QCOMPARE(html::changeOf("x", std::nullopt, 80).text, "–");
    QCOMPARE(html::changeOf("x", 80, 0).text, "–");
}

void TestLoadHtml::hostileTextsStayTexts()
{
    RunRecord run = runOf(3);
    run.program = run.id = run.begun = run.machine.host = run.machine.system = kMarkup;
    run.settings.url = kMarkup;
    run.settings.rooms = {kMarkup};
    run.settings.profiles.front().name = kMarkup;
    run.settings.tags[kMarkup] = kMarkup;
    run.arguments = {kMarkup};
    run.notes = {kMarkup};
    run.phases.front().name = kMarkup;
    run.watched = {{1, kMarkup, 0, 0, 0, false}};
    Measurements &m = run.measurements;
    m.errors[kMarkup] = m.refusals[kMarkup] = m.hosts[kMarkup] = 1;
    m.splits = {{kMarkup, {{1, {{kMarkup, 1}}, {kMarkup}}, {1, {{kMarkup, 1}}, {}}}}};
    m.lonelyRooms = {kMarkup};
    Judgement judgement = judge(run);
    judgement.limits = {kMarkup};
    judgement.thresholds = {{kMarkup, kMarkup, false}};
    const QString text = QString::fromStdString(htmlReport(run, judgement, &run));
    QCOMPARE(text.count(u"<script"_s), 2); // its data, and its own
    QVERIFY(!text.contains(u"<script>x"_s));
    QVERIFY(!text.contains(u'\x1b'));
    QVERIFY(text.count(u"&lt;script&gt;x&lt;/script&gt;"_s) > 20);
}

void TestLoadHtml::nothingFromElsewhere()
{
    const QString text = page(runOf(10));
    QVERIFY(text.contains(u"default-src 'none'"_s));
    QVERIFY(!text.contains(u"unsafe-inline"_s));
    static const QRegularExpression kSource(
        u"(src|href)=(?!\"?data:)|url\\(|@import|https?:(?!//www.w3.org/2000/svg)"_s);
    QVERIFY2(!kSource.match(text).hasMatch(), qPrintable(kSource.match(text).captured()));
}

void TestLoadHtml::baselineIsTold()
{
    const RunRecord run = runOf(30);
    RunRecord before = runOf(30);
    QVERIFY(!page(run).contains(u"baseline"_s.toUpper()));
    QVERIFY(!page(run).contains(u"id=baseline"_s));
    QVERIFY(page(run, &before).contains(u"Its load was the same."_s));
    QVERIFY(page(run, &before).contains(u"before.delivery_latency.p50"_s));
    before.settings.stages.front().users = 11;
    QVERIFY(page(run, &before).contains(u"Its load was another one"_s));
}

void TestLoadHtml::nobodyCame()
{
    RunRecord run;
    run.settings.url = "ws://nowhere/ws";
    run.measurements.connectAttempts = 5;
    run.measurements.errors = {{"connect: Connection refused", 5}};
    const QString text = page(run);
    QVERIFY(text.contains(u"Not reached"_s));
    QVERIFY(text.contains(u"Nobody ever joined a room on"_s));
    QVERIFY(text.contains(u"connect: Connection refused"_s));
    QVERIFY(!text.contains(u"id=\"latency\""_s));
    QVERIFY(!text.contains(u"<figure"_s));
}

PARLOR_TEST(TestLoadHtml)

#include "tst_load_html.moc"
