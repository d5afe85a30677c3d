// SPDX-License-Identifier: MIT
#include "server/worker/outqueue.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;
using websocket::Opcode;

class TestOutQueue : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsOrderAndCounts();
    void consumesInAnyPieces();
    void neverEmptyAndStillSmall();
    void ownFramesThatAreNeverAllSent();
    void dropKeepsTheFrameThatHasBegun();

private:
    static std::string all(const OutQueue &queue)
    {
        std::vector<std::string_view> pieces;
        queue.pieces(pieces);
        std::string bytes;
        for (std::string_view piece : pieces)
            bytes += piece;
        return bytes;
    }
};

void TestOutQueue::keepsOrderAndCounts()
{
    Counter counter;
    BatchRef batch = BatchRef::make(counter);
    batch->appendText("shared");
    {
        OutQueue queue(counter);
        queue.appendFrame(Opcode::Text, "own1");
        queue.appendSlice({batch, 0, batch->size()});
        queue.appendFrame(Opcode::Text, "own2");
        QCOMPARE(all(queue), std::string("\x81\x04own1\x81\x06shared\x81\x04own2"));
        QCOMPARE(queue.ownBytes(), std::size_t(12));
        QCOMPARE(queue.sharedBytes(), std::size_t(8));
        QCOMPARE(counter.value(), std::uint64_t(20 + queue.tableBytes()));
        OutQueue other(counter);
        other.appendSlice({batch, 0, batch->size()});
        QCOMPARE(counter.value(), // shared bytes count once
                 std::uint64_t(20 + queue.tableBytes() + other.tableBytes()));
    }
    QCOMPARE(counter.value(), std::uint64_t(0));
}

void TestOutQueue::consumesInAnyPieces()
{
    for (std::size_t step = 1; step < 12; ++step) {
        Counter counter;
        BatchRef batch = BatchRef::make(counter);
        batch->appendText("one");
        OutQueue queue(counter);
        queue.appendSlice({batch, 0, batch->size()}, 2);
        batch->appendText("two");
        queue.appendSlice({batch, 5, 10}); // adjoins: one piece
        std::vector<std::string_view> pieces;
        queue.pieces(pieces);
        QCOMPARE(pieces.size(), std::size_t(1));
        queue.appendFrame(Opcode::Text, "own");
        const std::string expected = all(queue);
        std::string got;
        while (!queue.isEmpty()) {
            const std::string left = all(queue);
            const std::size_t part = std::min(step, left.size());
            got += left.substr(0, part);
            queue.consume(part);
        }
        QCOMPARE(got, expected);
        QCOMPARE(counter.value(), std::uint64_t(queue.tableBytes()));
        QCOMPARE(queue.ownBytes() + queue.sharedBytes(), std::size_t(0));
    }
}

void TestOutQueue::neverEmptyAndStillSmall()
{
    // A client that always has a backlog: what is sent must not be kept, and what is left must stay right.
    Counter counter;
    OutQueue queue(counter);
    BatchRef batch = BatchRef::make(counter);
    batch->appendText("a");
    queue.appendFrame(Opcode::Text, "0");
    for (int i = 1; i <= 1000; ++i) {
        queue.appendSlice({batch, 0, batch->size()}); // between own frames: a segment each
        queue.appendFrame(Opcode::Text, std::to_string(i % 10));
        queue.consume(6);
        QCOMPARE(all(queue), std::string("\x81\x01") + std::to_string(i % 10));
        QCOMPARE(queue.segments() < 200, true);
    }
}

/// Each time most of it leaves and the same is added again: what has left must not stay in memory.
void TestOutQueue::ownFramesThatAreNeverAllSent()
{
    Counter counter;
    OutQueue queue(counter);
    const std::string answer(1000, 'x');
    queue.appendFrame(Opcode::Text, answer);
    std::size_t pieces = 0;
    for (int i = 0; i < 10'000; ++i) {
        queue.appendFrame(Opcode::Text, answer);
        queue.consume(queue.ownBytes() - 10);
        std::vector<std::string_view> rest;
        queue.pieces(rest);
        pieces = std::max(pieces, rest.size());
        // The string behind the rest begins at most one answer before it.
        QVERIFY(queue.retainedBytes() < 3000);
    }
    QCOMPARE(pieces, std::size_t(1));
}

void TestOutQueue::dropKeepsTheFrameThatHasBegun()
{
    const std::string frames = std::string("\x81\x03one\x81\x03two\x81\x03", 12) + "own";
    for (std::size_t sent = 0; sent <= 12; ++sent) {
        Counter counter;
        BatchRef batch = BatchRef::make(counter);
        batch->appendText("one");
        batch->appendText("two");
        OutQueue queue(counter);
        queue.appendSlice({batch, 0, batch->size()});
        queue.appendFrame(Opcode::Text, "own");
        queue.consume(sent);
        queue.dropUnstarted();
        const std::size_t boundary = (sent + 4) / 5 * 5;
        QCOMPARE(all(queue), frames.substr(sent, boundary - sent));
        QCOMPARE(counter.value(), std::uint64_t(boundary - sent + queue.tableBytes()));
    }
    Counter counter;
    OutQueue queue(counter);
    queue.appendRaw("HTTP/1.1 101 …\r\n\r\n");
    queue.appendFrame(Opcode::Text, "x");
    queue.consume(5);
    queue.dropUnstarted();
    QCOMPARE(all(queue), std::string("1.1 101 …\r\n\r\n")); // never half a response
}

PARLOR_TEST(TestOutQueue)
#include "tst_outqueue.moc"
