// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Upgrades that are refused before the 101 (RFC 6455 §4.2), and those that look odd and are not.
class UpgradesTest : public HostileTest
{
    Q_OBJECT
private Q_SLOTS:
    void refused_data();
    void refused();
    void refusalSaysWhatIsSpoken_data();
    void refusalSaysWhatIsSpoken();
    void accepted_data();
    void accepted();
    void origins_data();
    void origins();
    void shareOfAnAddress();
};

namespace {

/// A well-formed upgrade in which one line is another.
QByteArray with(const QByteArray &line, const QByteArray &replacement)
{
    QByteArray request = RawWebSocket::upgradeRequest();
    Q_ASSERT(request.contains(line));
    return request.replace(line, replacement);
}

const QByteArray kKeyLine = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const QByteArray kVersionLine = "Sec-WebSocket-Version: 13\r\n";

} // namespace

void UpgradesTest::refused_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const QByteArray &request, int status) {
        QTest::newRow(name) << request << status;
    };
    row("unknown path", RawWebSocket::upgradeRequest("/nope"), 404);
    row("root", RawWebSocket::upgradeRequest("/"), 404);
    row("path with a slash more", RawWebSocket::upgradeRequest("/ws/"), 404);
    row("path in capitals", RawWebSocket::upgradeRequest("/WS"), 404);
    row("POST", with("GET /ws", "POST /ws"), 405);
    row("HTTP/2.0", with("HTTP/1.1", "HTTP/2.0"), 505);
    row("no Host", with("Host: 127.0.0.1\r\n", {}), 400);
    row("no Connection", with("Connection: Upgrade\r\n", {}), 400);
    row("Connection without upgrade", with("Connection: Upgrade\r\n", "Connection: keep-alive\r\n"), 400);
    row("no Upgrade", with("Upgrade: websocket\r\n", {}), 426);
    row("another Upgrade", with("Upgrade: websocket\r\n", "Upgrade: h2c\r\n"), 426);
    row("version 8", with(kVersionLine, "Sec-WebSocket-Version: 8\r\n"), 426);
    row("version 0", with(kVersionLine, "Sec-WebSocket-Version: 0\r\n"), 426);
    row("version of letters", with(kVersionLine, "Sec-WebSocket-Version: thirteen\r\n"), 426);
    row("no key", with(kKeyLine, {}), 400);
    row("empty key", with(kKeyLine, "Sec-WebSocket-Key:\r\n"), 400);
    row("key of 3 bytes", with(kKeyLine, "Sec-WebSocket-Key: abc\r\n"), 400);
    row("key of 15 bytes", with(kKeyLine, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n"), 400);
    row("key of 17 bytes", with(kKeyLine, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWQ=\r\n"), 400);
    row("key that is not base64", with(kKeyLine, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25!ZQ==\r\n"), 400);
    row("two keys", with(kKeyLine, kKeyLine + kKeyLine), 400);
    row("a frame before the 101", RawWebSocket::upgradeRequest() + textFrame("early"), 400);
    row("a byte before the 101", RawWebSocket::upgradeRequest() + "x", 400);
}

void UpgradesTest::refused()
{
    QFETCH(const QByteArray, request);
    QFETCH(const int, status);
    const HttpReply reply = exchange(port(), request);
    QVERIFY2(reply.status == status, reply.text().left(400).constData());
    PARLOR_EXPECT(reply.check());
    QVERIFY2(!reply.json().value(QLatin1String("error")).toString().isEmpty(), reply.body.constData());
}

void UpgradesTest::refusalSaysWhatIsSpoken_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("version 8") << with(kVersionLine, "Sec-WebSocket-Version: 8\r\n");
    QTest::newRow("a plain GET") << getRequest("/ws");
}

void UpgradesTest::refusalSaysWhatIsSpoken()
{
    QFETCH(const QByteArray, request);
    const HttpReply reply = exchange(port(), request);
    QCOMPARE(reply.status, 426);
    QCOMPARE(reply.field("Sec-WebSocket-Version"), QByteArray("13"));
    QCOMPARE(reply.field("Upgrade"), QByteArray("websocket"));
    PARLOR_EXPECT(reply.check());
}

void UpgradesTest::accepted_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("a query") << RawWebSocket::upgradeRequest("/ws?room=general&x=%20");
    QTest::newRow("names and values in any case")
        << QByteArray(with("Upgrade: websocket", "UPGRADE: WebSocket")
                          .replace("Connection: Upgrade", "connection: upGRADE"));
    QTest::newRow("Connection with keep-alive")
        << with("Connection: Upgrade", "Connection: keep-alive, Upgrade");
    QTest::newRow("an extension that is not spoken here")
        << RawWebSocket::upgradeRequest("/ws", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    QTest::newRow("an unknown sub-protocol")
        << RawWebSocket::upgradeRequest("/ws", "Sec-WebSocket-Protocol: chat\r\n");
    QTest::newRow("Origin null") << RawWebSocket::upgradeRequest("/ws", "Origin: null\r\n");
}

void UpgradesTest::accepted()
{
    QFETCH(const QByteArray, request);
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), request));
    const QByteArray response = client.response().toLower();
    QVERIFY2(!response.contains("sec-websocket-extensions"), response.constData());
    QVERIFY2(!response.contains("sec-websocket-protocol"), response.constData());
    const auto first = client.readFrame();
    QVERIFY2(first && first->payload.contains("\"connection\""), qPrintable(client.why()));
    PARLOR_EXPECT(client.closeNormally());
}

void UpgradesTest::origins_data()
{
    QTest::addColumn<QByteArray>("origin");
    QTest::addColumn<bool>("passes");
    QTest::newRow("the allowed one") << QByteArray("Origin: https://chat.example\r\n") << true;
    QTest::newRow("none, as a program has") << QByteArray() << true;
    QTest::newRow("another") << QByteArray("Origin: https://evil.example\r\n") << false;
    QTest::newRow("the allowed one as a prefix")
        << QByteArray("Origin: https://chat.example.evil\r\n") << false;
    QTest::newRow("null") << QByteArray("Origin: null\r\n") << false;
}

void UpgradesTest::origins()
{
    QFETCH(const QByteArray, origin);
    QFETCH(const bool, passes);
    ServerProcess strict(
        {.program = QStringLiteral("parlor-server"),
         .arguments = {QStringLiteral("--allowed-origin"), QStringLiteral("https://chat.example")}});
    PARLOR_EXPECT(strict.start());
    const QByteArray request = RawWebSocket::upgradeRequest("/ws", origin);
    if (passes) {
        RawWebSocket client;
        PARLOR_EXPECT(client.open(strict.port(), request));
    } else {
        const HttpReply reply = exchange(strict.port(), request);
        QVERIFY2(reply.status == 403, reply.head.constData());
        QCOMPARE(reply.end, RawSocket::End::Eof);
    }
    PARLOR_EXPECT(strict.stop());
}

void UpgradesTest::shareOfAnAddress()
{
    ServerProcess strict({.program = QStringLiteral("parlor-server"),
                          .arguments = {QStringLiteral("--max-connections-per-address"), QStringLiteral("2"),
                                        QStringLiteral("--trusted-proxy"), QStringLiteral("127.0.0.0/8")}});
    PARLOR_EXPECT(strict.start());
    const QByteArray request = RawWebSocket::upgradeRequest("/ws", "X-Forwarded-For: 198.51.100.7\r\n");
    RawWebSocket first;
    RawWebSocket second;
    PARLOR_EXPECT(first.open(strict.port(), request));
    PARLOR_EXPECT(second.open(strict.port(), request));
    const HttpReply third = exchange(strict.port(), request);
    QVERIFY2(third.status == 429, third.head.constData());
    PARLOR_EXPECT(third.check());
    // Only what the proxy itself wrote counts: the right-most entry.
    const QByteArray forged = "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n";
    QCOMPARE(exchange(strict.port(), RawWebSocket::upgradeRequest("/ws", forged)).status, 429);
    RawWebSocket other;
    PARLOR_EXPECT(
        other.open(strict.port(), RawWebSocket::upgradeRequest("/ws", "X-Forwarded-For: 203.0.113.9\r\n")));
    // WHEN one of the two goes, its place is free
    first.socket().reset();
    RawWebSocket next;
    QVERIFY(QTest::qWaitFor([&] { return next.open(strict.port(), request).isEmpty(); }, 10'000));
    for (RawWebSocket *client : {&second, &other, &next})
        client->socket().close(); // a drain waits for those who are there
    PARLOR_EXPECT(strict.stop());
}

PARLOR_TEST_WITHIN(QCoreApplication, UpgradesTest)
#include "tst_hostile_upgrades.moc"
