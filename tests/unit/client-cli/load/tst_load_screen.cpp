// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/screendrawing.h"
#include "client-cli/load/watch/sparkline.h"
#include "tests/support/testclass.h"
#include "tests/unit/client-cli/load/watchedrun.h"

#include <QRegularExpression>
#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::WatchedRun;

namespace {

QStringList drawn(const WatchedRun &run, ScreenSize size, Colours colours = Colours::Off)
{
    return QString::fromStdString(draw(run.status(), size, colours, Keys::NotHeard)).split(u'\n');
}

QString text(const WatchedRun &run, ScreenSize size = {})
{
    return drawn(run, size).join(u'\n');
}

bool fits(const QStringList &lines, ScreenSize size)
{
    if (lines.size() > size.rows)
        return false;
    return std::all_of(lines.begin(), lines.end(),
                       [size](const QString &line) { return columnsOf(line.toStdString()) <= size.columns; });
}

} // namespace

class TestLoadScreen : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void usualTerminal();
    void theLastPhasesAreShown();
    void fitsEverySize_data();
    void fitsEverySize();
    void nothingHasHappenedYet();
    void lowTerminalKeepsWhatMattersMost();
    void highTerminalHasPhasesAndLargerCharts();
    void wideTerminalHasMoreSeconds();
    void faultsAreRed();
    void holesCount();
    void thresholdsStand();
    void draining();
    void wideCharactersInHostNames();
    void hostileTextIsHarmless();
    void fewSamplesHaveNoHighPercentile();
    void generatorThatDoesNotKeepUp();
    void aShortLastSecondIsNoDip();
    void columns_data();
    void columns();
    void cutLines();
    void sparklines();
};

void TestLoadScreen::usualTerminal()
{
    WatchedRun run;
    run.record.settings.thresholds = {"connect_success rate>0.95", "deliveries_lost count==0"};
    const QStringList lines = drawn(run, {});
    QCOMPARE(lines.size(), 24);
    QVERIFY(lines[0].startsWith(u"parlor-cli load  ws://127.0.0.1:8000/ws  run 7f3a21b0"_s));
    QVERIFY2(lines[0].endsWith(u"01:30 / 03:00"_s), qPrintable(lines[0]));
    QCOMPARE(columnsOf(lines[0].toStdString()), 80);
    QVERIFY(lines[1].startsWith(u"stage     2/2 hold 50  [■"_s));
    QVERIFY2(lines[1].endsWith(u"─] 25 %"_s), qPrintable(lines[1]));
    const QString all = lines.join(u'\n');
    for (const char *expected :
         {"users     50 of 50   open 50", "hosts     2:  ws1 30  ws2 20", "25/s of 25/s planned",
          "sent 2,250 of 2,250 (100.00 %)", "400/s   received 36,000 of 36,000 expected   under way 3",
          "lost 0  doubled 0  out of order 0  corrupt 0  unexpected 0", "max 2.40 ms  (5 s)",
          "HEALTHY   cpu 11 %", "send 0.080 ms  loop 0.200 ms", "✓ connect_success rate>0.95",
          "errors    none", "≤400/s"})
        QVERIFY2(all.contains(QString::fromUtf8(expected)),
                 qPrintable(QString::fromUtf8(expected) + u'\n' + all));
    QVERIFY(lines.last().startsWith(u"Ctrl-C: end the plan, with a report   twice: at once"_s));
    QVERIFY(!all.contains(QChar(0x1b)));
}

void TestLoadScreen::theLastPhasesAreShown()
{
    WatchedRun run;
    run.record.settings.thresholds = {"connect_success rate>0.95", "deliveries_lost count==0"};
    std::vector<Phase> &phases = run.record.phases;
    for (int i = 0; i < 20; ++i)
        phases.insert(phases.begin(), Phase{.name = "earlier"});
    std::vector<PhaseMeasurements> &measured = run.record.measurements.phases;
    measured.insert(measured.begin(), 20, PhaseMeasurements{});
    const QStringList lines = drawn(run, {});
    QCOMPARE(lines.size(), 24);
    const qsizetype head = lines.indexOf(QRegularExpression(u"^phase .*p99.*$"_s));
    QVERIFY2(head >= 0, qPrintable(lines.join(u'\n')));
    const QStringList rows = lines.mid(head + 1);
    const qsizetype last = rows.indexOf(QRegularExpression(u"^hold 50 .*"_s));
    QVERIFY2(last >= 0, qPrintable(lines.join(u'\n')));
    QVERIFY(rows[last + 1].isEmpty());
}

void TestLoadScreen::fitsEverySize_data()
{
    QTest::addColumn<int>("columns");
    QTest::addColumn<int>("rows");
    for (const int columns : {1, 2, 7, 19, 20, 40, 79, 80, 81, 120, 200, 500}) {
        for (const int rows : {1, 2, 3, 5, 10, 23, 24, 25, 40, 100})
            QTest::addRow("%dx%d", columns, rows) << columns << rows;
    }
}

void TestLoadScreen::fitsEverySize()
{
    QFETCH(int, columns);
    QFETCH(int, rows);
    WatchedRun run(3);
    run.record.settings.thresholds = {"connect_success rate>0.95", "delivery_latency p(99)<500ms"};
    for (int i = 0; i < 60; ++i)
        run.record.measurements.errors["error " + std::to_string(i)] = 1;
    for (int i = 0; i < 60; ++i)
        run.record.measurements.hosts["ホスト" + std::to_string(i)] = 1;
    const ScreenSize size{columns, rows};
    const QStringList lines = drawn(run, size);
    QVERIFY2(fits(lines, size), qPrintable(lines.join(u'\n')));
    QCOMPARE(lines.size(), rows == 1 ? 1 : lines.size());
    QVERIFY(!lines[0].isEmpty());
    QVERIFY(draw(run.status(), {0, rows}, Colours::On, Keys::NotHeard).empty());
    QVERIFY(draw(run.status(), {columns, 0}, Colours::On, Keys::NotHeard).empty());
}

void TestLoadScreen::nothingHasHappenedYet()
{
    WatchedRun run(0);
    run.record.measurements = Measurements(run.record.phases);
    run.outstanding = 0;
    const QString all = text(run);
    QVERIFY(all.contains(u"0/s of 0/s planned"_s));
    QVERIFY(all.contains(u"nothing was delivered in the last 5 s"_s));
    QVERIFY(all.contains(u"1/2 ramp 0-50 (not measured)"_s));
    QVERIFY(!all.contains(u"hosts"_s));
}

void TestLoadScreen::lowTerminalKeepsWhatMattersMost()
{
    WatchedRun run;
    run.record.measurements.deliveries.lost = 7;
    const QStringList lines = drawn(run, {80, 3});
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].startsWith(u"parlor-cli load"_s));
    QVERIFY(lines[1].startsWith(u"stage"_s));
    QVERIFY(lines[2].contains(u"lost 7"_s));
}

void TestLoadScreen::highTerminalHasPhasesAndLargerCharts()
{
    const WatchedRun run;
    const QStringList lines = drawn(run, {120, 40});
    QCOMPARE(lines.size(), 40);
    const QString all = lines.join(u'\n');
    QVERIFY2(all.contains(QRegularExpression(u"ramp 0-50 +1,500 +24,000 "_s)), qPrintable(all));
    QVERIFY2(all.contains(QRegularExpression(u"hold 50 +750 +12,000 "_s)), qPrintable(all));
    // The rate is the same in each second: full bars over several lines.
    const auto full = std::count_if(lines.begin(), lines.end(), [](const QString &line) {
        return line.contains(QString(20, QChar(0x2588)));
    });
    QVERIFY2(full > 3, qPrintable(all));
}

void TestLoadScreen::wideTerminalHasMoreSeconds()
{
    const WatchedRun run(200);
    const auto barsOf = [](const QStringList &lines) {
        qsizetype most = 0;
        for (const QString &line : lines)
            most = std::max(most, line.count(QChar(0x2588)));
        return most;
    };
    QCOMPARE(barsOf(drawn(run, {80, 24})), 60);
    QCOMPARE(barsOf(drawn(run, {120, 24})), 100);
}

void TestLoadScreen::faultsAreRed()
{
    WatchedRun run;
    const QString red = QStringLiteral("\x1b[1;31m");
    QVERIFY(!drawn(run, {}, Colours::On).join(u'\n').contains(red));
    run.record.measurements.deliveries.doubled = 2;
    QVERIFY(drawn(run, {}, Colours::On).join(u'\n').contains(red + u"doubled 2"_s));
    QVERIFY(!drawn(run, {}, Colours::On).join(u'\n').contains(red + u"lost"_s));
    run.record.measurements.splits.push_back({"general", {{}, {}}});
    QVERIFY(drawn(run, {}, Colours::On).join(u'\n').contains(red + u"ROOMS SPLIT 1"_s));
    QVERIFY(text(run).contains(u"doubled 2"_s));
    QVERIFY(!text(run).contains(QChar(0x1b)));
}

void TestLoadScreen::holesCount()
{
    WatchedRun run;
    run.holes = 4;
    run.record.settings.thresholds = {"deliveries_lost count==0"};
    const QString all = text(run);
    QVERIFY(all.contains(u"lost 4 "_s));
    QVERIFY(all.contains(u"36,000 of 36,004 expected"_s));
    QVERIFY(all.contains(u"✗ deliveries_lost count==0"_s));
}

void TestLoadScreen::thresholdsStand()
{
    WatchedRun run(62); // 2 s are measured: 800 samples
    run.record.settings.thresholds = {"delivery_latency p(50)<500ms", "delivery_latency p(50)<0.1ms",
                                      "delivery_latency p(99.9)<500ms", "connections_lost count==0"};
    const QString plain = text(run);
    QVERIFY(plain.contains(u"✓ delivery_latency p(50)<500ms"_s));
    QVERIFY(plain.contains(u"✗ delivery_latency p(50)<0.1ms"_s));
    QVERIFY(plain.contains(u"· delivery_latency p(99.9)<500ms"_s));
    QVERIFY(plain.contains(u"too few samples (800)"_s));
    const QString coloured = drawn(run, {}, Colours::On).join(u'\n');
    QVERIFY(coloured.contains(u"\x1b[32m✓ "_s));
    QVERIFY(coloured.contains(u"\x1b[1;31m✗ "_s));
    QVERIFY(coloured.contains(u"\x1b[2m· "_s));
    // A failed one stays where those that are met have no place.
    const QString low = text(run, {80, 7});
    QVERIFY2(low.contains(u"✗ "_s), qPrintable(low));
    QVERIFY(!low.contains(u"✓ "_s));
}

void TestLoadScreen::draining()
{
    const WatchedRun run;
    RunStatus status = run.status();
    status.isDraining = true;
    const QString all = QString::fromStdString(draw(status, {}, Colours::Off, Keys::Heard));
    QVERIFY(all.contains(u"the plan is over: users wait for what they are owed"_s));
    QVERIFY(all.contains(u"q or Ctrl-C: end at once, with a report"_s));
}

void TestLoadScreen::wideCharactersInHostNames()
{
    WatchedRun run;
    run.record.measurements.hosts = {{"服务器一号", 30}, {"서버", 20}, {"👩🏽e\u0301", 1}};
    for (int columns = 20; columns < 60; ++columns)
        QVERIFY(fits(drawn(run, {columns, 24}), {columns, 24}));
    QVERIFY(text(run).contains(u"服务器一号 30  서버 20"_s));
}

void TestLoadScreen::hostileTextIsHarmless()
{
    const std::string hostile = "a\x1b[2J\x1b]0;owned\a\r\nb\xc2\x9b"
                                "31m\xff\xe2\x80\xae"
                                "c\t";
    WatchedRun run;
    run.record.settings.url = "ws://h/" + hostile;
    run.record.measurements.hosts = {{hostile, 1}};
    run.record.measurements.errors = {{hostile, 1}};
    run.record.phases[0].name = run.record.phases[1].name = hostile;
    run.record.seconds.back().watchedMemory = 1;
    run.record.watched = {{.pid = 7, .name = hostile}};
    for (const ScreenSize size : {ScreenSize{80, 24}, ScreenSize{120, 40}, ScreenSize{200, 60}}) {
        const std::string all = draw(run.status(), size, Colours::Off, Keys::NotHeard);
        QVERIFY(fits(QString::fromStdString(all).split(u'\n'), size));
        for (const char32_t c : QString::fromStdString(all).toStdU32String()) {
            QVERIFY(c == U'\n' || (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c <= 0x9f)));
            QVERIFY(c != 0x202e);
        }
    }
}

void TestLoadScreen::fewSamplesHaveNoHighPercentile()
{
    WatchedRun run;
    for (Second &second : run.record.seconds)
        second.latency = CoarseHistogram({{CoarseHistogram::placeOf(500us), 10}}, 500us);
    const QString all = text(run); // 50 samples
    QVERIFY2(all.contains(u"p50 0.500 ms  p90 —  p99 —  p99.9 —  max 0.500 ms"_s), qPrintable(all));
}

void TestLoadScreen::generatorThatDoesNotKeepUp()
{
    WatchedRun run;
    run.record.threads[0] = {};
    for (int i = 0; i < 90; ++i)
        run.record.threads[0].addSecond(0.99);
    run.record.seconds.back().cpu = 0.99;
    const QString all = text(run);
    QVERIFY(all.contains(u"LIMITED   cpu 99 %"_s));
    QVERIFY(all.contains(u"of a core in 90 of 90 s"_s));
}

void TestLoadScreen::aShortLastSecondIsNoDip()
{
    WatchedRun run(10);
    Second last = run.record.seconds.back();
    last.end += 10ms;
    last.received = 0;
    last.latency = {};
    run.record.seconds.push_back(last);
    const QStringList lines = drawn(run, {});
    const auto rate = std::find_if(lines.begin(), lines.end(),
                                   [](const QString &line) { return line.startsWith(u"rate"_s); });
    QVERIFY(rate != lines.end());
    QCOMPARE(rate->count(QChar(0x2588)), 10);
}

void TestLoadScreen::columns_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("columns");
    QTest::newRow("nothing") << u""_s << 0;
    QTest::newRow("ASCII") << u"abc"_s << 3;
    QTest::newRow("accent by itself") << u"e\u0301"_s << 1;
    QTest::newRow("Chinese") << u"服务"_s << 4;
    QTest::newRow("Hangul") << u"서"_s << 2;
    QTest::newRow("emoji") << u"🎉"_s << 2;
    QTest::newRow("bars") << u"▁█■─✓"_s << 5;
    QTest::newRow("full width") << u"Ａ"_s << 2;
}

void TestLoadScreen::columns()
{
    QFETCH(QString, text);
    QFETCH(int, columns);
    QCOMPARE(columnsOf(text.toStdString()), columns);
}

void TestLoadScreen::cutLines()
{
    ScreenLine line;
    line.add("ab").add("服务", Style::Bad).add("c");
    QCOMPARE(line.columns(), 7);
    QCOMPARE(line.drawn(7, Colours::Off), "ab服务c");
    QCOMPARE(line.drawn(6, Colours::Off), "ab服…");
    QCOMPARE(line.drawn(4, Colours::Off), "ab…");
    QCOMPARE(line.drawn(1, Colours::Off), "…");
    QCOMPARE(line.drawn(0, Colours::Off), "");
    QCOMPARE(line.drawn(5, Colours::On), "ab\x1b[1;31m服\x1b[0m…");
}

void TestLoadScreen::sparklines()
{
    using Lines = std::vector<std::string>;
    QCOMPARE(sparkline({1, 4, 8}, 3, 1), Lines{"▁▄█"});
    QCOMPARE(sparkline({100, 1, 4, 8}, 3, 1), Lines{"▁▄█"});
    QCOMPARE(sparkline({0, 0.001, 8}, 3, 1), Lines{" ▁█"});
    QCOMPARE(sparkline({0, 0}, 3, 1), Lines{"  "});
    QCOMPARE(sparkline({}, 3, 2), (Lines{"", ""}));
    QCOMPARE(sparkline({1, 2}, 0, 1), Lines{""});
    QCOMPARE(sparkline({4, 8}, 2, 2), (Lines{" █", "██"}));
}

PARLOR_TEST(TestLoadScreen)
#include "tst_load_screen.moc"
