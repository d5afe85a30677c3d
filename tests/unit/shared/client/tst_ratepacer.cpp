// SPDX-License-Identifier: MIT
#include "shared/client/ratepacer.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

class TestRatePacer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_now = 0ms; }
    void withoutTermsNothingWaits();
    void burstGoesAtOnceThenThePaceHolds();
    void sameTermsKeepWhatWasUsed();
    void drainedStartsFromNothing();
    void costAboveTheBurstDoesNotWaitForEver();

private:
    Clock clock()
    {
        Clock clock;
        clock.steady = [this] { return m_now; };
        return clock;
    }
    std::chrono::milliseconds m_now{};
};

void TestRatePacer::withoutTermsNothingWaits()
{
    RatePacer pacer(clock());
    for (int i = 0; i < 100; ++i) {
        QCOMPARE(pacer.waitFor(1), 0ms);
        pacer.charge(1);
    }
    pacer.setTerms(0, 20);
    QCOMPARE(pacer.waitFor(1), 0ms);
}

void TestRatePacer::burstGoesAtOnceThenThePaceHolds()
{
    RatePacer pacer(clock());
    pacer.setTerms(10, 20);
    int sent = 0;
    while (pacer.waitFor(1) == 0ms) {
        pacer.charge(1);
        ++sent;
    }
    QCOMPARE(sent, 18); // a tenth less than the server allows
    QCOMPARE(pacer.waitFor(1), 112ms);
    m_now += 112ms;
    QCOMPARE(pacer.waitFor(1), 0ms);
    pacer.charge(1);
    QVERIFY(pacer.waitFor(1) > 100ms);
}

void TestRatePacer::sameTermsKeepWhatWasUsed()
{
    RatePacer pacer(clock());
    pacer.setTerms(10, 20);
    pacer.charge(18);
    pacer.setTerms(10, 20);
    QVERIFY(pacer.waitFor(1) > 0ms);
    pacer.setTerms(20, 40);
    QCOMPARE(pacer.waitFor(1), 0ms);
}

void TestRatePacer::drainedStartsFromNothing()
{
    RatePacer pacer(clock());
    pacer.setTerms(10, 20);
    pacer.drain();
    QCOMPARE(pacer.waitFor(1), 112ms);
}

void TestRatePacer::costAboveTheBurstDoesNotWaitForEver()
{
    RatePacer pacer(clock());
    pacer.setTerms(10, 2);
    pacer.charge(1);
    m_now += 10s;
    QCOMPARE(pacer.waitFor(5), 0ms);
}

PARLOR_TEST(TestRatePacer)
#include "tst_ratepacer.moc"
