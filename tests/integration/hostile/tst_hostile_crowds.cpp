// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/testclass.h"

#include <algorithm>
#include <vector>

#include <sys/resource.h>

using namespace parlor::test;

/// Many clients that begin and do not go on.
class CrowdsTest : public HostileTest
{
    Q_OBJECT
public:
    CrowdsTest()
        : HostileTest({QStringLiteral("--head-timeout"), QStringLiteral("60s")})
    {
    }

private Q_SLOTS:
    void init();
    void halfOpen_data();
    void halfOpen();
    void resets_data();
    void resets();
    void comingAndGoing();

private:
    /// A new client connects, joins and is answered.
    [[nodiscard]] Problem newcomerChats() const;
};

namespace {

/// A TLS handshake costs both sides a millisecond.
const std::size_t kCrowd = wireUnderTest() == Wire::Tls ? 250 : 1000;

std::vector<RawSocket> connectCrowd(std::uint16_t port, const QByteArray &start)
{
    std::vector<RawSocket> crowd(kCrowd);
    for (RawSocket &socket : crowd)
        if (!socket.connectTo(port) || !socket.send(start))
            return {};
    return crowd;
}

} // namespace

void CrowdsTest::init()
{
    rlimit limit{};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4 * kCrowd);
    QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < kCrowd + 100)
        QSKIP("this account may not open enough descriptors");
}

Problem CrowdsTest::newcomerChats() const
{
    RawChat newcomer;
    if (Problem problem = newcomer.openAndJoin(port(), Dialect::V2, QStringLiteral("support"));
        !problem.isEmpty())
        return problem;
    return newcomer.chats(QStringLiteral("support"), QStringLiteral("am I alone?"));
}

void CrowdsTest::halfOpen_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("no byte") << QByteArray();
    QTest::newRow("half a head") << QByteArray("GET /ws HTTP/1.1\r\nHost: x\r\n");
    QTest::newRow("all but the last byte") << RawWebSocket::upgradeRequest().chopped(1);
}

void CrowdsTest::halfOpen()
{
    QFETCH(const QByteArray, start);
    std::vector<RawSocket> crowd = connectCrowd(port(), start);
    QVERIFY(!crowd.empty());
    PARLOR_EXPECT(newcomerChats());
    PARLOR_EXPECT(goodClientChats());
    for (RawSocket &socket : crowd) // a byte more from each, as far as the server still has them
        if (!start.isEmpty())
            (void)socket.sendWhatFits("X");
    PARLOR_EXPECT(newcomerChats());
}

void CrowdsTest::resets_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("before a byte") << QByteArray();
    QTest::newRow("inside the head") << QByteArray("GET /ws HTTP/1.1\r\nHost: x\r\n");
    QTest::newRow("after the head") << RawWebSocket::upgradeRequest();
    QTest::newRow("after a plain request") << QByteArray("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
}

void CrowdsTest::resets()
{
    QFETCH(const QByteArray, start);
    for (std::size_t i = 0; i < kCrowd; ++i) {
        RawSocket socket;
        QVERIFY(socket.connectTo(port()));
        QVERIFY(socket.send(start));
        socket.reset();
    }
    PARLOR_EXPECT(newcomerChats());
}

void CrowdsTest::comingAndGoing()
{
    // Two hundred members of one room who leave without a word, while others talk there.
    std::vector<RawChat> members(200);
    int number = 0;
    for (RawChat &member : members)
        PARLOR_EXPECT(member.openAndJoin(port(), number++ % 2 == 0 ? Dialect::V1 : Dialect::V2,
                                         QStringLiteral("lobby")));
    PARLOR_EXPECT(goodClientChats());
    for (RawChat &member : members)
        member.webSocket().socket().reset();
    PARLOR_EXPECT(goodClientChats());
}

PARLOR_TEST_WITHIN(QCoreApplication, CrowdsTest)
#include "tst_hostile_crowds.moc"
