// SPDX-License-Identifier: MIT
#include "client-cli/load/record/histogram.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>

using namespace parlor::cli::load;
using us = Histogram::Duration;

class TestLoadHistogram : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithASort_data();
    void agreesWithASort();
    void extremesAreExact();
    void mergedIsAsRecordedTogether();
    void soundPercentiles();
    void sameValuesAreEqual();
    void empty();
    void bucketsHoldWhatWasRecorded();
};

void TestLoadHistogram::agreesWithASort_data()
{
    QTest::addColumn<double>("logMean");
    QTest::addColumn<double>("logDeviation");
    QTest::addColumn<int>("count");
    QTest::newRow("tenths of a millisecond") << 5.0 << 0.5 << 20000;
    QTest::newRow("milliseconds") << 8.0 << 1.0 << 20000;
    QTest::newRow("seconds, long tail") << 13.0 << 2.5 << 20000;
    QTest::newRow("few") << 9.0 << 1.0 << 7;
}

void TestLoadHistogram::agreesWithASort()
{
    QFETCH(double, logMean);
    QFETCH(double, logDeviation);
    QFETCH(int, count);
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> draw(logMean, logDeviation);
    std::vector<us> values;
    Histogram histogram;
    for (int i = 0; i < count; ++i) {
        values.emplace_back(static_cast<us::rep>(std::min(draw(random), 4.0e9)));
        histogram.record(values.back());
    }
    std::sort(values.begin(), values.end());
    for (const double percent : {0.0, 1.0, 50.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
        const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(percent * count / 100 - 1e-6)));
        const auto exact = static_cast<double>(values[rank - 1].count());
        const auto found = static_cast<double>(histogram.percentile(percent).count());
        QVERIFY2(std::abs(found - exact) <= exact / 1000,
                 qPrintable(QStringLiteral("p%1: %2, exactly %3").arg(percent).arg(found).arg(exact)));
    }
}

void TestLoadHistogram::extremesAreExact()
{
    Histogram histogram;
    for (const int value : {123'457, 1'234'567, 7'654'321})
        histogram.record(us(value));
    histogram.record(us(9'000'000'000)); // past the last bucket
    QCOMPARE(histogram.min(), us(123'457));
    QCOMPARE(histogram.max(), us(9'000'000'000));
    QCOMPARE(histogram.sum(), us(9'009'012'345));
    QCOMPARE(histogram.mean(), us(9'009'012'345 / 4));
    QCOMPARE(histogram.count(), 4U);
}

void TestLoadHistogram::mergedIsAsRecordedTogether()
{
    Histogram all;
    Histogram one;
    Histogram other;
    for (int i = 0; i < 5000; ++i) {
        const us value((i * 7919) % 100'000);
        all.record(value);
        (i % 3 == 0 ? one : other).record(value);
    }
    Histogram merged;
    merged.merge(Histogram());
    merged.merge(one);
    merged.merge(other);
    QCOMPARE(merged.count(), all.count());
    QCOMPARE(merged.min(), all.min());
    QCOMPARE(merged.max(), all.max());
    QCOMPARE(merged.sum(), all.sum());
    for (const double percent : {1.0, 50.0, 99.0, 99.9})
        QCOMPARE(merged.percentile(percent), all.percentile(percent));
}

void TestLoadHistogram::soundPercentiles()
{
    Histogram histogram;
    for (int i = 1; i <= 999; ++i)
        histogram.record(us(i));
    QVERIFY(!histogram.soundPercentile(99)); // 9.99 values above it
    QVERIFY(histogram.soundPercentile(95));
    histogram.record(us(1000));
    QCOMPARE(histogram.soundPercentile(99), std::optional(us(990)));
    QVERIFY(!histogram.soundPercentile(99.9));
    QVERIFY(!histogram.soundPercentile(100));
}

void TestLoadHistogram::sameValuesAreEqual()
{
    Histogram large; // has held more
    large.record(us(70'000'000));
    large.clear();
    Histogram small;
    for (const int value : {3, 7'000, 12'000}) {
        large.record(us(value));
        small.record(us(value));
    }
    QVERIFY(large == small);
    QVERIFY(small == large);
    small.record(us(12'001));
    large.record(us(11'000));
    QVERIFY(small != large);
}

void TestLoadHistogram::empty()
{
    Histogram histogram;
    QCOMPARE(histogram.percentile(99), us(0));
    QCOMPARE(histogram.mean(), us(0));
    QVERIFY(!histogram.soundPercentile(0));
    QVERIFY(histogram.buckets().empty());
    histogram.record(us(5));
    histogram.clear();
    QCOMPARE(histogram.count(), 0U);
    QVERIFY(histogram.buckets().empty());
    histogram.record(us(7));
    QCOMPARE(histogram.min(), us(7));
}

void TestLoadHistogram::bucketsHoldWhatWasRecorded()
{
    Histogram histogram;
    const std::vector<us> values{us(0), us(2047), us(2048), us(2049), us(1'000'000)};
    for (const us value : values)
        histogram.record(value);
    const auto buckets = histogram.buckets();
    QCOMPARE(buckets.size(), 4U); // 2048 and 2049 share one
    for (const us value : values) {
        QVERIFY(std::any_of(buckets.begin(), buckets.end(),
                            [value](const auto &b) { return b.low <= value && value <= b.high; }));
    }
    QCOMPARE(buckets[2].count, 2U);
}

PARLOR_TEST(TestLoadHistogram)
#include "tst_load_histogram.moc"
