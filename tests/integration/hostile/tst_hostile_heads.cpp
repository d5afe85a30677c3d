// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Request heads that are wrong, too large, too slow or never whole (RFC 9112; protocol section 9 and 10).
class HeadsTest : public HostileTest
{
    Q_OBJECT
public:
    HeadsTest()
        : HostileTest({QStringLiteral("--head-timeout"), QStringLiteral("500ms")})
    {
    }

private Q_SLOTS:
    void refused_data();
    void refused();
    void accepted_data();
    void accepted();
    void cookiesOfALoadBalancer();
    void raisedLimits();
    void unfinished_data();
    void unfinished();
    void slow();
    void endedByClient_data();
    void endedByClient();
};

namespace {

const QByteArray kHost = "Host: 127.0.0.1\r\n";

QByteArray manyFields(int count) // with Host
{
    QByteArray fields = kHost;
    for (int i = 1; i < count; ++i)
        fields += "X-Field-" + QByteArray::number(i) + ": v\r\n";
    return fields;
}

/// A request for / whose head has exactly this many bytes.
QByteArray requestOfSize(qsizetype bytes)
{
    const QByteArray start = "GET / HTTP/1.1\r\n" + kHost + "X-Long: ";
    return start + QByteArray(bytes - start.size() - 4, 'x') + "\r\n\r\n";
}

} // namespace

void HeadsTest::refused_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const QByteArray &request, int status) {
        QTest::newRow(name) << request << status;
    };
    row("method alone", "GET\r\n" + kHost + "\r\n", 400);
    row("no version", "GET /\r\n" + kHost + "\r\n", 400);
    row("two spaces", "GET  / HTTP/1.1\r\n" + kHost + "\r\n", 400);
    row("space before the method", " GET / HTTP/1.1\r\n" + kHost + "\r\n", 400);
    row("more after the version", "GET / HTTP/1.1 x\r\n" + kHost + "\r\n", 400);
    row("space in the path", "GET /a b HTTP/1.1\r\n" + kHost + "\r\n", 400);
    row("control character in the path", "GET /\x01 HTTP/1.1\r\n" + kHost + "\r\n", 400);
    row("path without slash", "GET health HTTP/1.1\r\n" + kHost + "\r\n", 400);
    row("another protocol", "GET / FTP/1.1\r\n" + kHost + "\r\n", 400);
    row("protocol in lower case", "GET / http/1.1\r\n" + kHost + "\r\n", 400);
    row("version of letters", "GET / HTTP/x.y\r\n" + kHost + "\r\n", 400);
    row("HTTP/0.9", "GET / HTTP/0.9\r\n" + kHost + "\r\n", 505);
    row("HTTP/2.0", "GET / HTTP/2.0\r\n" + kHost + "\r\n", 505);
    row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505);
    row("no Host", "GET / HTTP/1.1\r\n\r\n", 400);
    row("two Hosts", "GET / HTTP/1.1\r\n" + kHost + kHost + "\r\n", 400);
    row("field without colon", "GET / HTTP/1.1\r\n" + kHost + "Nonsense\r\n\r\n", 400);
    row("field without name", "GET / HTTP/1.1\r\n" + kHost + ": value\r\n\r\n", 400);
    row("space before the colon", "GET / HTTP/1.1\r\n" + kHost + "Name : value\r\n\r\n", 400);
    row("space in the name", "GET / HTTP/1.1\r\n" + kHost + "Na me: value\r\n\r\n", 400);
    row("folded field", "GET / HTTP/1.1\r\n" + kHost + "Name: one\r\n two\r\n\r\n", 400);
    row("NUL in a value", "GET / HTTP/1.1\r\n" + kHost + QByteArrayLiteral("Name: a\0b\r\n\r\n"), 400);
    row("bare CR in a value", "GET / HTTP/1.1\r\n" + kHost + "Name: a\rb\r\n\r\n", 400);
    row("65 fields", "GET / HTTP/1.1\r\n" + manyFields(65) + "\r\n", 431);
    row("200 fields", "GET / HTTP/1.1\r\n" + manyFields(200) + "\r\n", 431);
    row("16 KiB and 1 byte", requestOfSize(16 * 1024 + 1), 431);
    row("64 KiB", requestOfSize(64 * 1024), 431);
    row("path of 16 KiB", getRequest("/" + QByteArray(16 * 1024, 'p')), 431);
    row("17 KiB without a line's end", "GET /" + QByteArray(17 * 1024, 'a'), 431);
    row("9 KiB of one letter", QByteArray(9 * 1024, 'A'), 400); // no method is that long
    row("1 MiB without an end of the head", "GET / HTTP/1.1\r\n" + QByteArray("X: y\r\n").repeated(180'000),
        431);
    row("unknown path", getRequest("/nope"), 404);
    row("path in capitals", getRequest("/HEALTH"), 404);
    row("path climbs up", getRequest("/../etc/passwd"), 404);
    row("POST", "POST / HTTP/1.1\r\n" + kHost + "Content-Length: 0\r\n\r\n", 405);
    row("DELETE", "DELETE /health HTTP/1.1\r\n" + kHost + "\r\n", 405);
    row("method in lower case", "get / HTTP/1.1\r\n" + kHost + "\r\n", 405);
    row("invented method", "BREW / HTTP/1.1\r\n" + kHost + "\r\n", 405);
}

void HeadsTest::refused()
{
    QFETCH(const QByteArray, request);
    QFETCH(const int, status);
    const HttpReply reply = exchange(port(), request);
    QVERIFY2(reply.status == status, reply.text().left(400).constData());
    PARLOR_EXPECT(reply.check());
    // a reason of one line for the person at the other end
    const QString reason = reply.json().value(QLatin1String("error")).toString();
    QVERIFY2(!reason.isEmpty() && reply.json().size() == 1, reply.body.constData());
    QVERIFY(!reply.body.trimmed().contains('\n'));
    QCOMPARE(reply.field("Content-Type").split(';').first(), QByteArray("application/json"));
}

void HeadsTest::accepted_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<qsizetype>("chop");
    QTest::newRow("64 fields") << QByteArray("GET / HTTP/1.1\r\n" + manyFields(64) + "\r\n") << qsizetype(0);
    QTest::newRow("16 KiB exactly") << requestOfSize(16 * 1024) << qsizetype(0);
    QTest::newRow("16 KiB in chops of 7") << requestOfSize(16 * 1024) << qsizetype(7);
    QTest::newRow("octet by octet") << getRequest("/") << qsizetype(1);
    QTest::newRow("names in any case") << QByteArray("GET / HTTP/1.1\r\nhOsT: x\r\n\r\n") << qsizetype(0);
    QTest::newRow("no space after the colon")
        << QByteArray("GET / HTTP/1.1\r\nHost:x\r\n\r\n") << qsizetype(0);
    QTest::newRow("empty value") << getRequest("/", "X-Empty:\r\n") << qsizetype(0);
}

void HeadsTest::accepted()
{
    QFETCH(const QByteArray, request);
    QFETCH(const qsizetype, chop);
    const HttpReply reply = exchange(port(), request, chop);
    PARLOR_EXPECT(reply.check());
    QVERIFY2(reply.status == 200, reply.text().constData());
}

/// AWS' sign-in cookie comes in parts of 4 KB.
void HeadsTest::cookiesOfALoadBalancer()
{
    const QByteArray cookies = "Cookie: AWSELBAuthSessionCookie-0=" + QByteArray(4096, 'a') +
                               "; AWSELBAuthSessionCookie-1=" + QByteArray(4096, 'b') +
                               "\r\nX-Amzn-Oidc-Data: " + QByteArray(800, 'c') + "\r\n";
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2, cookies));
    PARLOR_EXPECT(client.webSocket().closeNormally());
    PARLOR_EXPECT(exchange(port(), getRequest("/health", cookies)).check());
}

void HeadsTest::raisedLimits()
{
    ServerProcess server({.program = QStringLiteral("parlor-server"),
                          .arguments = {QStringLiteral("--head-limit"), QStringLiteral("100KiB"),
                                        QStringLiteral("--head-field-limit"), QStringLiteral("200")}});
    PARLOR_EXPECT(server.start());
    const auto statusOf = [&server](const QByteArray &request, qsizetype chop) {
        return exchange(server.port(), request, chop).status;
    };
    for (const qsizetype chop : {qsizetype(0), qsizetype(1000)}) {
        QCOMPARE(statusOf(requestOfSize(100 * 1024), chop), 200);
        QCOMPARE(statusOf(requestOfSize(100 * 1024 + 1), chop), 431);
    }
    QCOMPARE(statusOf("GET / HTTP/1.1\r\n" + manyFields(200) + "\r\n", 0), 200);
    QCOMPARE(statusOf("GET / HTTP/1.1\r\n" + manyFields(201) + "\r\n", 0), 431);
    RawChat client;
    PARLOR_EXPECT(client.open(server.port(), Dialect::V1, "Cookie: " + QByteArray(90'000, 'x') + "\r\n"));
    PARLOR_EXPECT(client.webSocket().closeNormally());
    PARLOR_EXPECT(server.stop());
}

void HeadsTest::unfinished_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("one byte") << QByteArray("G");
    QTest::newRow("no empty line") << QByteArray("GET / HTTP/1.1\r\n" + kHost);
    QTest::newRow("an upgrade without its empty line") << RawWebSocket::upgradeRequest().chopped(2);
    QTest::newRow("hello of TLS") << QByteArray::fromHex("16030100c8010000c40303") + QByteArray(40, 'r');
}

void HeadsTest::unfinished()
{
    QFETCH(const QByteArray, start);
    RawSocket socket;
    QVERIFY(socket.connectTo(port()));
    QVERIFY(socket.send(start));
    const HttpReply reply = readReply(socket);
    QVERIFY2(reply.end == RawSocket::End::Eof, reply.head.constData());
    QVERIFY2(reply.status != 200 && reply.status != 101, reply.head.constData());
}

void HeadsTest::slow()
{
    // A byte now and then does not prolong the time that a head has.
    RawSocket socket;
    QVERIFY(socket.connectTo(port()));
    QVERIFY(socket.send(QByteArray("GET / HTTP/1.1\r\n" + kHost + "X-Slow: ")));
    const QDeadlineTimer deadline(kPatience);
    while (socket.isQuietFor(std::chrono::milliseconds(20)) && !deadline.hasExpired())
        (void)socket.sendWhatFits("x");
    QVERIFY2(!deadline.hasExpired(), "a byte each 20 ms keeps the connection");
    QVERIFY(readReply(socket).status != 200);
}

void HeadsTest::endedByClient_data()
{
    QTest::addColumn<bool>("byReset");
    QTest::newRow("half close inside the head") << false;
    QTest::newRow("reset inside the head") << true;
}

void HeadsTest::endedByClient()
{
    QFETCH(const bool, byReset);
    RawSocket socket;
    QVERIFY(socket.connectTo(port()));
    QVERIFY(socket.send("GET / HTTP/1.1\r\n"));
    if (byReset) {
        socket.reset();
        return; // cleanup() counts the descriptors
    }
    socket.finishSending();
    const HttpReply reply = readReply(socket);
    QVERIFY(reply.status != 200);
    QCOMPARE(reply.end, RawSocket::End::Eof);
}

PARLOR_TEST_WITHIN(QCoreApplication, HeadsTest)
#include "tst_hostile_heads.moc"
