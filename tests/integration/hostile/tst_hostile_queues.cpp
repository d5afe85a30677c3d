// SPDX-License-Identifier: MIT
// What the server says that it holds for clients that do not read is what it grows by.
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/clientframe.h"
#include "tests/support/testclass.h"

#include <QTest>

#include <vector>

using namespace Qt::StringLiterals;
using namespace parlor::test;

class QueuesTest : public HostileTest
{
    Q_OBJECT
private Q_SLOTS:
    void growthIsWhatIsSaid_data();
    void growthIsWhatIsSaid();
    void allTogetherAreBounded_data();
    void allTogetherAreBounded();
};

namespace {

constexpr qsizetype kMostBytes = 64 << 20;
constexpr double kMiB = 1024 * 1024;

/// A row's own: memory that an earlier one freed would hide what this one takes.
ServerProcess::Settings unlimited()
{
    return {.program = u"parlor-server"_s,
            .arguments = {u"--workers"_s, u"1"_s, u"--rate"_s, u"0"_s, u"--inbound-rate"_s, u"0"_s,
                          u"--queue-limit"_s, u"0"_s, u"--stall-timeout"_s, u"0"_s, u"--ping"_s, u"0"_s,
                          u"--frame-limit"_s, u"2MiB"_s, u"--history-memory"_s, u"1MiB"_s}};
}

} // namespace

void QueuesTest::growthIsWhatIsSaid_data()
{
    QTest::addColumn<int>("sleepers");
    QTest::addColumn<int>("messages");
    QTest::addColumn<int>("bytes");
    QTest::newRow("few large messages, 240 MiB") << 3 << 240 << 1024 * 1024;
    // Here the tables of the queues are larger than the messages.
    QTest::newRow("many small ones for many") << 150 << 3'000 << 3'000;
}

void QueuesTest::growthIsWhatIsSaid()
{
    QFETCH(const int, sleepers);
    QFETCH(const int, messages);
    QFETCH(const int, bytes);
    ServerProcess grows(unlimited());
    PARLOR_EXPECT(grows.start());
    RawWebSocket talker;
    PARLOR_EXPECT(talker.open(grows.port()));
    QVERIFY(talker.send(textFrame(R"({"type":"join","room":"lobby"})")));
    std::vector<RawWebSocket> asleep(static_cast<std::size_t>(sleepers));
    for (RawWebSocket &each : asleep) {
        PARLOR_EXPECT(each.open(grows.port(), RawWebSocket::upgradeRequest(), 4096));
        QVERIFY(each.send(textFrame(R"({"type":"join","room":"lobby"})")));
    }
    const QByteArray filler(bytes, 'x');
    // An echo and a copy: the talker reads, and each message is a flush of its own.
    const auto say = [&](int number) {
        const QByteArray text = filler + '#' + QByteArray::number(number);
        const QByteArray mark = text + "\",\"timestamp\":";
        return talker.send(textFrame(text)) &&
               talker.socket().receiveUntil(mark, kMostBytes).endsWith(mark) &&
               talker.socket().receiveUntil(mark, kMostBytes).endsWith(mark);
    };
    // Until the kernel takes no more for anybody, what is said is in no queue.
    int said = 0;
    while (metricOf(grows, "parlor_queue_bytes") < 8 * kMiB) {
        QVERIFY(said * bytes < 64 * kMiB && say(said));
        ++said;
    }
    const std::int64_t memoryBefore = grows.rssKiB();
    const double queuedBefore = metricOf(grows, "parlor_queue_bytes");
    for (int i = 0; i < messages; ++i)
        QVERIFY(say(said + i));
    const double queued = metricOf(grows, "parlor_queue_bytes") - queuedBefore;
    const double grown = double(grows.rssKiB() - memoryBefore) * 1024;
    QVERIFY2(queued >= double(messages) * bytes, qPrintable(QString::number(queued)));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QVERIFY2(
        grown > 0.9 * queued && grown < 1.1 * queued,
        qPrintable(u"the server says %1 MiB, and grew by %2 MiB"_s.arg(queued / kMiB).arg(grown / kMiB)));
#else
    Q_UNUSED(grown)
#endif
    asleep.clear();
    QTRY_COMPARE_WITH_TIMEOUT(metricOf(grows, "parlor_queue_bytes"), 0.0, 20'000);
    grows.kill();
}

void QueuesTest::allTogetherAreBounded_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("of what others say") << QByteArray();
    QTest::newRow("of own answers") << QByteArray(R"({"type":"history","room":"lobby"})");
}

void QueuesTest::allTogetherAreBounded()
{
    QFETCH(const QByteArray, request);
    constexpr int kSleepers = 60;
    constexpr double kBound = 4 * kMiB;
    ServerProcess::Settings settings = unlimited();
    settings.arguments += {u"--queue-memory"_s, u"4MiB"_s};
    ServerProcess bounded(settings);
    PARLOR_EXPECT(bounded.start());
    RawChat talker;
    PARLOR_EXPECT(talker.openAndJoin(bounded.port(), Dialect::V2, u"lobby"_s));
    const QString content(4000, u'x');
    for (int i = 0; i < 40; ++i) // more than a page
        PARLOR_EXPECT(talker.chats(u"lobby"_s, content));
    std::vector<RawChat> asleep(kSleepers);
    for (RawChat &each : asleep) {
        PARLOR_EXPECT(each.open(bounded.port(), Dialect::V2, {}, 4096));
        QVERIFY(each.sendText(R"({"type":"join","room":"lobby"})"));
        if (!request.isEmpty())
            (void)each.webSocket().send(textFrame(request).repeated(10)); // it may be cut at once
    }
    double most = 0;
    for (int said = 0; closesOf(bounded, 4102) < 10; ++said) {
        QVERIFY2(said < 2000, qPrintable(QString::number(most)));
        PARLOR_EXPECT(talker.chats(u"lobby"_s, content));
        most = std::max(most, metricOf(bounded, "parlor_queue_bytes"));
    }
    // What was begun for those who are cut stays for their closing handshake.
    QVERIFY2(most < kBound + kSleepers * 160.0 * 1024, qPrintable(QString::number(most)));
    PARLOR_EXPECT(talker.chats(u"lobby"_s, content)); // who reads is not cut
    asleep.clear();
    QTRY_COMPARE_WITH_TIMEOUT(metricOf(bounded, "parlor_queue_bytes"), 0.0, 20'000);
    bounded.kill();
}

PARLOR_TEST_WITHIN(QCoreApplication, QueuesTest)
#include "tst_hostile_queues.moc"
