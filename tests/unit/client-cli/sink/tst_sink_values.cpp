// SPDX-License-Identifier: MIT
#include "client-cli/sink/sinkreport.h"
#include "client-cli/sink/sinkvalues.h"
#include "tests/support/testclass.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <string>

using namespace parlor::cli::sink;
using parlor::cli::HostAndPort;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Reads a value as one flag does; the error's text, empty where there is none.
using Reader = std::string (*)(std::string_view);

template <auto Parse>
std::string errorOf(std::string_view text)
{
    const auto parsed = Parse(text);
    return parsed ? std::string() : parsed.error().text;
}

/// What is typed, and what is told.
class TestSinkValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void right();
    void wrong_data();
    void wrong();
    void reports();
};

void TestSinkValues::right()
{
    QCOMPARE(*parseShare("0.1%"), 0.001);
    QCOMPARE(*parseShare("0"), 0.0);
    QCOMPARE(*parseShare("100%"), 1.0);
    QCOMPARE(*parseShare("0.25"), 0.25);
    QVERIFY(*parseStall("2s@30s") == (Stall{2s, 30s}));
    QVERIFY(*parseStall("500ms@0s") == (Stall{500ms, 0s}));
    QVERIFY(*parsePlannedFault("drop@5:1") == (PlannedFault{Fault::Drop, 5, 1}));
    QVERIFY(*parsePlannedFault("double@1:20") == (PlannedFault{Fault::Double, 1, 20}));
    QVERIFY(*parsePlannedFault("reorder@7:3") == (PlannedFault{Fault::Reorder, 7, 3}));
    QVERIFY(*parsePlannedFault("corrupt@7:3") == (PlannedFault{Fault::Corrupt, 7, 3}));
    QVERIFY(*parseSinkTime("0s") == 0ms);
    QVERIFY(*parseSinkTime("50ms") == 50ms);
    QVERIFY(*parseSinkTime("1h") == 1h);
    QCOMPARE(*parseSeed("0"), std::uint64_t{0});
    QCOMPARE(*parseSeed("18446744073709551615"), ~std::uint64_t{0});
    QVERIFY(*parseListen("127.0.0.1:8009") == (HostAndPort{"127.0.0.1", 8009}));
    QVERIFY(*parseListen("[::1]:0") == (HostAndPort{"::1", 0}));
    QVERIFY(*parseListen("localhost:80") == (HostAndPort{"localhost", 80}));
}

/// Each in each way in which people get it wrong.
void TestSinkValues::wrong_data()
{
    QTest::addColumn<Reader>("reader");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("why");
    const auto rows = [](const char *flag, Reader reader, const char *why,
                         std::initializer_list<const char *> texts) {
        for (const char *text : texts)
            QTest::addRow("%s '%s'", flag, text)
                << reader << QString::fromUtf8(text) << QString::fromLatin1(why);
    };
    const Reader share = &errorOf<&parseShare>;
    rows("--drop", share, "is no part of the deliveries; write 0.1% or 0.001",
         {"", "%", "many", "1 %", " 1%", "0.1%%", "0,1%", "+1%", "1/1000", "1e", "0x1"});
    rows("--drop", share, "it must be from 0 to 100%", {"101%", "-1%", "1.5", "-0.1", "nan", "inf", "5"});
    const Reader stall = &errorOf<&parseStall>;
    rows("--stall", stall, "is no stall; write how long and when",
         {"", "2s", "@", "@3s", "2s@", "2@3", "2s@3", "2@3s", "2s 3s", "2s@3s@4s", "2s@ 3s", "x@3s"});
    rows("--stall", stall, "it must last, and both times are 24h at most",
         {"0s@3s", "-2s@3s", "2s@-1s", "25h@1s", "1s@25h"});
    rows("--fault", &errorOf<&parsePlannedFault>, "is no fault; write KIND@MESSAGE:RECEIVER",
         {"", "drop", "drop@5", "drop:1", "drop@5:", "drop@:1", "@1:1", "drop@0:1", "drop@1:0", "drop@-1:1",
          "drop@x:1", "drop@1:x", "drop@1:2:3", "drop@1.5:1", "drop @5:1", "Drop@5:1", "loss@5:1",
          "drop@99999999999999999999:1", "drop@1:4294967296"});
    rows("--delay", &errorOf<&parseSinkTime>, "is no time from 0s to 1h",
         {"", "50", "50 ms", "ms", "-1s", "61m", "2h", "1d2h", "fast", "1,5s", "50msec"});
    rows("--seed", &errorOf<&parseSeed>, "is no seed; write a whole number",
         {"", "-1", "+1", "1.5", "1e3", "0x10", " 1", "1 ", "18446744073709551616", "random"});
    rows("--listen", &errorOf<&parseListen>, "is no address to listen on; write HOST:PORT",
         {"", ":80", "8009", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x",
          "127.0.0.1:80 ", "::1:80", "[]:1", "[::1]", "[::1:80", "ws://127.0.0.1:8009"});
}

void TestSinkValues::wrong()
{
    QFETCH(Reader, reader);
    QFETCH(QString, text);
    QFETCH(QString, why);
    const QString said = QString::fromStdString(reader(text.toStdString()));
    QVERIFY2(said.startsWith(u'\'' % text % u'\''), qPrintable(said));
    QVERIFY2(said.contains(why), qPrintable(said));
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
