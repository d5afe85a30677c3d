// SPDX-License-Identifier: MIT
// Both ways to send a turn's bytes: what arrives is what was added, in order, and what did not go is told.
#include "server/transport/nativetransport.h"
#include "server/transport/sendbatch.h"
#include "server/transport/sendloop.h"
#include "server/transport/uringbatch.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <string>

using namespace parlor;

namespace {

/// A target, and the far end of its connection. Without a descriptor for batches if `hidden`.
class Line final : public SendTarget
{
public:
    explicit Line(bool hidden = false)
        : m_hidden(hidden)
    {
        std::array<int, 2> pair{-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
            qFatal("no sockets");
        m_near = pair[0];
        m_far = pair[1];
    }
    ~Line()
    {
        ::close(m_near);
        hangUp();
    }
    Line(const Line &) = delete;
    Line &operator=(const Line &) = delete;
    void hangUp()
    {
        if (m_far >= 0)
            ::close(std::exchange(m_far, -1));
    }
    std::string arrived()
    {
        std::string all;
        std::array<char, 65536> buffer;
        for (ssize_t n = 0; (n = ::recv(m_far, buffer.data(), buffer.size(), 0)) > 0;)
            all.append(buffer.data(), static_cast<std::size_t>(n));
        return all;
    }

    SendResult send(std::span<const std::string_view> pieces) override
    {
        std::string whole;
        for (const std::string_view piece : pieces)
            whole += piece;
        const ssize_t n = ::send(m_near, whole.data(), whole.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return {0, breaksConnection(errno)};
        return {static_cast<std::size_t>(n), false};
    }
    int descriptor() const override { return m_hidden ? -1 : m_near; }

private:
    int m_near = -1;
    int m_far = -1;
    bool m_hidden;
};

using Results = std::map<std::uint32_t, SendResult>;

Results submit(SendBatch &batch)
{
    Results results;
    batch.submit([&results](std::uint32_t number, SendResult result) { results[number] = result; });
    return results;
}

std::uint32_t add(SendBatch &batch, Line &line, const std::vector<std::string_view> &pieces)
{
    return batch.add(line, pieces);
}

} // namespace

class TestSendBatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data();
    void init();
    void pieces();
    void manyPieces();
    void fallsShort();
    void fallsShortBetweenPieces();
    void nobodyThere();
    void moreThanTheRingHolds();

private:
    std::unique_ptr<SendBatch> m_batch;
};

void TestSendBatch::initTestCase_data()
{
    QTest::addColumn<bool>("uring");
    QTest::newRow("system calls") << false;
    QTest::newRow("io_uring") << true;
}

void TestSendBatch::init()
{
    QFETCH_GLOBAL(const bool, uring);
    if (!uring) {
        m_batch = std::make_unique<SendLoop>();
        return;
    }
    auto made = UringBatch::make();
    if (!made)
        QSKIP(qPrintable(QString::fromStdString("no io_uring here: " + made.error().text)));
    m_batch = *std::move(made);
}

void TestSendBatch::pieces()
{
    Line one;
    Line two;
    Line hidden(true);
    for (int turn = 0; turn < 3; ++turn) {
        QCOMPARE(add(*m_batch, one, {"alone"}), std::uint32_t(0));
        QCOMPARE(add(*m_batch, two, {"first, ", "", "second, ", "third"}), std::uint32_t(1));
        QCOMPARE(add(*m_batch, hidden, {"by ", "itself"}), std::uint32_t(2));
        QVERIFY(submit(*m_batch).empty());
        QCOMPARE(one.arrived(), std::string("alone"));
        QCOMPARE(two.arrived(), std::string("first, second, third"));
        QCOMPARE(hidden.arrived(), std::string("by itself"));
    }
    QVERIFY(submit(*m_batch).empty());
}

void TestSendBatch::manyPieces()
{
    // More than one system call takes.
    std::vector<std::string> texts;
    std::string whole;
    for (int i = 0; i < 1500; ++i)
        whole += texts.emplace_back(std::to_string(i % 10));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    Line line;
    add(*m_batch, line, views);
    QVERIFY(submit(*m_batch).empty());
    QCOMPARE(line.arrived(), whole);
}

void TestSendBatch::fallsShort()
{
    Line full;
    Line other;
    Line hidden(true);
    std::string large;
    for (int i = 0; large.size() < 1'000'000; ++i)
        large += std::to_string(i) + ' ';
    const auto number = add(*m_batch, full, {large});
    add(*m_batch, other, {"small"});
    const auto numberOfHidden = add(*m_batch, hidden, {large});
    auto results = submit(*m_batch);
    QCOMPARE(results.size(), std::size_t(2));
    for (const std::uint32_t each : {number, numberOfHidden}) {
        QVERIFY(!results[each].broken);
        QVERIFY(results[each].sent > 0 && results[each].sent < large.size());
    }
    QCOMPARE(other.arrived(), std::string("small"));
    // WHEN it is full, nothing more goes, and that is no error
    add(*m_batch, full, {"more"});
    const auto none = submit(*m_batch);
    QCOMPARE(none.size(), std::size_t(1));
    QVERIFY(!none.begin()->second.broken);
    QCOMPARE(none.begin()->second.sent, std::size_t(0));
    // THEN the peer has exactly what was told
    QCOMPARE(full.arrived(), large.substr(0, results[number].sent));
    QCOMPARE(hidden.arrived(), large.substr(0, results[numberOfHidden].sent));
}

void TestSendBatch::fallsShortBetweenPieces()
{
    Line line;
    const std::string piece(3000, 'p');
    const std::vector<std::string_view> views(300, piece);
    const auto number = add(*m_batch, line, views);
    auto results = submit(*m_batch);
    QCOMPARE(results.size(), std::size_t(1));
    QVERIFY(!results[number].broken && results[number].sent > 0);
    QCOMPARE(line.arrived().size(), results[number].sent);
}

void TestSendBatch::nobodyThere()
{
    Line gone;
    Line here;
    gone.hangUp();
    const auto number = add(*m_batch, gone, {"anybody?"});
    add(*m_batch, here, {"yes"});
    auto results = submit(*m_batch);
    QCOMPARE(results.size(), std::size_t(1));
    QVERIFY(results[number].broken);
    QCOMPARE(here.arrived(), std::string("yes"));
}

void TestSendBatch::moreThanTheRingHolds()
{
    constexpr int kLines = 200;
    constexpr int kTimes = 12; // 2400 sends
    std::vector<std::unique_ptr<Line>> lines;
    for (int i = 0; i < kLines; ++i)
        lines.push_back(std::make_unique<Line>());
    lines[7]->hangUp();
    for (int i = 0; i < kTimes; ++i) {
        for (const auto &line : lines)
            add(*m_batch, *line, {"x"});
    }
    const auto results = submit(*m_batch);
    QCOMPARE(results.size(), std::size_t(kTimes));
    for (const auto &[number, result] : results)
        QVERIFY(number % kLines == 7 && result.broken);
    for (int i = 0; i < kLines; ++i) {
        if (i != 7)
            QCOMPARE(lines[static_cast<std::size_t>(i)]->arrived(), std::string(kTimes, 'x'));
    }
}

PARLOR_TEST(TestSendBatch)
#include "tst_sendbatch.moc"
