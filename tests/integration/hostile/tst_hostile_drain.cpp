// SPDX-License-Identifier: MIT
#include "tests/support/httpexchange.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QSet>

#include <atomic>
#include <stop_token>
#include <thread>
#include <vector>

using namespace parlor::test;

/// SIGTERM: clients are told and closed in order, HTTP answers until the end, and nobody can hold the exit.
class DrainTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nobodyThere_data();
    void nobodyThere();
    void clientsAreTold();
    void httpWhileDraining();
    void scrapedToTheEnd();
    void nobodyHoldsTheExit_data();
    void nobodyHoldsTheExit();
};

namespace {

ServerProcess::Settings drainingIn(const char *time)
{
    return {.program = QStringLiteral("parlor-server"),
            .arguments = {QStringLiteral("--drain-timeout"), QString::fromLatin1(time),
                          QStringLiteral("--rate"), QStringLiteral("0")}};
}

} // namespace

void DrainTest::nobodyThere_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
}

void DrainTest::nobodyThere()
{
    QFETCH(const int, signal);
    ServerProcess server(drainingIn("60s")); // longer than the test waits: it does not wait for nobody
    PARLOR_EXPECT(server.start());
    PARLOR_EXPECT(exchange(server.port(), getRequest("/health")).check());
    PARLOR_EXPECT(server.stop(signal));
}

void DrainTest::clientsAreTold()
{
    ServerProcess server(drainingIn("3s"));
    PARLOR_EXPECT(server.start());
    RawChat old;
    PARLOR_EXPECT(old.openAndJoin(server.port(), Dialect::V1, QStringLiteral("support")));
    std::vector<RawChat> clients(10);
    for (RawChat &client : clients)
        PARLOR_EXPECT(client.openAndJoin(server.port(), Dialect::V2, QStringLiteral("general")));
    server.signal(SIGTERM);
    QSet<qint64> delays;
    for (RawChat &client : clients) {
        const auto told = client.nextOf(QStringLiteral("reconnect"));
        QVERIFY2(told, qPrintable(client.why()));
        QCOMPARE(told->value(QLatin1String("reason")).toString(), QStringLiteral("shutdown"));
        QVERIFY2(told->value(QLatin1String("delay_ms")).toInteger(-1) >= 0, qPrintable(toText(*told)));
        delays.insert(told->value(QLatin1String("delay_ms")).toInteger());
    }
    QVERIFY2(delays.size() > 1, "all were told to come back at the same moment");
    int served = 0; // until its own Close a client can still talk
    for (RawChat &client : clients)
        served += client.chats(QStringLiteral("general"), QStringLiteral("last words")).isEmpty() ? 1 : 0;
    QVERIFY(served > 0);
    for (RawChat &client : clients)
        PARLOR_EXPECT(client.expectClose(4200));
    PARLOR_EXPECT(old.webSocket().expectClose(1001)); // and nothing before it
    PARLOR_EXPECT(old.webSocket().expectEof());
    QVERIFY(server.waitForEnd());
    PARLOR_EXPECT(server.judgeEnd());
}

void DrainTest::httpWhileDraining()
{
    ServerProcess server(drainingIn("5s"));
    PARLOR_EXPECT(server.start());
    RawChat old;
    PARLOR_EXPECT(old.open(server.port(), Dialect::V1));
    RawChat client;
    PARLOR_EXPECT(client.open(server.port(), Dialect::V2));
    const HttpReply readyBefore = exchange(server.port(), getRequest("/ready"));
    QCOMPARE(readyBefore.status, 200);
    QCOMPARE(readyBefore.json().value(QLatin1String("status")).toString(), QStringLiteral("ready"));

    server.signal(SIGTERM);
    QVERIFY2(client.nextOf(QStringLiteral("reconnect")), qPrintable(client.why()));

    // THEN the old client, who leaves last, is still there for a while
    const HttpReply ready = exchange(server.port(), getRequest("/ready"));
    QVERIFY2(ready.status == 503, ready.text().constData());
    QCOMPARE(ready.json().value(QLatin1String("status")).toString(), QStringLiteral("draining"));
    PARLOR_EXPECT(ready.check());
    const HttpReply health = exchange(server.port(), getRequest("/health"));
    QVERIFY2(health.status == 200, health.text().constData());
    const HttpReply upgrade = exchange(server.port(), RawWebSocket::upgradeRequest());
    QVERIFY2(upgrade.status == 503, upgrade.text().constData());
    QVERIFY2(upgrade.field("Retry-After").toInt() > 0, upgrade.text().constData());
    PARLOR_EXPECT(upgrade.check());
    PARLOR_EXPECT(client.expectClose(4200));
    PARLOR_EXPECT(old.expectClose(1001));
    QVERIFY(server.waitForEnd());
    PARLOR_EXPECT(server.judgeEnd());
}

/// A scrape reads the figures of all workers, on one of their threads, while they end one after the other.
void DrainTest::scrapedToTheEnd()
{
    ServerProcess::Settings settings = drainingIn("50ms");
    settings.arguments += {QStringLiteral("--workers"), QStringLiteral("8")};
    ServerProcess server(settings);
    PARLOR_EXPECT(server.start());
    std::vector<RawChat> clients(100); // to be cut
    for (RawChat &client : clients)
        PARLOR_EXPECT(client.openAndJoin(server.port(), Dialect::V1, QStringLiteral("general")));
    std::atomic<int> answered{0};
    std::vector<std::jthread> scrapers;
    for (int i = 0; i < 8; ++i) {
        scrapers.emplace_back([&answered, port = server.port()](const std::stop_token &stop) {
            while (!stop.stop_requested()) {
                RawSocket socket;
                if (socket.connectTo(port) && socket.send(getRequest("/metrics")) &&
                    socket.receiveUntil("\r\n", 1000).contains("200"))
                    ++answered;
            }
        });
    }
    QTRY_VERIFY(answered > 100);
    PARLOR_EXPECT(server.stop());
}

void DrainTest::nobodyHoldsTheExit_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("a silent connection") << QByteArray();
    QTest::newRow("half a head") << QByteArray("GET / HTTP/1.1\r\n");
    QTest::newRow("a v1 client that never reads") << RawWebSocket::upgradeRequest();
    QTest::newRow("a v2 client that never reads")
        << RawWebSocket::upgradeRequest("/ws", "Sec-WebSocket-Protocol: parlor.v2\r\n");
    QTest::newRow("a client inside a frame") << QByteArray("later");
}

void DrainTest::nobodyHoldsTheExit()
{
    QFETCH(const QByteArray, start);
    ServerProcess server(drainingIn("1s"));
    PARLOR_EXPECT(server.start());
    RawSocket socket;
    RawChat client;
    if (start == "later") {
        PARLOR_EXPECT(client.open(server.port(), Dialect::V2));
        QVERIFY(client.webSocket().send(textFrame("hello").first(8)));
    } else {
        QVERIFY(socket.connectTo(server.port()) && socket.send(start));
        PARLOR_EXPECT(
            exchange(server.port(), getRequest("/health")).check()); // so the server has seen the other
    }
    PARLOR_EXPECT(server.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, DrainTest)
#include "tst_hostile_drain.moc"
