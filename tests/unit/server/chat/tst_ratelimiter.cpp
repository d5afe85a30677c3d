// SPDX-License-Identifier: MIT
#include "server/chat/ratelimiter.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using namespace std::chrono_literals;

class TestRateLimiter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void burstThenRate();
    void aBurstIsWhole();
    void patienceEnds();
    void whoWaitsIsNeverPutOut();
    void costsMoreThanTheBurst();
    void noLimit();

private:
    const RateLimiter::Time m_start{100s};
};

void TestRateLimiter::burstThenRate()
{
    const RateLimit limit{10, 20};
    RateLimiter limiter;
    for (int i = 0; i < 20; ++i)
        QVERIFY(!limiter.charge(limit, 1, m_start));
    const auto refusal = limiter.charge(limit, 1, m_start);
    QVERIFY(refusal);
    QVERIFY(!refusal->enough);
    QVERIFY(refusal->retry >= 100ms && refusal->retry <= 102ms);
    QVERIFY(!limiter.charge(limit, 1, m_start + refusal->retry));
    QVERIFY(limiter.charge(limit, 5, m_start + refusal->retry + 400ms));
    QVERIFY(!limiter.charge(limit, 5, m_start + refusal->retry + 600ms));
}

void TestRateLimiter::aBurstIsWhole()
{
    for (const double rate : {0.3, 7.0, 10.0, 50.0, 100.0, 333.0}) {
        for (int burst = 1; burst <= 60; ++burst) {
            const RateLimit limit{rate, double(burst)};
            RateLimiter limiter;
            for (int i = 0; i < burst; ++i)
                QVERIFY2(!limiter.charge(limit, 1, m_start), qPrintable(QString::number(rate)));
            QVERIFY(limiter.charge(limit, 1, m_start));
        }
    }
}

void TestRateLimiter::patienceEnds()
{
    const RateLimit limit{10, 1};
    RateLimiter limiter;
    QVERIFY(!limiter.charge(limit, 1, m_start));
    auto now = m_start;
    int counted = 0;
    for (; now < m_start + 10s; now += 10ms) {
        const auto refusal = limiter.charge(limit, 1, now);
        if (!refusal)
            continue;
        if (refusal->enough)
            break;
        ++counted;
    }
    QVERIFY(now < m_start + 1s);
    QVERIFY2(counted > 3, "refusals within one retry_ms count once");
}

void TestRateLimiter::whoWaitsIsNeverPutOut()
{
    const RateLimit limit{10, 1};
    RateLimiter limiter;
    auto now = m_start;
    for (int i = 0; i < 1000; ++i) {
        if (const auto refusal = limiter.charge(limit, 1, now)) {
            QVERIFY(!refusal->enough);
            now += 4s; // fewer than four refusals in ten seconds
        }
    }
}

void TestRateLimiter::costsMoreThanTheBurst()
{
    const RateLimit limit{10, 2};
    RateLimiter limiter;
    QVERIFY(!limiter.charge(limit, 5, m_start));
    QVERIFY(limiter.charge(limit, 5, m_start));
    QVERIFY(!limiter.charge(limit, 5, m_start + 200ms));
}

void TestRateLimiter::noLimit()
{
    const RateLimit limit{0, 0};
    RateLimiter limiter;
    for (int i = 0; i < 10'000; ++i)
        QVERIFY(!limiter.charge(limit, 5, m_start));
}

PARLOR_TEST(TestRateLimiter)
#include "tst_ratelimiter.moc"
