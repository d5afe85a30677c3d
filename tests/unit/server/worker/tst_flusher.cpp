// SPDX-License-Identifier: MIT
// One send for each connection a turn, and each connection hears how far its own came.
#include "server/worker/flusher.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

namespace {

struct Target final : SendTarget
{
    SendResult send(std::span<const std::string_view>) override { return {}; }
    int descriptor() const override { return -1; }
};

/// Keeps what is added, and answers as a test says.
class FakeBatch final : public SendBatch
{
public:
    struct Log
    {
        std::vector<std::string> sent{};                  ///< of the last submit()
        std::map<std::uint32_t, SendResult> incomplete{}; ///< for the next one
        int submits = 0;
    };
    explicit FakeBatch(Log &log)
        : m_log(log)
    {
    }
    std::uint32_t add(SendTarget &, std::span<const std::string_view> pieces) override
    {
        std::string &whole = m_added.emplace_back();
        for (const std::string_view piece : pieces)
            whole += piece;
        return static_cast<std::uint32_t>(m_added.size() - 1);
    }
    void submit(const Incomplete &incomplete) override
    {
        m_log.sent = std::exchange(m_added, {});
        ++m_log.submits;
        for (const auto &[number, result] : std::exchange(m_log.incomplete, {}))
            incomplete(number, result);
    }

private:
    Log &m_log;
    std::vector<std::string> m_added;
};

class FakeConnection
{
public:
    SendTarget &transport() { return m_target; }
    void piecesToSend(std::vector<std::string_view> &out) { out.assign(queue.begin(), queue.end()); }
    void onQueueSent(SendResult result)
    {
        heard.push_back("queue " + std::to_string(result.sent) + (result.broken ? " broken" : ""));
        if (again)
            again->flushQueue(*this);
    }
    void onDirectIncomplete(const Slice &slice, SendResult result)
    {
        heard.push_back("direct " + std::to_string(result.sent) + '/' + std::to_string(slice.size()) +
                        (result.broken ? " broken" : ""));
    }

    std::vector<std::string> queue;
    std::vector<std::string> heard;
    Flusher<FakeConnection> *again = nullptr; ///< it asks for another flush when it hears of one

private:
    Target m_target;
};

using Strings = std::vector<std::string>;

} // namespace

class TestFlusher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothing();
    void queueAndDirect();
    void incomplete();
    void againWhileHearing();
    void forgotten();

private:
    FakeBatch::Log m_log;
    WorkerMetrics m_metrics;
    Counter m_queueBytes;

    std::unique_ptr<Flusher<FakeConnection>> make()
    {
        m_log = {};
        return std::make_unique<Flusher<FakeConnection>>(std::make_unique<FakeBatch>(m_log), m_metrics);
    }
    /// A whole frame: two bytes of header before the text.
    Slice slice(std::string_view text)
    {
        BatchRef batch = BatchRef::make(m_queueBytes);
        batch->appendText(text);
        return {batch, 0, batch->size()};
    }
};

void TestFlusher::nothing()
{
    const auto flusher = make();
    FakeConnection idle; // its queue is empty by the time of the flush
    flusher->run();
    flusher->flushQueue(idle);
    flusher->run();
    QCOMPARE(m_log.submits, 0);
    QVERIFY(idle.heard.empty());
}

void TestFlusher::queueAndDirect()
{
    const auto flusher = make();
    FakeConnection queued;
    FakeConnection direct;
    queued.queue = {"one ", "two"};
    flusher->flushQueue(queued);
    flusher->sendDirect(direct, slice("three"));
    const auto before = m_metrics.bytesOut.value();
    flusher->run();
    QCOMPARE(m_log.submits, 1);
    QCOMPARE(m_log.sent, (Strings{"\x81\x05three", "one two"}));
    QCOMPARE(queued.heard, Strings{"queue 7"});
    QVERIFY(direct.heard.empty()); // all of it left: there is nothing to hear
    QCOMPARE(m_metrics.bytesOut.value() - before, std::uint64_t(14));
    // WHEN nobody asks again, nothing is sent again
    flusher->run();
    QCOMPARE(m_log.submits, 1);
}

void TestFlusher::incomplete()
{
    const auto flusher = make();
    std::array<FakeConnection, 5> connections;
    for (FakeConnection &each : connections)
        flusher->sendDirect(each, slice("abc"));
    FakeConnection queued;
    queued.queue = {"0123456789"};
    flusher->flushQueue(queued);
    m_log.incomplete = {{1, {2, false}}, {2, {0, true}}, {3, {5, true}}, {5, {4, false}}};
    flusher->run();
    QVERIFY(connections[0].heard.empty());
    QCOMPARE(connections[1].heard, Strings{"direct 2/5"});
    QCOMPARE(connections[2].heard, Strings{"direct 0/5 broken"});
    QCOMPARE(connections[3].heard, Strings{"direct 5/5 broken"});
    QVERIFY(connections[4].heard.empty());
    QCOMPARE(queued.heard, Strings{"queue 4"});
}

void TestFlusher::againWhileHearing()
{
    const auto flusher = make();
    FakeConnection connection;
    connection.queue = {"x"};
    connection.again = flusher.get();
    flusher->flushQueue(connection);
    flusher->run();
    QCOMPARE(m_log.submits, 1); // in the next flush, not in this one
    flusher->run();
    QCOMPARE(m_log.submits, 2);
    QCOMPARE(connection.heard, (Strings{"queue 1", "queue 1"}));
}

void TestFlusher::forgotten()
{
    const auto flusher = make();
    FakeConnection stays;
    stays.queue = {"stays"};
    {
        FakeConnection goes;
        goes.queue = {"goes"};
        flusher->flushQueue(goes);
        flusher->flushQueue(stays);
        flusher->forget(goes);
    }
    flusher->run();
    QCOMPARE(m_log.sent, Strings{"stays"});
}

PARLOR_TEST(TestFlusher)
#include "tst_flusher.moc"
