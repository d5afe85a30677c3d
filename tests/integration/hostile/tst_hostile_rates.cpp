// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Clients that send too much: requests get `rate_limited`, who does not wait gets 4101, and so does a flood
/// of bytes.
class RatesTest : public HostileTest
{
    Q_OBJECT
public:
    RatesTest()
        : HostileTest({QStringLiteral("--rate"), QStringLiteral("10"), QStringLiteral("--burst"),
                       QStringLiteral("20"), QStringLiteral("--inbound-rate"), QStringLiteral("65536"),
                       QStringLiteral("--inbound-burst"), QStringLiteral("131072")})
    {
    }

private Q_SLOTS:
    void refusedThenServedAgain();
    void rejoinsCostAsMuchAsLists();
    void whoDoesNotWaitIsCut_data();
    void whoDoesNotWaitIsCut();
    void byteFlood_data();
    void byteFlood();
    void floodAfterTheCloseIsNotRead();
    void burstIsNoFlood();
    void newestPingsAreAnswered();
};

namespace {

const QLatin1String kType("type");

bool isRefusal(const QJsonObject &frame)
{
    return frame.value(QLatin1String("code")) == QLatin1String("rate_limited");
}

} // namespace

void RatesTest::refusedThenServedAgain()
{
    constexpr int kRequests = 60;
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QByteArray requests;
    for (int i = 1; i <= kRequests; ++i)
        requests += textFrame(R"({"type":"ping","t":1,"rid":)" + QByteArray::number(i) + '}');
    QVERIFY(client.webSocket().send(requests));
    int served = 0;
    qint64 retry = 0;
    for (int i = 1; i <= kRequests; ++i) { // an answer each, in order
        const auto answer = client.next();
        QVERIFY2(answer, qPrintable(client.why()));
        QVERIFY2(answer->value(QLatin1String("rid")) == i, qPrintable(toText(*answer)));
        if (isRefusal(*answer)) {
            QVERIFY2(answer->value(QLatin1String("retryable")).toBool(), qPrintable(toText(*answer)));
            retry = answer->value(QLatin1String("retry_ms")).toInteger();
            QVERIFY2(retry > 0 && retry <= 10'000, qPrintable(toText(*answer)));
        } else {
            QCOMPARE(answer->value(kType).toString(), QStringLiteral("pong"));
            ++served;
        }
    }
    QVERIFY2(served >= 20 && served < kRequests, qPrintable(QString::number(served)));
    // WHEN it waits as it was told, it is served again
    (void)client.webSocket().socket().isQuietFor(std::chrono::milliseconds(retry));
    QVERIFY(client.sendText(R"({"type":"ping","t":1})"));
    QVERIFY2(client.nextOf(QStringLiteral("pong")), qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void RatesTest::rejoinsCostAsMuchAsLists()
{
    constexpr int kJoins = 12;
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    for (int i = 1; i <= kJoins; ++i)
        QVERIFY(client.sendText(R"({"type":"join","room":"support","rid":)" + QByteArray::number(i) + '}'));
    int served = 0;
    for (int i = 1; i <= kJoins;) {
        const auto answer = client.next();
        QVERIFY2(answer, qPrintable(client.why()));
        if (answer->value(QLatin1String("rid")) != i)
            continue; // the roster and the page that follow a join
        served += isRefusal(*answer) ? 0 : 1;
        ++i;
    }
    // The first is free; the burst of 20 pays for four, and what grows meanwhile for few.
    QVERIFY2(served >= 5 && served <= 8, qPrintable(QString::number(served)));
    // WHEN it has no place any more: other rooms are free all the same
    QVERIFY(client.sendText(R"({"type":"join","room":"random"})"));
    QVERIFY2(client.nextOf(QStringLiteral("sync")), qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void RatesTest::whoDoesNotWaitIsCut_data()
{
    QTest::addColumn<bool>("isV2");
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("v2, ping") << true << QByteArray(R"({"type":"ping","t":1})");
    QTest::newRow("v2, nonsense") << true << QByteArray(R"({"type":"nonsense"})");
    QTest::newRow("v2, no JSON") << true << QByteArray("nonsense");
    QTest::newRow("v2, lists") << true << QByteArray(R"({"type":"rooms"})");
    QTest::newRow("v1, unknown type") << false << QByteArray(R"({"type":"nonsense"})");
    QTest::newRow("v1, plain text") << false << QByteArray("hello");
}

void RatesTest::whoDoesNotWaitIsCut()
{
    QFETCH(const bool, isV2);
    QFETCH(const QByteArray, request);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), isV2 ? Dialect::V2 : Dialect::V1));
    int refusals = 0;
    const QDeadlineTimer deadline(kPatience);
    while (!client.closeCode() && !deadline.hasExpired()) {
        QVERIFY(client.sendText(request));
        while (const auto answer = client.next(std::chrono::milliseconds(5)))
            refusals += isRefusal(*answer) ? 1 : 0;
        if (client.webSocket().socket().end() != RawSocket::End::None)
            break;
    }
    QVERIFY2(refusals >= 3, qPrintable(QString::number(refusals)));
    PARLOR_EXPECT(client.expectClose(4101));
}

void RatesTest::byteFlood_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::newRow("pings") << pingFrame(QByteArray(125, 'p'));
    QTest::newRow("empty pings") << pingFrame({});
    QTest::newRow("pongs") << pongFrame(QByteArray(125, 'p'));
    QTest::newRow("large requests") << textFrame(R"({"type":"ping","t":1,"x":")" + QByteArray(30'000, 'x') +
                                                 R"("})");
}

void RatesTest::byteFlood()
{
    QFETCH(const QByteArray, frame);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    const QByteArray flood = frame.repeated(512 * 1024 / frame.size());
    (void)client.webSocket().send(flood); // it may be cut before the last byte
    PARLOR_EXPECT(client.expectClose(4101));
}

void RatesTest::floodAfterTheCloseIsNotRead()
{
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    const int closes = closesWith(1002);
    QVERIFY(client.webSocket().send(QByteArray(2, '\xff'))); // no frame
    QTRY_COMPARE(closesWith(1002), closes + 1);
    const double before = metricOf(server(), "parlor_bytes_in_total");
    const QByteArray flood = pongFrame(QByteArray(125, 'p')).repeated(8 << 13); // 8 MiB
    (void)client.webSocket().send(flood);                                       // it is not taken
    const double taken = metricOf(server(), "parlor_bytes_in_total") - before;
    QVERIFY2(taken < 2 << 20, qPrintable(QString::number(taken)));
    PARLOR_EXPECT(client.expectClose(1002)); // and it can still be read
}

void RatesTest::burstIsNoFlood()
{
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    const QByteArray pongs = pongFrame(QByteArray(125, 'p'));
    QVERIFY(client.webSocket().send(pongs.repeated(120'000 / pongs.size())));
    QVERIFY(client.sendText(R"({"type":"ping","t":1})"));
    QVERIFY2(client.nextOf(QStringLiteral("pong")), qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void RatesTest::newestPingsAreAnswered()
{
    constexpr int kPings = 100;
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QByteArray pings;
    for (int i = 0; i < kPings; ++i)
        pings += pingFrame(QByteArray::number(i));
    QVERIFY(client.webSocket().send(pings));
    int answered = 0;
    int newest = -1;
    while (newest < kPings - 1) { // each round reads a greater number
        const auto pong = client.webSocket().readFrame();
        QVERIFY2(pong && pong->opcode == Pong, qPrintable(pong ? describe(*pong) : client.webSocket().why()));
        QVERIFY2(pong->payload.toInt() > newest, pong->payload.constData());
        newest = pong->payload.toInt();
        ++answered;
    }
    QVERIFY2(answered >= 16, qPrintable(QString::number(answered)));
    PARLOR_EXPECT(client.closeNormally());
}

PARLOR_TEST_WITHIN(QCoreApplication, RatesTest)
#include "tst_hostile_rates.moc"
