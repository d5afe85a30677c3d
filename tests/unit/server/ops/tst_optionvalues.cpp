// SPDX-License-Identifier: MIT
#include "server/ops/values.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/ops/valuescase.h"

using namespace parlor;
using namespace parlor::test;
using namespace std::string_literals;

/// The notations of amounts and paths.
class ValuesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void durations_data();
    void durations();
    void sizes_data();
    void sizes();
    void roundSizes();
    void counts_data();
    void counts();
    void rates_data();
    void rates();
    void paths_data();
    void paths();
    void amounts();
};

void ValuesTest::durations_data()
{
    addColumns();
    good("0");
    good("0s", "0");
    good("500ms");
    good("5s");
    good("5000ms", "5s");
    good("90s");
    good("60s", "1m");
    good("2h");
    good("120m", "2h");
    good("168h");
    good("007s", "7s");
    bad("5", "has no unit");
    bad("", "is no duration");
    bad("s", "is no duration");
    bad("5 s", "is no duration");
    bad(" 5s", "is no duration");
    bad("5S", "is no duration");
    bad("5d", "is no duration");
    bad("5sec", "is no duration");
    bad("1.5s", "is no duration");
    bad("1e3s", "is no duration");
    bad("-5s", "is no duration");
    bad("+5s", "is no duration");
    bad("nan", "is no duration");
    bad("169h", "at most 168h");
    bad("604800001ms", "at most 168h");
    bad("18446744073709551615h", "at most 168h");
    bad("18446744073709551616ms", "is too long");
    bad("99999999999999999999999s", "is too long");
}

void ValuesTest::durations()
{
    check(values::parseDuration, [](std::chrono::milliseconds v) { return values::text(v); });
}

void ValuesTest::sizes_data()
{
    addColumns();
    good("0");
    good("1");
    good("1000");
    good("65536", "64KiB");
    good("64KiB");
    good("64K", "64KiB");
    good("256K", "256KiB");
    good("1024KiB", "1MiB");
    good("1M", "1MiB");
    good("1G", "1GiB");
    good("1536KiB");
    good("1024GiB");
    bad("", "is no size");
    bad("K", "is no size");
    bad("64KB", "is no size");
    bad("64kib", "is no size");
    bad("64 KiB", "is no size");
    bad("1.5MiB", "is no size");
    bad("-1", "is no size");
    bad("1TiB", "is no size");
    bad("0x10", "is no size");
    bad("1025GiB", "at most 1024GiB");
    bad("1099511627777", "at most 1024GiB");
    bad("18014398509481984KiB", "at most 1024GiB");
    bad("18446744073709551616", "is too large");
}

void ValuesTest::sizes()
{
    check(values::parseSize, values::sizeText);
}

void ValuesTest::roundSizes()
{
    const auto text = [](std::uint64_t bytes) {
        return QByteArray::fromStdString(values::roundSizeText(bytes));
    };
    QCOMPARE(text(0), QByteArray("0 bytes"));
    QCOMPARE(text(1), QByteArray("1 byte"));
    QCOMPARE(text(1023), QByteArray("1023 bytes"));
    QCOMPARE(text(1024), QByteArray("1.0 KiB"));
    QCOMPARE(text((1U << 20) - 1), QByteArray("1.0 MiB"));
    QCOMPARE(text(3ULL << 29), QByteArray("1.5 GiB"));
    QCOMPARE(text(std::uint64_t(-1)), QByteArray("16777216.0 TiB"));
}

void ValuesTest::counts_data()
{
    addColumns();
    good("0");
    good("100000");
    good("0010", "10");
    good("1000000000000000");
    bad("", "is no whole number");
    bad("-1", "is negative");
    bad("-", "is no whole number");
    bad("+1", "is no whole number");
    bad("1.5", "is no whole number");
    bad("1e3", "is no whole number");
    bad("1000000000000001", "is too large");
    bad("18446744073709551616", "is too large");
}

void ValuesTest::counts()
{
    check(values::parseCount, [](std::uint64_t v) { return std::to_string(v); });
}

void ValuesTest::rates_data()
{
    addColumns();
    good("0");
    good("10");
    good("10.0", "10");
    good("0.5");
    good("0.001");
    good("1000000");
    bad("", "is no number");
    bad("-1", "is negative");
    bad("-", "is no number");
    bad("nan", "is no number");
    bad("inf", "is no number");
    bad("1e5", "is no number");
    bad("0x10", "is no number");
    bad("1,5", "is no number");
    bad("10/s", "is no number");
    bad("1000001", "is out of range");
    bad("0.0001", "is out of range");
    bad(std::string(400, '9'), "is out of range");
}

void ValuesTest::rates()
{
    check(values::parseRate, [](double v) { return values::text(v); });
}

void ValuesTest::paths_data()
{
    addColumns();
    good("/var/lib/parlor/secret");
    good("a b'c\"d\\e\xC3\xA9");
    QTest::newRow("bad: empty") << std::string() << std::string() << "is empty"s;
}

void ValuesTest::paths()
{
    check(values::parsePath, [](const std::string &v) { return v; });
    QVERIFY(!values::parsePath("a\nb"));
}

void ValuesTest::amounts()
{
    QCOMPARE(values::parseDuration("2h")->count(), 7'200'000);
    QCOMPARE(values::parseDuration("1m")->count(), 60'000);
    QCOMPARE(values::parseDuration("500ms")->count(), 500);
    QCOMPARE(*values::parseSize("64KiB"), std::uint64_t(65'536));
    QCOMPARE(*values::parseSize("2M"), std::uint64_t(2'097'152));
    QCOMPARE(*values::parseRate("0.25"), 0.25);
}

PARLOR_TEST(ValuesTest)
#include "tst_optionvalues.moc"
