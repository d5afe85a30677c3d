// SPDX-License-Identifier: MIT
#include "shared/protocol/ulid.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

class TestUlid : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textAndBack();
    void refusesWhatIsNone_data();
    void refusesWhatIsNone();
    void idsGrow();
};

void TestUlid::textAndBack()
{
    const Ulid id(0x0123456789ABCDEFULL, 0xFEDCBA9876543210ULL);
    QCOMPARE(id.toString().size(), Ulid::kTextLength);
    QVERIFY(Ulid::parse(id.toString()) == id);
    QCOMPARE(Ulid(~0ULL, ~0ULL).toString(), std::string("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
    QCOMPARE(Ulid().toString(), std::string(26, '0'));
}

void TestUlid::refusesWhatIsNone_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("empty") << QString();
    QTest::newRow("short") << QStringLiteral("0123456789ABCDEFGHJKMNPQR");
    QTest::newRow("long") << QStringLiteral("0123456789ABCDEFGHJKMNPQRST");
    QTest::newRow("past 128 bits") << QStringLiteral("8ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    QTest::newRow("a letter that is none of the alphabet") << QStringLiteral("0123456789ABCDEFGHJKMNPQRU");
    QTest::newRow("lower case") << QStringLiteral("0123456789abcdefghjkmnpqrs");
}

void TestUlid::refusesWhatIsNone()
{
    QFETCH(QString, text);
    QVERIFY(!Ulid::parse(text.toStdString()));
}

void TestUlid::idsGrow()
{
    UlidSource source(1);
    Ulid last;
    for (int i = 0; i < 1000; ++i) {
        // The clock stands still, and goes back.
        const auto time = std::chrono::milliseconds(1'700'000'000'000 - i / 100);
        const Ulid next = source.next(time);
        QVERIFY(last < next);
        QVERIFY(last.toString() < next.toString());
        last = next;
    }
}

PARLOR_TEST(TestUlid)
#include "tst_ulid.moc"
