// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/testclass.h"

#include <algorithm>
#include <vector>

using namespace parlor::test;

/// Clients that do not read, or do not answer pings: each harms only itself.
class ReadersTest : public HostileTest
{
    Q_OBJECT
public:
    ReadersTest()
        : HostileTest({QStringLiteral("--queue-limit"), QStringLiteral("131072")})
    {
    }

private Q_SLOTS:
    void neverReads();
    void neverReadsWhatItAsksFor();
    void readsItsOwnAnswersLate();
    void stalls();
    void answersNoPing();
    void anyByteAnswersAPing();
};

namespace {

constexpr int kSmallBuffer = 4096;
/// Of largestContent(): 2 MB. The kernel queues half a megabyte of a connection; left to itself, 4 MB.
constexpr int kMostMessages = 170;

QString largestContent()
{
    return QString(4000, QChar(0x4f60)); // 12 kB of UTF-8
}

bool joinLobby(RawChat &client)
{
    return client.sendText(R"({"type":"join","room":"lobby","history":0})") &&
           client.nextOf(QStringLiteral("sync")).has_value();
}

} // namespace

void ReadersTest::neverReads()
{
    constexpr int kSleepers = 20;
    const int cutBefore = closesWith(4102);
    const std::int64_t memoryBefore = server().rssKiB();
    std::vector<RawChat> sleepers(kSleepers);
    for (RawChat &sleeper : sleepers) {
        PARLOR_EXPECT(sleeper.open(port(), Dialect::V2, {}, kSmallBuffer));
        QVERIFY2(joinLobby(sleeper), qPrintable(sleeper.why()));
    }
    int sent = 0;
    while (closesWith(4102) < cutBefore + kSleepers && sent < kMostMessages)
        for (int i = 0; i < 20; ++i, ++sent)
            PARLOR_EXPECT(goodClientChats(largestContent())); // the others go on
    QCOMPARE(closesWith(4102), cutBefore + kSleepers);
    QVERIFY2(server().rssKiB() - memoryBefore < 256 * 1024, qPrintable(QString::number(server().rssKiB())));
    // WHEN one reads at last, it finds the end
    RawSocket &late = sleepers.front().webSocket().socket();
    (void)late.receiveAll(64 << 20);
    QVERIFY(late.end() != RawSocket::End::None);
}

void ReadersTest::neverReadsWhatItAsksFor()
{
    // Each join of a heavy room is answered with a page of more than 100 kB: 8 MB in all, if it were queued.
    for (int i = 0; i < 15; ++i)
        PARLOR_EXPECT(goodClientChats(largestContent()));
    QByteArray joins;
    for (int i = 0; i < 80; ++i)
        joins += textFrame(R"({"type":"join","room":"lobby","history":200})");
    std::vector<RawChat> askers(4);
    for (RawChat &asker : askers) {
        PARLOR_EXPECT(asker.open(port(), Dialect::V2, {}, kSmallBuffer));
        QVERIFY(asker.webSocket().send(joins));
    }
    double most = 0;
    for (int i = 0; i < 10; ++i) {
        PARLOR_EXPECT(goodClientChats());
        most = std::max(most, metricOf(server(), "parlor_queue_bytes"));
    }
    QVERIFY2(most > 0 && most / double(askers.size()) < 512 * 1024, qPrintable(QString::number(most)));
}

void ReadersTest::readsItsOwnAnswersLate()
{
    // A session's own answers never cut it: its requests wait unread until it has read.
    constexpr int kRequests = 300;
    for (int i = 0; i < 15; ++i)
        PARLOR_EXPECT(goodClientChats(largestContent())); // pages of history of more than 100 kB
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2, {}, kSmallBuffer));
    QVERIFY2(joinLobby(client), qPrintable(client.why()));
    QByteArray requests;
    for (int i = 1; i <= kRequests; ++i)
        requests += textFrame(R"({"type":"history","room":"lobby","rid":)" + QByteArray::number(i) + '}');
    QVERIFY(client.webSocket().send(requests));
    PARLOR_EXPECT(goodClientChats()); // by now the first answers are stuck
    for (int i = 1; i <= kRequests; ++i) {
        const auto answer = client.nextOf(QStringLiteral("history"));
        QVERIFY2(answer, qPrintable(client.why()));
        QVERIFY2(answer->value(QLatin1String("rid")) == i, qPrintable(toText(*answer)));
    }
    QVERIFY(client.webSocket().send(closeFrame(1000)));
    PARLOR_EXPECT(client.expectClose(1000));
}

void ReadersTest::stalls()
{
    ServerProcess impatient({.program = QStringLiteral("parlor-server"),
                             .arguments = {QStringLiteral("--stall-timeout"), QStringLiteral("500ms"),
                                           QStringLiteral("--queue-limit"), QStringLiteral("0"),
                                           QStringLiteral("--rate"), QStringLiteral("0")}});
    PARLOR_EXPECT(impatient.start());
    RawChat talker;
    PARLOR_EXPECT(talker.openAndJoin(impatient.port(), Dialect::V2, QStringLiteral("lobby")));
    for (int i = 0; i < 15; ++i)
        PARLOR_EXPECT(talker.chats(QStringLiteral("lobby"), largestContent()));
    RawChat sleeper;
    PARLOR_EXPECT(sleeper.open(impatient.port(), Dialect::V2, {}, kSmallBuffer));
    QVERIFY2(joinLobby(sleeper), qPrintable(sleeper.why()));
    QVERIFY(sleeper.webSocket().send(textFrame(R"({"type":"history","room":"lobby"})").repeated(300)));
    QTRY_COMPARE_WITH_TIMEOUT(closesOf(impatient, 4102), 1, 20'000);
    PARLOR_EXPECT(talker.chats(QStringLiteral("lobby"), QStringLiteral("on we go")));
    sleeper.webSocket().socket().close(); // a drain waits for those who are there
    talker.webSocket().socket().close();
    PARLOR_EXPECT(impatient.stop());
}

void ReadersTest::answersNoPing()
{
    ServerProcess pinging({.program = QStringLiteral("parlor-server"),
                           .arguments = {QStringLiteral("--ping"), QStringLiteral("200ms"),
                                         QStringLiteral("--pong-timeout"), QStringLiteral("300ms")}});
    PARLOR_EXPECT(pinging.start());
    RawChat client;
    PARLOR_EXPECT(client.open(pinging.port(), Dialect::V2));
    auto frame = client.webSocket().readFrame();
    QVERIFY2(frame && frame->opcode == Ping, qPrintable(frame ? describe(*frame) : client.webSocket().why()));
    for (int i = 0; i < 100 && frame && frame->opcode == Ping; ++i) // none of which it answers
        frame = client.webSocket().readFrame();
    QVERIFY2(frame, qPrintable(client.webSocket().why()));
    QCOMPARE(frame->opcode, Close);
    QCOMPARE(frame->payload.left(2), closePayload(4201));
    client.webSocket().socket().close();
    PARLOR_EXPECT(pinging.stop());
}

void ReadersTest::anyByteAnswersAPing()
{
    // The deadline is generous here: a slow machine must not look like a client that is gone.
    ServerProcess pinging({.program = QStringLiteral("parlor-server"),
                           .arguments = {QStringLiteral("--ping"), QStringLiteral("100ms"),
                                         QStringLiteral("--pong-timeout"), QStringLiteral("5s")}});
    PARLOR_EXPECT(pinging.start());
    RawChat client;
    PARLOR_EXPECT(client.open(pinging.port(), Dialect::V2));
    for (int i = 0; i < 10; ++i) {
        const auto ping = client.webSocket().readFrame();
        QVERIFY2(ping && ping->opcode == Ping, qPrintable(ping ? describe(*ping) : client.webSocket().why()));
        QVERIFY(client.webSocket().send(pongFrame("not what was asked")));
    }
    client.webSocket().socket().close();
    PARLOR_EXPECT(pinging.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, ReadersTest)
#include "tst_hostile_readers.moc"
