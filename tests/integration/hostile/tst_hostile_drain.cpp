// SPDX-License-Identifier: MIT
#include "tests/integration/cli/loadbalancer.h"
#include "tests/support/httpexchange.h"
#include "tests/support/rawchat.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QDeadlineTimer>
#include <QRegularExpression>
#include <QSet>

#include <atomic>
#include <deque>
#include <stop_token>
#include <thread>
#include <utility>
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
    void everybodyIsServedDuringTheDelay();
    void theDelayEndsByItself();
    void whoStaysIsCut();
    void threeSignals();
    void newcomersOfALoadBalancer();
    void httpWhileDraining();
    void scrapedToTheEnd();
    void nobodyHoldsTheExit_data();
    void nobodyHoldsTheExit();
};

namespace {

int connectionsOf(const ServerProcess &server)
{
    static const QRegularExpression line(QStringLiteral("\nparlor_connections (\\d+)\n"));
    return line.match(QString::fromUtf8(exchange(server.port(), getRequest("/metrics")).body))
        .captured(1)
        .toInt();
}

QString lastLine(const ServerProcess &server)
{
    return server.errorText().trimmed().section(QLatin1Char('\n'), -1);
}

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

void DrainTest::everybodyIsServedDuringTheDelay()
{
    ServerProcess::Settings settings = drainingIn("5s");
    settings.arguments += {QStringLiteral("--drain-delay"), QStringLiteral("1h")};
    ServerProcess server(settings);
    PARLOR_EXPECT(server.start());
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(server.port(), Dialect::V2, QStringLiteral("general")));
    server.signal(SIGTERM);
    QTRY_COMPARE(exchange(server.port(), getRequest("/ready")).status, 503);
    QVERIFY(exchange(server.port(), getRequest("/metrics")).body.contains("\nparlor_draining 1\n"));
    QCOMPARE(exchange(server.port(), getRequest("/health")).status, 200);
    PARLOR_EXPECT(client.chats(QStringLiteral("general"), QStringLiteral("still here"))); // and no reconnect
    RawChat newcomer;
    PARLOR_EXPECT(newcomer.openAndJoin(server.port(), Dialect::V2, QStringLiteral("general")));
    RawChat older;
    PARLOR_EXPECT(older.openAndJoin(server.port(), Dialect::V1, QStringLiteral("support")));
    PARLOR_EXPECT(newcomer.chats(QStringLiteral("general"), QStringLiteral("am I late?")));
    PARLOR_EXPECT(client.closeNormally());
    QTRY_COMPARE(connectionsOf(server), 2);
    QVERIFY(server.isRunning());

    server.signal(SIGINT); // the delay is over
    QVERIFY2(newcomer.nextOf(QStringLiteral("reconnect")), qPrintable(newcomer.why()));
    QCOMPARE(exchange(server.port(), RawWebSocket::upgradeRequest()).status, 503);
    PARLOR_EXPECT(newcomer.expectClose(4200));
    PARLOR_EXPECT(older.expectClose(1001));
    newcomer.webSocket().socket().close(); // so that nobody waits for it
    older.webSocket().socket().close();
    QVERIFY(server.waitForEnd());
    PARLOR_EXPECT(server.judgeEnd());
    QVERIFY2(lastLine(server).endsWith(QStringLiteral("stopped: 2 connections moved, 0 cut")),
             qPrintable(lastLine(server)));
}

void DrainTest::theDelayEndsByItself()
{
    ServerProcess::Settings settings = drainingIn("5s");
    settings.arguments += {QStringLiteral("--drain-delay"), QStringLiteral("200ms")};
    ServerProcess server(settings);
    PARLOR_EXPECT(server.start());
    RawChat client;
    PARLOR_EXPECT(client.open(server.port(), Dialect::V1));
    server.signal(SIGTERM);
    PARLOR_EXPECT(client.expectClose(1001));
    client.webSocket().socket().close();
    QVERIFY(server.waitForEnd());
    PARLOR_EXPECT(server.judgeEnd());
}

void DrainTest::whoStaysIsCut()
{
    ServerProcess server(drainingIn("2s"));
    PARLOR_EXPECT(server.start());
    std::vector<RawChat> clients(3);
    for (RawChat &client : clients)
        PARLOR_EXPECT(client.open(server.port(), Dialect::V2));
    server.signal(SIGTERM);
    PARLOR_EXPECT(clients[1].expectClose(4200)); // the others never answer theirs
    clients[1].webSocket().socket().close();
    QVERIFY(server.waitForEnd());
    PARLOR_EXPECT(server.judgeEnd());
    QVERIFY2(lastLine(server).endsWith(QStringLiteral("stopped: 1 connections moved, 2 cut")),
             qPrintable(lastLine(server)));
}

/// The delay, the moving, the end.
void DrainTest::threeSignals()
{
    ServerProcess::Settings settings = drainingIn("1h");
    settings.arguments += {QStringLiteral("--drain-delay"), QStringLiteral("1h")};
    ServerProcess server(settings);
    PARLOR_EXPECT(server.start());
    std::vector<RawChat> clients(3);
    for (RawChat &client : clients)
        PARLOR_EXPECT(client.open(server.port(), Dialect::V1));
    server.signal(SIGTERM);
    QTRY_COMPARE(exchange(server.port(), getRequest("/ready")).status, 503);
    QCOMPARE(connectionsOf(server), 3);
    server.signal(SIGTERM);
    QTRY_VERIFY(server.errorText().contains(QStringLiteral("draining 3 connections")));
    server.signal(SIGTERM);
    QVERIFY(server.waitForEnd());
    PARLOR_EXPECT(server.judgeEnd());
    static const QRegularExpression counts(QStringLiteral("stopped: (\\d) connections moved, (\\d) cut$"));
    const auto match = counts.match(lastLine(server));
    QVERIFY2(match.hasMatch(), qPrintable(lastLine(server)));
    QCOMPARE(match.capturedView(1).toInt() + match.capturedView(2).toInt(), 3);
}

/// A load balancer goes on sending clients for as long as it has not noticed.
void DrainTest::newcomersOfALoadBalancer()
{
    if (wireUnderTest() == Wire::Tls)
        QSKIP("the load balancer speaks plainly to its servers");
    if (!LoadBalancer::isInstalled())
        QSKIP("haproxy is not installed");
    ServerProcess::Settings settings = drainingIn("500ms");
    settings.arguments += {QStringLiteral("--drain-delay"), QStringLiteral("1h")};
    ServerProcess leaving(settings);
    ServerProcess staying(drainingIn("50ms"));
    PARLOR_EXPECT(leaving.start());
    PARLOR_EXPECT(staying.start());
    LoadBalancer balancer;
    PARLOR_EXPECT(balancer.start({leaving.port(), staying.port()}));
    const std::uint16_t port = balancer.port(LoadBalancer::Way::Checked);
    std::deque<RawChat> clients;
    const auto connectOne = [&] { return clients.emplace_back().open(port, Dialect::V1); };
    for (int i = 0; i < 10; ++i)
        PARLOR_EXPECT(connectOne());
    QVERIFY(connectionsOf(leaving) > 0);

    leaving.signal(SIGTERM);
    const QDeadlineTimer deadline(kPatience);
    for (int last = connectionsOf(leaving), elsewhere = 0; elsewhere < 10; ++elsewhere) {
        PARLOR_EXPECT(connectOne());
        QVERIFY2(!deadline.hasExpired(), "the load balancer never noticed");
        if (const int now = connectionsOf(leaving); now != std::exchange(last, now))
            elsewhere = 0;
    }
    const int toMove = connectionsOf(leaving);
    QVERIFY(toMove > 0);
    leaving.signal(SIGTERM);
    QTRY_VERIFY(leaving.errorText().contains(QStringLiteral("draining %1 connections").arg(toMove)));
    for (int i = 0; i < 10; ++i)
        PARLOR_EXPECT(connectOne());
    QVERIFY(leaving.waitForEnd());
    PARLOR_EXPECT(leaving.judgeEnd());
    QCOMPARE(connectionsOf(staying), static_cast<int>(clients.size()) - toMove);
    PARLOR_EXPECT(staying.stop());
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

    // THEN the clients, who have not read their Close yet, are still there for a while
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
