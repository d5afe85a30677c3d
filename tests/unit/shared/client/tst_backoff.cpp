// SPDX-License-Identifier: MIT
#include "shared/client/backoff.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

class TestBackoff : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void doublesUpToTheCap();
    void jitterIsFull_data();
    void jitterIsFull();
    void startsAnewAfterReset();
    void staysAtTheCapForEver();
    void asksPatientlyAfterAFewQuickOnes();
    void contactKeepsItQuick();
    void systemRandomFillsItsRange();
};

void TestBackoff::doublesUpToTheCap()
{
    Backoff backoff({1s, 5s}, [] { return 1.0; });
    QCOMPARE(backoff.next(), 1000ms);
    QCOMPARE(backoff.next(), 2000ms);
    QCOMPARE(backoff.next(), 4000ms);
    QCOMPARE(backoff.next(), 5000ms);
    QCOMPARE(backoff.next(), 5000ms);
}

void TestBackoff::jitterIsFull_data()
{
    QTest::addColumn<double>("drawn");
    QTest::addColumn<int>("third");
    QTest::newRow("lowest") << 0.0 << 0;
    QTest::newRow("quarter") << 0.25 << 1000;
    QTest::newRow("half") << 0.5 << 2000;
    QTest::newRow("below the range") << -1.0 << 0;
    QTest::newRow("above the range") << 7.0 << 4000;
}

void TestBackoff::jitterIsFull()
{
    QFETCH(double, drawn);
    QFETCH(int, third);
    Backoff backoff({1s, 30s}, [drawn] { return drawn; });
    (void)backoff.next();
    (void)backoff.next();
    QCOMPARE(backoff.next(), std::chrono::milliseconds(third));
}

void TestBackoff::startsAnewAfterReset()
{
    Backoff backoff({1s, 30s}, [] { return 1.0; });
    (void)backoff.next();
    (void)backoff.next();
    backoff.reset();
    QCOMPARE(backoff.next(), 1000ms);
}

void TestBackoff::staysAtTheCapForEver()
{
    Backoff backoff({1s, 30s}, [] { return 1.0; });
    for (int i = 0; i < 5000; ++i)
        QVERIFY(backoff.next() <= 30s);
    QCOMPARE(backoff.next(), 30s);
}

void TestBackoff::asksPatientlyAfterAFewQuickOnes()
{
    double drawn = 0.5;
    Backoff backoff({1s, 4s, 0.8, 1.2, Backoff::Patience{3, 30s}}, [&drawn] { return drawn; });
    QCOMPARE(backoff.next(), 1000ms);
    QCOMPARE(backoff.next(), 2000ms);
    QCOMPARE(backoff.next(), 4000ms);
    QCOMPARE(backoff.next(), 30'000ms);
    drawn = 0.0;
    QCOMPARE(backoff.next(), 24'000ms);
    backoff.reset();
    QCOMPARE(backoff.next(), 800ms);
}

void TestBackoff::contactKeepsItQuick()
{
    Backoff backoff({1s, 4s, 1.0, 1.0, Backoff::Patience{3, 30s}}, [] { return 0.5; });
    for (const auto delay : {1000ms, 2000ms, 4000ms, 4000ms}) { // it still grows
        QCOMPARE(backoff.next(), delay);
        backoff.noteContact();
    }
    (void)backoff.next();
    QCOMPARE(backoff.next(), 30'000ms);
    backoff.noteContact();
    QCOMPARE(backoff.next(), 4000ms);
}

void TestBackoff::systemRandomFillsItsRange()
{
    const auto random = systemRandom();
    bool low = false;
    bool high = false;
    for (int i = 0; i < 1000; ++i) {
        const double drawn = random();
        QVERIFY(drawn >= 0.0 && drawn < 1.0);
        low = low || drawn < 0.2;
        high = high || drawn > 0.8;
    }
    QVERIFY(low && high);
}

PARLOR_TEST(TestBackoff)
#include "tst_backoff.moc"
