// SPDX-License-Identifier: MIT
#include "client-cli/probe/reporttext.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace parlor::cli;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The report as people and as programs read it.
class TestReportText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void table();
    void smallShareHasABar();
    void failures();
    void cookies();
    void verdict_data();
    void verdict();
    void verdictInSpiteOfFailures();
    void separateChats();
    void foreignTextIsHarmless();
    void json();
    void jsonHasNoAnswersToWhatWasNotAsked();

private:
    void add(const QString &host, int count, std::chrono::nanoseconds time = 1ms);

    ProbeOptions m_options;
    ProbeReport m_report;
};

void TestReportText::init()
{
    m_options = {};
    m_options.url = QUrl(u"ws://chat.example/ws"_s);
    m_report = {};
}

void TestReportText::add(const QString &host, int count, std::chrono::nanoseconds time)
{
    for (int i = 0; i < count; ++i)
        m_report.add({host, {}, time, {}, m_options.cookies == Cookies::Carry && m_report.connected() > 0});
}

void TestReportText::table()
{
    add(u"ip-10-0-1-23"_s, 15, 1200us);
    add(u"b"_s, 5, 12ms);
    const QString bar(24, QChar(0x2588));
    QCOMPARE(toText(m_report, m_options),
             u"20 connections to ws://chat.example/ws, one after the other, without cookies\n"
             "\n"
             "HOST           COUNT   SHARE   CONNECT P50\n"
             "ip-10-0-1-23      15    75 %        1.2 ms  "_s +
                 bar + u"\nb                  5    25 %       12.0 ms  "_s + bar.left(8));
}

void TestReportText::smallShareHasABar()
{
    add(u"a"_s, 999);
    add(u"b"_s, 1);
    QVERIFY(toText(m_report, m_options).endsWith(QChar(0x2588)));
}

void TestReportText::failures()
{
    m_options.parallel = 4;
    m_report.add({{}, u"chat.example is full"_s, {}, {}, false});
    m_report.add({{}, u"chat.example is full"_s, {}, {}, false});
    m_options.expectation = Expectation::Spread;
    const QString text = toText(m_report, m_options);
    QVERIFY2(text.contains(u"4 at once"_s), qPrintable(text));
    QVERIFY2(text.contains(u"2 failed:\n     2  chat.example is full"_s), qPrintable(text));
    QVERIFY2(!text.contains(u"HOST"_s), qPrintable(text));
    QVERIFY2(!text.contains(u"FAILED"_s), qPrintable(text)); // there is nothing to judge
}

void TestReportText::cookies()
{
    m_options.cookies = Cookies::Carry;
    m_report.add({u"a"_s, {}, 1ms, {u"AWSALB"_s, u"AWSALBCORS"_s}, false});
    add(u"a"_s, 18);
    add(u"b"_s, 1);
    const QString text = toText(m_report, m_options);
    QVERIFY2(text.contains(u"with cookies"_s), qPrintable(text));
    QVERIFY2(text.contains(u"upgrade: AWSALB, AWSALBCORS"_s), qPrintable(text));
    QVERIFY2(text.contains(u"kept the host 18 of 19 times"_s), qPrintable(text));
    QVERIFY2(!text.contains(u"GET"_s), qPrintable(text));
    m_report.addCookiesOfPage({u"session"_s});
    QVERIFY(toText(m_report, m_options).contains(u"GET of /: session"_s));

    m_report = {};
    m_report.add({u"a"_s, {}, 1ms, {}, false});
    QVERIFY(toText(m_report, m_options).contains(u"No cookie was set"_s));
    m_options.cookies = Cookies::Forget;
    QVERIFY(!toText(m_report, m_options).contains(u"ookie was"_s));
}

void TestReportText::verdict_data()
{
    QTest::addColumn<Expectation>("expectation");
    QTest::addColumn<QString>("word");
    QTest::newRow("met") << Expectation::Sticky << u"PASSED  sticky: "_s;
    QTest::newRow("not met") << Expectation::Spread << u"FAILED  not spread: a served all 2 connections"_s;
}

void TestReportText::verdict()
{
    QFETCH(const Expectation, expectation);
    QFETCH(const QString, word);
    add(u"a"_s, 2);
    m_options.expectation = expectation;
    const QString text = toText(m_report, m_options);
    QVERIFY2(text.contains(word), qPrintable(text));
}

void TestReportText::verdictInSpiteOfFailures()
{
    add(u"a"_s, 2);
    m_report.add({{}, u"full"_s, {}, {}, false});
    m_options.expectation = Expectation::Sticky;
    const QString text = toText(m_report, m_options);
    QVERIFY2(text.contains(u"PASSED, but 1 of 3 connections failed  sticky: "_s), qPrintable(text));
}

void TestReportText::separateChats()
{
    for (const QChar host : u"ab"_s)
        m_report.add({.host = host, .connectTime = 1ms, .chat = host});
    const QString text = toText(m_report, m_options);
    QVERIFY2(text.contains(u"FAILED  2 hosts, 2 separate chats (a | b)"_s), qPrintable(text));
    const QJsonArray chats = toJson(m_report, m_options)[u"chats"_s].toArray();
    QCOMPARE(chats.size(), 2);
    QCOMPARE(chats[1][u"chat"_s].toString(), u"b"_s);
    QCOMPARE(chats[1][u"hostnames"_s].toArray(), QJsonArray{u"b"_s});
}

void TestReportText::foreignTextIsHarmless()
{
    const QString evil = u"\x1b[2J\nroot"_s;
    m_report.add({evil, {}, 1ms, {evil}, false});
    m_report.add({evil, {}, 1ms, {}, false});
    m_report.add({{}, evil, {}, {}, false});
    m_options.expectation = Expectation::Spread;
    const QString text = toText(m_report, m_options);
    QVERIFY(!text.contains(QChar(0x1b)));
    QVERIFY(!text.contains(u"\nroot"_s));
    QCOMPARE(text.count(u"\\x1b[2J\\nroot"_s), 4);
}

void TestReportText::json()
{
    m_options.cookies = Cookies::Carry;
    m_options.count = 4;
    m_options.expectation = Expectation::Sticky;
    m_report.add({u"a"_s, {}, 1500us, {u"AWSALB"_s}, false});
    add(u"a"_s, 1, 1500us);
    add(u"b"_s, 1);
    m_report.add({{}, u"full"_s, {}, {}, true});
    const QJsonObject json = toJson(m_report, m_options);
    QCOMPARE(json[u"url"_s].toString(), u"ws://chat.example/ws"_s);
    QCOMPARE(json[u"connections"_s].toInt(), 4);
    QCOMPARE(json[u"connected"_s].toInt(), 3);
    QCOMPARE(json[u"failed"_s].toInt(), 1);
    QCOMPARE(json[u"hosts"_s].toArray().size(), 2);
    const QJsonObject host = json[u"hosts"_s][0].toObject();
    QCOMPARE(host[u"hostname"_s].toString(), u"a"_s);
    QCOMPARE(host[u"count"_s].toInt(), 2);
    QCOMPARE(host[u"connect_p50_ms"_s].toDouble(), 1.5);
    QCOMPARE(json[u"failures"_s][0][u"reason"_s].toString(), u"full"_s);
    QCOMPARE(json[u"upgrade_cookies"_s].toArray(), QJsonArray{u"AWSALB"_s});
    QCOMPARE(json[u"carried_cookie"_s].toInt(), 2);
    QCOMPARE(json[u"kept_host"_s].toInt(), 1);
    QCOMPARE(json[u"expected"_s].toString(), u"sticky"_s);
    QCOMPARE(json[u"passed"_s], QJsonValue(false));
}

void TestReportText::jsonHasNoAnswersToWhatWasNotAsked()
{
    add(u"a"_s, 1);
    const QJsonObject json = toJson(m_report, m_options);
    for (const char *key : {"carried_cookie", "kept_host", "page_cookies", "expected", "passed", "verdict"})
        QVERIFY2(!json.contains(QLatin1String(key)), key);
}

PARLOR_TEST(TestReportText)
#include "tst_reporttext.moc"
