// SPDX-License-Identifier: MIT
#include "server/http/requesthead.h"

#include "tests/support/testclass.h"
#include "tests/unit/server/http/headfeeding.h"

#include <QTest>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>
#include <time.h>

using namespace parlor;
using namespace parlor::test;
using namespace std::string_literals;
using Status = HeadReader::Status;

namespace {

thread_local std::size_t allocations = 0; // QtTest has a thread of its own
thread_local std::size_t largest = 0;     // of them

/// CPU time, which the machine's other work does not lengthen.
std::chrono::nanoseconds threadTime()
{
    timespec time = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

} // namespace

void *operator new(std::size_t size)
{
    ++allocations;
    largest = std::max(largest, size);
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}

void *operator new(std::size_t size, const std::nothrow_t &) noexcept // Qt's; asan has one of its own
{
    ++allocations;
    largest = std::max(largest, size);
    return std::malloc(size);
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

/// What a HeadReader may cost.
class HeadBoundsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sizeLimit_data();
    void sizeLimit();
    void fieldLimit_data();
    void fieldLimit();
    void excess();
    void survivesMove();
    void nothingAllocatedBeforeFirstByte();
    void memoryStaysWithinTheLimit_data();
    void memoryStaysWithinTheLimit();
    void timeIsLinear();
};

void HeadBoundsTest::sizeLimit_data()
{
    QTest::addColumn<std::size_t>("size");
    QTest::addColumn<bool>("passes");
    QTest::newRow("at it") << std::size_t(16384) << true;
    QTest::newRow("past it") << std::size_t(16385) << false;
    QTest::newRow("far past it") << std::size_t(100'000) << false;
}

void HeadBoundsTest::sizeLimit()
{
    QFETCH(const std::size_t, size);
    QFETCH(const bool, passes);
    const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    const std::string head = begin + std::string(size - begin.size() - 4, 'a') + "\r\n\r\n";
    for (const std::size_t split :
         {std::size_t(0), std::size_t(10), std::size_t(16383), std::size_t(16384), size}) {
        HeadReader reader;
        QVERIFY(feedSplit(reader, head, split) == (passes ? Status::Complete : Status::Failed));
        if (!passes)
            QCOMPARE(reader.error().status, 431);
    }
}

void HeadBoundsTest::fieldLimit_data()
{
    QTest::addColumn<int>("fields");
    QTest::addColumn<bool>("passes");
    QTest::newRow("at it") << 64 << true;
    QTest::newRow("past it") << 65 << false;
}

void HeadBoundsTest::fieldLimit()
{
    QFETCH(const int, fields);
    QFETCH(const bool, passes);
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 1; i < fields; ++i)
        head += "A: b\r\n";
    HeadReader reader;
    QVERIFY(reader.feed(head + "\r\n") == (passes ? Status::Complete : Status::Failed));
    if (passes)
        QCOMPARE(reader.head().fields.size(), std::size_t(fields));
    else
        QCOMPARE(reader.error().status, 431);
}

void HeadBoundsTest::excess()
{
    const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const std::size_t more : {1, 9000, 100'000}) {
        const std::string bytes = head + std::string(more, '\n');
        HeadReader reader;
        QVERIFY(reader.feed(bytes) == Status::Complete);
        QCOMPARE(reader.excess(), more);

        HeadReader inTwo;
        QVERIFY(feedSplit(inTwo, bytes, head.size() - 1) == Status::Complete);
        QCOMPARE(inTwo.excess(), more);
    }
}

void HeadBoundsTest::survivesMove()
{
    HeadReader reader;
    QVERIFY(reader.feed("GET / HTTP/1.0\r\n\r\n") == Status::Complete);
    const HeadReader moved = std::move(reader);
    QCOMPARE(std::string(moved.head().method), "GET"s);
    QCOMPARE(std::string(moved.head().path), "/"s);
}

void HeadBoundsTest::nothingAllocatedBeforeFirstByte()
{
    const std::size_t before = allocations;
    HeadReader reader;
    QVERIFY(!reader.isStarted());
    QCOMPARE(allocations, before);
    QVERIFY(reader.feed("GET /a-path-that-is-longer-than-small-strings") == Status::NeedMore);
    QVERIFY(allocations > before); // the counter counts
}

void HeadBoundsTest::memoryStaysWithinTheLimit_data()
{
    QTest::addColumn<std::size_t>("piece");
    for (const std::size_t piece : {1, 100, 9'000, 16'383})
        QTest::addRow("%zu bytes at once", piece) << piece;
}

/// Whoever sends all of a head but its end makes the server hold it.
void HeadBoundsTest::memoryStaysWithinTheLimit()
{
    QFETCH(const std::size_t, piece);
    constexpr std::size_t limit = 16 * 1024;
    const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    const std::string head = begin + std::string(limit - 1 - begin.size(), 'a');
    HeadReader reader({limit, 64});
    largest = 0;
    for (std::size_t at = 0; at < head.size(); at += piece)
        QVERIFY(reader.feed(std::string_view(head).substr(at, piece)) == Status::NeedMore);
    QVERIFY(largest >= head.size());
    QVERIFY2(largest <= limit + 1, qPrintable(QString::number(largest)));
}

void HeadBoundsTest::timeIsLinear()
{
    constexpr std::size_t small = 32 << 10;
    constexpr std::size_t factor = 16;
    const auto cost = [](std::size_t size) {
        const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(size, 'a') + "\r\n\r\n";
        auto best = std::chrono::nanoseconds::max();
        for (int i = 0; i < 10; ++i) {
            HeadReader reader({size + 100, 64});
            const auto start = threadTime();
            if (feedSingly(reader, head) != Status::Complete)
                return std::chrono::nanoseconds(0);
            best = std::min(best, threadTime() - start);
        }
        return best;
    };
    const auto shortCost = cost(small);
    const auto longCost = cost(small * factor);
    QVERIFY(shortCost.count() > 0 && longCost.count() > 0);
    const auto ratio = longCost.count() / shortCost.count();
    QVERIFY2(ratio < qint64(factor) * 4,
             qPrintable(QStringLiteral("16 times the bytes cost %1 times").arg(ratio)));
}

PARLOR_TEST(HeadBoundsTest)
#include "tst_headbounds.moc"
