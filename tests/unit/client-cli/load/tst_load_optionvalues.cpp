// SPDX-License-Identifier: MIT
#include "client-cli/load/options/optionvalues.h"
#include "client-cli/load/plan/ownrooms.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::cli::load;
using namespace std::chrono_literals;

class TestLoadOptionValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void durations();
    void stages();
    void rates();
    void rooms();
    void sizes();
    void lastings();
    void arrivals();
    void senders();
    void verify();
    void choices();
    void tags();
    void wrong_data();
    void wrong();
};

void TestLoadOptionValues::durations()
{
    QCOMPARE(*parseDuration("500ms"), Offset(500ms));
    QCOMPARE(*parseDuration("30s"), Offset(30s));
    QCOMPARE(*parseDuration("1.5m"), Offset(90s));
    QCOMPARE(*parseDuration("2h"), Offset(2h));
    QCOMPARE(*parseDuration("0s"), Offset(0));
    QCOMPARE(*parseDuration("1m30s"), Offset(90s));
    QCOMPARE(*parseDuration("1h2m3s4ms"), Offset(1h + 2min + 3s + 4ms));
}

void TestLoadOptionValues::stages()
{
    const auto tutorial = parseStages("30s:50,1m:50,30s:100,1m:100,30s:0");
    QVERIFY(*tutorial == std::vector<Stage>({{30s, 50}, {60s, 50}, {30s, 100}, {60s, 100}, {30s, 0}}));
    QVERIFY(*parseStages("10s:1") == std::vector<Stage>({{10s, 1}}));
    QVERIFY(*parseStages("1m30s:50, 1m:50 ") == std::vector<Stage>({{90s, 50}, {60s, 50}}));
    QVERIFY(*parseStages("0s:5,2s:5") == std::vector<Stage>({{0s, 5}, {2s, 5}}));
}

void TestLoadOptionValues::rates()
{
    QCOMPARE(*parseRate("0.5/s"), 0.5);
    QCOMPARE(*parseRate("30/m"), 0.5);
    QCOMPARE(*parseRate("30/min"), 0.5);
    QCOMPARE(*parseRate("3600/h"), 1.0);
    QCOMPARE(*parseRate("0/s"), 0.0);
}

void TestLoadOptionValues::rooms()
{
    QVERIFY(*parseRooms("general,Support") == std::vector<std::string>({"general", "support"}));
    QVERIFY(*parseRooms("general, support") == std::vector<std::string>({"general", "support"}));
    QVERIFY(*parseRooms("2") == std::vector<std::string>({"load-1", "load-2"}));
    QCOMPARE(parseRooms("10000")->size(), 10000U);

    QVERIFY(foreignRooms(*parseRooms("3")).empty());
    QVERIFY(foreignRooms({"load-1", "load-77"}).empty());
    const std::vector<std::string> foreign{"general", "load-", "load-a", "download-1"};
    QVERIFY(foreignRooms({"general", "load-", "load-5", "load-a", "download-1"}) == foreign);
}

void TestLoadOptionValues::sizes()
{
    QVERIFY(*parseSize("128") == (SizeRange{128, 128}));
    QVERIFY(*parseSize("36-4000") == (SizeRange{36, 4000}));
    QVERIFY(checkSize({36, 4000}, DialectName::V2));
    QVERIFY(checkSize({60000, 60000}, DialectName::V1));
    QVERIFY(!checkSize({60000, 60000}, DialectName::V2));
}

void TestLoadOptionValues::lastings()
{
    QVERIFY(*parseLasting("0") == Lasting{});
    QVERIFY(*parseLasting("0s") == Lasting{});
    QVERIFY(*parseLasting("exp:0s") == Lasting{});
    QVERIFY(*parseLasting("1.5s") == (Lasting{1500ms, false}));
    QVERIFY(*parseLasting("exp:2m") == (Lasting{120s, true}));
}

void TestLoadOptionValues::arrivals()
{
    QVERIFY(*parseArrivals("20/s") == std::vector<ArrivalStage>({{.perSecond = 20}}));
    QVERIFY(
        *parseArrivals("30s:30/m,1m:0/s") ==
        std::vector<ArrivalStage>({{.duration = 30s, .perSecond = 0.5}, {.duration = 60s, .perSecond = 0}}));
}

void TestLoadOptionValues::senders()
{
    QVERIFY(*parseSenders("all") == Senders{});
    QVERIFY(*parseSenders("20") == (Senders{.count = 20}));
    QVERIFY(*parseSenders("12.5%") == (Senders{.share = 0.125}));
}

void TestLoadOptionValues::verify()
{
    QVERIFY(*parseVerify("full") == std::pair(Verify::Full, 1U));
    QVERIFY(*parseVerify("sample:10") == std::pair(Verify::Sample, 10U));
    QVERIFY(*parseVerify("count") == std::pair(Verify::Count, 1U));
    QVERIFY(*parseVerify("off") == std::pair(Verify::Off, 1U));
}

void TestLoadOptionValues::choices()
{
    QVERIFY(*parsePace("poisson") == Pace::Poisson);
    QVERIFY(*parseReconnect("none") == Reconnect::None);
    QVERIFY(*parseDialect("v1") == DialectName::V1);
    QCOMPARE(*parseThreads("auto"), 0U);
    QCOMPARE(*parseThreads("64"), 64U);
    QCOMPARE(*parseConnectRate("0"), 0.0);
    QCOMPARE(*parseConnectRate("600/m"), 10.0);
    QCOMPARE(*parseZipf("1.1"), 1.1);
    QCOMPARE(*parseWeight("2.5"), 2.5);
    QCOMPARE(*parseWhole("7", 7, 7, "days"), 7U);
    QVERIFY(*parseBoolean("true"));
}

void TestLoadOptionValues::tags()
{
    QVERIFY(*parseTag("branch=a=b") == std::pair(std::string("branch"), std::string("a=b")));
    QVERIFY(parseTag("testid=nightly")); // docs/load-metrics.md: the label of k6's names
    QVERIFY(*parseTag("_x=") == std::pair(std::string("_x"), std::string()));
}

void TestLoadOptionValues::wrong_data()
{
    QTest::addColumn<int>("parser");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("why");
    enum { Durations, Stages, Rates, Rooms, Sizes, Arrivals, Lastings };
    const auto row = [](int parser, const char *text, const char *why) {
        QTest::addRow("%d '%s'", parser, text) << parser << QByteArray(text) << QByteArray(why);
    };
    for (const char *text : {"", "5", "s", "5 s", "5d", "-5s", "1.2.3s", "5sx", "infs", "nans", "1m30",
                             "30s1m", "1s1s", "1m 30s", "1.s."})
        row(Durations, text, "is no time");
    row(Durations, "9999h", "longer than a week");
    row(Stages, "", "stage 1, '': it lacks a colon");
    row(Stages, "30s:50,", "stage 2");
    row(Stages, "30s:50,1m", "stage 2, '1m': it lacks a colon");
    row(Stages, "30:50", "'30' is no time");
    row(Stages, "30s:-1", "'-1' is no number of users");
    row(Stages, "30s:x", "'x' is no number of users");
    row(Stages, "30s:1.5", "no number of users");
    row(Stages, "30s:2000000", "no number of users");
    row(Stages, "30s:0", "no stage has a user");
    row(Stages, "0s:5", "take no time");
    for (const char *text : {"", "1", "/s", "x/s", "1/", "1/d", "1/s/s", "nan/x"})
        row(Rates, text, "is no rate");
    for (const char *text : {"-1/s", "10001/s", "nan/s"})
        row(Rates, text, "out of range");
    row(Rooms, "", "room");
    row(Rooms, "a,,b", "room");
    row(Rooms, "a,a", "twice");
    row(Rooms, "a b", "room");
    row(Rooms, "0", "out of range");
    row(Rooms, "10001", "out of range");
    for (const char *text : {"-1", "+5", "1.5", "1e9", "99999999999999999999"})
        row(Rooms, text, "is no number of rooms from 1 to 10000");
    for (const char *text : {"", "x", "1-", "-1", "1-2-3", "128b"})
        row(Sizes, text, "is no size");
    for (const char *text : {"35", "4001", "36-5000"})
        row(Sizes, text, "out of range");
    row(Sizes, "100-50", "the range '100-50' is upside down");
    for (const char *text : {"", "20", "20/d", "x/s"})
        row(Arrivals, text, "is no rate");
    for (const char *text : {"-1/s", "100001/s", "nan/s"})
        row(Arrivals, text, "out of range");
    row(Arrivals, "0/s", "nobody ever comes");
    row(Arrivals, "1s:0/s", "nobody ever comes");
    row(Arrivals, "0s:1/s", "take no time");
    row(Arrivals, "1s:1/s,", "stage 2");
    row(Arrivals, "1:1/s", "'1' is no time");
    row(Arrivals, "100h:1/s,100h:1/s", "more than a week");
    for (const char *text : {"", "1", "exp:", "exp:1", "exp:exp:1s", "1s:exp"})
        row(Lastings, text, "is no time");
}

void TestLoadOptionValues::wrong()
{
    QFETCH(int, parser);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, why);
    const auto errorOf = [](auto result) { return result ? std::string() : result.error().text; };
    const std::string_view given(text.constData(), static_cast<std::size_t>(text.size()));
    const auto errorOfSize = [&errorOf](std::string_view bytes) {
        const auto size = parseSize(bytes);
        return size ? errorOf(checkSize(*size, DialectName::V2)) : size.error().text;
    };
    const std::string error = parser == 0   ? errorOf(parseDuration(given))
                              : parser == 1 ? errorOf(parseStages(given))
                              : parser == 2 ? errorOf(parseRate(given))
                              : parser == 3 ? errorOf(parseRooms(given))
                              : parser == 4 ? errorOfSize(given)
                              : parser == 5 ? errorOf(parseArrivals(given))
                                            : errorOf(parseLasting(given));
    QVERIFY2(error.find(why.toStdString()) != std::string::npos, error.c_str());
}

PARLOR_TEST(TestLoadOptionValues)
#include "tst_load_optionvalues.moc"
