// SPDX-License-Identifier: MIT
#include "client-cli/probe/probereport.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What is counted, and the verdicts.
class TestProbeReport : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void counts();
    void median_data();
    void median();
    void failuresByReason();
    void cookieKeeping_data();
    void cookieKeeping();
    void verdicts_data();
    void verdicts();
    void chanceIsTold_data();
    void chanceIsTold();
    void chats_data();
    void chats();

private:
    /// A letter is the host of a connection; '-' is one that failed.
    static ProbeReport reportOf(const QString &hosts, bool withCookies = false);
};

ProbeReport TestProbeReport::reportOf(const QString &hosts, bool withCookies)
{
    ProbeReport report;
    bool first = true;
    for (const QChar each : hosts) {
        ProbeResult result;
        if (each == u'-')
            result.failure = u"refused"_s;
        else
            result.host = each;
        result.carriedCookie = withCookies && !first;
        first = false;
        report.add(result);
    }
    return report;
}

void TestProbeReport::counts()
{
    const ProbeReport report = reportOf(u"abb-ca"_s + u"b"_s);
    QCOMPARE(report.connected(), 6);
    QCOMPARE(report.failed(), 1);
    const auto hosts = report.hosts();
    QCOMPARE(hosts.size(), 3);
    QCOMPARE(hosts[0].name, u"b"_s);
    QCOMPARE(hosts[0].count, 3);
    QCOMPARE(hosts[0].share, 0.5);
    QCOMPARE(hosts[1].name, u"a"_s);
    QCOMPARE(hosts[1].count, 2);
    QCOMPARE(hosts[2].name, u"c"_s);
}

void TestProbeReport::median_data()
{
    QTest::addColumn<QList<int>>("times");
    QTest::addColumn<int>("median");
    QTest::newRow("one") << QList<int>{7} << 7;
    QTest::newRow("two: the lower") << QList<int>{9, 5} << 5;
    QTest::newRow("three") << QList<int>{9, 5, 1000} << 9;
    QTest::newRow("four") << QList<int>{4, 3, 2, 1} << 2;
}

void TestProbeReport::median()
{
    QFETCH(const QList<int>, times);
    QFETCH(const int, median);
    ProbeReport report;
    for (const int time : times)
        report.add({u"a"_s, {}, std::chrono::nanoseconds(time), {}, false});
    QCOMPARE(report.hosts().front().median, std::chrono::nanoseconds(median));
}

void TestProbeReport::failuresByReason()
{
    ProbeReport report;
    for (const char *reason : {"full", "refused", "full"})
        report.add({{}, QString::fromLatin1(reason), {}, {}, false});
    QCOMPARE(report.failures().size(), 2);
    QCOMPARE(report.failures()[0].reason, u"full"_s);
    QCOMPARE(report.failures()[0].count, 2);
    QCOMPARE(report.failures()[1].count, 1);
    QVERIFY(report.hosts().isEmpty());
}

void TestProbeReport::cookieKeeping_data()
{
    QTest::addColumn<QString>("hosts");
    QTest::addColumn<bool>("withCookies");
    QTest::addColumn<int>("carried");
    QTest::addColumn<int>("kept");
    QTest::newRow("always kept") << u"aaaa"_s << true << 3 << 3;
    QTest::newRow("never kept") << u"abab"_s << true << 3 << 0;
    QTest::newRow("moved once") << u"aabb"_s << true << 3 << 2;
    QTest::newRow("a failure is no move") << u"aa-a"_s << true << 2 << 2;
    QTest::newRow("the first failed: nothing to keep yet") << u"-aa"_s << true << 1 << 1;
    QTest::newRow("no cookies") << u"aaaa"_s << false << 0 << 0;
    QTest::newRow("one") << u"a"_s << true << 0 << 0;
}

void TestProbeReport::cookieKeeping()
{
    QFETCH(const QString, hosts);
    QFETCH(const bool, withCookies);
    const ProbeReport report = reportOf(hosts, withCookies);
    QTEST(report.carried(), "carried");
    QTEST(report.kept(), "kept");
}

void TestProbeReport::verdicts_data()
{
    QTest::addColumn<QString>("hosts");
    QTest::addColumn<bool>("withCookies");
    QTest::addColumn<bool>("isSpread");
    QTest::addColumn<bool>("isSticky");
    QTest::newRow("two hosts") << u"abab"_s << false << true << false;
    QTest::newRow("two hosts in spite of cookies") << u"aaab"_s << true << true << false;
    QTest::newRow("one host") << u"aaaa"_s << false << false << true;
    QTest::newRow("one host by cookie") << u"aaaa"_s << true << false << true;
    QTest::newRow("failures do not count as hosts") << u"a-a-"_s << true << false << true;
    QTest::newRow("one connection proves nothing") << u"a"_s << true << false << false;
    QTest::newRow("one of two came about") << u"a-"_s << true << false << false;
    QTest::newRow("none came about") << u"--"_s << false << false << false;
}

void TestProbeReport::verdicts()
{
    QFETCH(const QString, hosts);
    QFETCH(const bool, withCookies);
    const ProbeReport report = reportOf(hosts, withCookies);
    const Verdict spread = judge(report, Expectation::Spread);
    const Verdict sticky = judge(report, Expectation::Sticky);
    QTEST(spread.met, "isSpread");
    QTEST(sticky.met, "isSticky");
    QVERIFY(!spread.text.isEmpty());
    QVERIFY(!sticky.text.isEmpty());
}

void TestProbeReport::chanceIsTold_data()
{
    QTest::addColumn<int>("connections");
    QTest::addColumn<QString>("chance"); // empty: too small to speak of
    QTest::newRow("two") << 2 << u" 50 %"_s;
    QTest::newRow("three, as the tutorial's script") << 3 << u" 25 %"_s;
    QTest::newRow("five") << 5 << u" 6.3 %"_s;
    QTest::newRow("seven") << 7 << u" 1.6 %"_s;
    QTest::newRow("eight") << 8 << QString();
    QTest::newRow("many") << 2000 << QString();
}

void TestProbeReport::chanceIsTold()
{
    QFETCH(const int, connections);
    QFETCH(const QString, chance);
    const Verdict verdict = judge(reportOf(QString(connections, u'a')), Expectation::Spread);
    QVERIFY(!verdict.met);
    QCOMPARE(verdict.text.contains(u"chance"_s), !chance.isEmpty());
    QVERIFY2(verdict.text.contains(chance), qPrintable(verdict.text));
}

void TestProbeReport::chats_data()
{
    QTest::addColumn<QString>("chats"); // of connections to hosts a, b, a, b …; '-': none is named
    QTest::addColumn<bool>("met");
    QTest::addColumn<QString>("text");
    QTest::newRow("shared") << u"xx"_s << true << u"2 hosts, one chat"_s;
    QTest::newRow("one host") << u"x"_s << true << u"1 host, one chat"_s;
    QTest::newRow("apart") << u"xyxy"_s << false << u"2 hosts, 2 separate chats (a | b): "_s;
    QTest::newRow("servers of one hostname")
        << u"x-y-"_s << false << u"2 hosts, 2 separate chats (a | a): "_s;
    QTest::newRow("servers of an older version") << u"--"_s << true << QString();
    QTest::newRow("some of an older version") << u"x-"_s << true << QString();
}

void TestProbeReport::chats()
{
    QFETCH(const QString, chats);
    QFETCH(const QString, text);
    ProbeReport report;
    for (qsizetype i = 0; i < chats.size(); ++i) {
        const QString chat = chats[i] == u'-' ? QString() : QString(chats[i]);
        report.add({.host = i % 2 == 0 ? u"a"_s : u"b"_s, .chat = chat});
    }
    const auto verdict = judgeChats(report);
    QCOMPARE(verdict.has_value(), !text.isEmpty());
    if (!verdict)
        return;
    QTEST(verdict->met, "met");
    QVERIFY2(verdict->text.startsWith(text), qPrintable(verdict->text));
    QCOMPARE(verdict->text.contains(u"--redis"_s), !verdict->met);
}

PARLOR_TEST(TestProbeReport)
#include "tst_probereport.moc"
