// SPDX-License-Identifier: MIT
#include "client-cli/sink/sinkreport.h"
#include "client-cli/sink/sinkvalues.h"
#include "tests/support/testclass.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace parlor::cli::sink;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What is typed, and what is told.
class TestSinkValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void shares_data();
    void shares();
    void stalls_data();
    void stalls();
    void faults_data();
    void faults();
    void listens_data();
    void listens();
    void reports();
};

void TestSinkValues::shares_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("share"); // below 0: refused
    for (const auto &[text, share] : std::initializer_list<std::pair<const char *, double>>{{"0.1%", 0.001},
                                                                                            {"0", 0},
                                                                                            {"100%", 1},
                                                                                            {"0.25", 0.25},
                                                                                            {"101%", -1},
                                                                                            {"-1%", -1},
                                                                                            {"", -1},
                                                                                            {"%", -1},
                                                                                            {"nan", -1},
                                                                                            {"inf", -1},
                                                                                            {"1 %", -1},
                                                                                            {"0.1%%", -1},
                                                                                            {"many", -1}})
        QTest::newRow(text) << QString::fromLatin1(text) << share;
}

void TestSinkValues::shares()
{
    QFETCH(QString, text);
    QFETCH(double, share);
    const auto parsed = parseShare(text.toStdString());
    QCOMPARE(bool(parsed), share >= 0);
    if (parsed)
        QCOMPARE(*parsed, share);
    else
        QVERIFY(parsed.error().text.find("'" + text.toStdString() + "'") != std::string::npos);
}

void TestSinkValues::stalls_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("good");
    for (const auto &[text, good] : std::initializer_list<std::pair<const char *, bool>>{{"2s@30s", true},
                                                                                         {"500ms@0s", true},
                                                                                         {"2s", false},
                                                                                         {"@3s", false},
                                                                                         {"2s@", false},
                                                                                         {"0s@3s", false},
                                                                                         {"2s@-1s", false},
                                                                                         {"2@3", false},
                                                                                         {"25h@1s", false},
                                                                                         {"", false}})
        QTest::newRow(text) << QString::fromLatin1(text) << good;
}

void TestSinkValues::stalls()
{
    QFETCH(QString, text);
    const auto parsed = parseStall(text.toStdString());
    QTEST(bool(parsed), "good");
    if (text == u"2s@30s")
        QVERIFY(*parsed == (Stall{2s, 30s}));
}

void TestSinkValues::faults_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("good");
    for (const auto &[text, good] :
         std::initializer_list<std::pair<const char *, bool>>{{"drop@5:1", true},
                                                              {"double@1:20", true},
                                                              {"reorder@7:3", true},
                                                              {"corrupt@7:3", true},
                                                              {"loss@5:1", false},
                                                              {"drop@5", false},
                                                              {"drop:1", false},
                                                              {"drop@0:1", false},
                                                              {"drop@1:0", false},
                                                              {"drop@x:1", false},
                                                              {"drop@1:2:3", false},
                                                              {"@1:1", false},
                                                              {"", false}})
        QTest::newRow(text) << QString::fromLatin1(text) << good;
}

void TestSinkValues::faults()
{
    QFETCH(QString, text);
    const auto parsed = parsePlannedFault(text.toStdString());
    QTEST(bool(parsed), "good");
    if (text == u"double@1:20")
        QVERIFY(*parsed == (PlannedFault{Fault::Double, 1, 20}));
}

void TestSinkValues::listens_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("host"); // empty: refused
    QTest::addColumn<int>("port");
    QTest::newRow("v4") << u"127.0.0.1:8009"_s << u"127.0.0.1"_s << 8009;
    QTest::newRow("v6") << u"[::1]:0"_s << u"::1"_s << 0;
    QTest::newRow("name") << u"localhost:80"_s << u"localhost"_s << 80;
    for (const char *wrong :
         {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "[]:1"})
        QTest::newRow(wrong) << QString::fromLatin1(wrong) << QString() << 0;
}

void TestSinkValues::listens()
{
    QFETCH(QString, text);
    QFETCH(QString, host);
    QFETCH(int, port);
    const auto parsed = parseListen(text.toStdString());
    QCOMPARE(bool(parsed), !host.isEmpty());
    if (parsed) {
        QCOMPARE(parsed->first, host.toStdString());
        QCOMPARE(int(parsed->second), port);
    }
}

void TestSinkValues::reports()
{
    SinkCounts counts;
    counts.deliveries = 1'234'567;
    counts.faults = {1, 2, 3, 4};
    counts.stalls = 5;
    const std::string text = textReport(counts, 1500ms);
    QVERIFY(text.find("1,234,567 sent") != std::string::npos);
    QVERIFY(text.find("dropped 1, doubled 2, reordered 3, corrupt 4; stalls 5") != std::string::npos);
    SinkOptions options;
    options.seed = ~0ULL;
    const QByteArray bytes = QByteArray::fromStdString(jsonReport(counts, options, 1500ms));
    QCOMPARE(bytes.count('\n'), 1);
    const QJsonObject json = QJsonDocument::fromJson(bytes).object();
    QCOMPARE(json[u"deliveries"].toInteger(), 1'234'567);
    QCOMPARE(json[u"faults"][u"reordered"].toInteger(), 3);
    QCOMPARE(json[u"seconds"].toDouble(), 1.5);
}

PARLOR_TEST(TestSinkValues)
#include "tst_sink_values.moc"
