// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"

#include <QElapsedTimer>

#include <vector>

using namespace parlor::test;

/// The server runs out of descriptors: it neither spins nor stalls, and accepts again by itself.
class DescriptorsTest : public HostileTest
{
    Q_OBJECT
public:
    DescriptorsTest()
        : HostileTest({QStringLiteral("--workers"), QStringLiteral("2")}, kDescriptors)
    {
    }

private Q_SLOTS:
    void exhausted_data();
    void exhausted();
    void fullOfWebSockets();
    void answersThatNobodyReads();

private:
    static constexpr int kDescriptors = 100;
};

void DescriptorsTest::exhausted_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("by WebSockets") << RawWebSocket::upgradeRequest();
    QTest::newRow("by heads that are not whole") << QByteArray("GET / HTTP/1.1\r\n");
}

void DescriptorsTest::exhausted()
{
    QFETCH(const QByteArray, start);
    std::vector<RawSocket> crowd(2 * kDescriptors);
    // Who finds no descriptor left is not accepted, and cannot shake hands over TLS: it is silent there.
    const std::size_t talking = wireUnderTest() == Wire::Tls ? kDescriptors / 2 : crowd.size();
    for (std::size_t i = 0; i < crowd.size(); ++i)
        QVERIFY(crowd[i].connectTo(port()) && (i >= talking || crowd[i].send(start)));
    PARLOR_EXPECT(goodClientChats());
    // THEN it waits; it does not try again and again
    const auto before = server().cpuTime();
    QElapsedTimer wall;
    wall.start();
    (void)QTest::qWaitFor([] { return false; }, 1000); // the window of the measurement
    const double busy = double((server().cpuTime() - before).count()) / double(wall.elapsed());
    QVERIFY2(busy < 0.5, qPrintable(QStringLiteral("busy for %1 of the time").arg(busy)));
    PARLOR_EXPECT(goodClientChats());
    // WHEN the crowd goes, newcomers are served again
    for (RawSocket &socket : crowd)
        socket.close();
    RawChat newcomer;
    Problem problem;
    const auto getsIn = [&] { // 503 while another worker has not yet seen who went
        newcomer = RawChat();
        problem = newcomer.openAndJoin(port(), Dialect::V2, QStringLiteral("support"));
        return problem.isEmpty();
    };
    QTRY_VERIFY2(getsIn(), qPrintable(problem));
    PARLOR_EXPECT(newcomer.chats(QStringLiteral("support"), QStringLiteral("at last")));
}

void DescriptorsTest::fullOfWebSockets()
{
    // What the limit of descriptors lets in leaves some for those who are refused, and for health checks.
    std::vector<RawWebSocket> crowd(kDescriptors);
    std::size_t admitted = 0;
    while (admitted < crowd.size() && crowd[admitted].open(port()).isEmpty())
        ++admitted;
    QVERIFY2(admitted > 10 && admitted < crowd.size(), qPrintable(QString::number(admitted)));
    const HttpReply refusal = exchange(port(), RawWebSocket::upgradeRequest());
    QVERIFY2(refusal.status == 503, refusal.head.constData());
    QCOMPARE(exchange(port(), getRequest("/health")).status, 200);
    PARLOR_EXPECT(goodClientChats());
}

/// Whoever does not read an answer makes room for newcomers, as whoever does not finish a request.
void DescriptorsTest::answersThatNobodyReads()
{
    std::vector<RawSocket> crowd(2 * kDescriptors);
    for (RawSocket &socket : crowd) {
        QVERIFY(socket.connectTo(port(), 2048) && socket.send(getRequest("/client")));
        QCOMPARE(exchange(port(), getRequest("/health")).status, 200);
    }
    // 16 on each worker, of hundreds that came within the second for which an answer may lie unread.
    QVERIFY2(server().openDescriptors() < 80, qPrintable(QString::number(server().openDescriptors())));
    PARLOR_EXPECT(goodClientChats());
    RawChat newcomer;
    PARLOR_EXPECT(newcomer.openAndJoin(port(), Dialect::V2, QStringLiteral("support")));
}

PARLOR_TEST_WITHIN(QCoreApplication, DescriptorsTest)
#include "tst_hostile_descriptors.moc"
