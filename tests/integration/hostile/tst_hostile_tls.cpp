// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"

#include <QRegularExpression>

#include <vector>

// A crowd's handshakes take a sanitized server longer.
#ifdef __SANITIZE_THREAD__
#define PARLOR_HEAD_TIMEOUT "3s"
#else
#define PARLOR_HEAD_TIMEOUT "500ms"
#endif

using namespace parlor::test;

/// Clients of a TLS listener that do not speak TLS, begin it and do not go on, or break it later. Always over
/// TLS.
class TlsTest : public HostileTest
{
    Q_OBJECT
public:
    static void initMain() { qputenv("PARLOR_TEST_TRANSPORT", "tls"); }

    TlsTest()
        : HostileTest({QStringLiteral("--head-timeout"), QStringLiteral(PARLOR_HEAD_TIMEOUT)})
    {
    }

private Q_SLOTS:
    void noHandshake_data();
    void noHandshake();
    void unfinished_data();
    void unfinished();
    void slow();
    void endedByClient_data();
    void endedByClient();
    void crowdInTheHandshake();
    void garbageAfterTheHandshake();
    void endWithoutCloseNotify();

private:
    [[nodiscard]] int handshakesWith(const char *result) const;
    /// What strangers do is no news.
    [[nodiscard]] Problem logIsQuiet();
};

namespace {

/// What a good client sends first.
QByteArray clientHello()
{
    TlsClient client;
    client.shakeHands();
    return client.takeOutput();
}

QByteArray record(char type, const QByteArray &payload)
{
    const auto size = static_cast<std::uint16_t>(payload.size());
    return QByteArray(1, type) + "\x03\x03" + static_cast<char>(size >> 8) + static_cast<char>(size) +
           payload;
}

} // namespace

Problem TlsTest::logIsQuiet()
{
    static const QRegularExpression loud(QStringLiteral(" (warning|error) "));
    return server().errorText().contains(loud) ? server().errorText() : Problem();
}

int TlsTest::handshakesWith(const char *result) const
{
    const QByteArray body = exchange(port(), getRequest("/metrics")).body;
    const QByteArray series = QByteArray("parlor_handshakes_total{result=\"") + result + "\"} ";
    const qsizetype at = body.indexOf(series);
    return at < 0 ? -1 : body.sliced(at + series.size()).split('\n').first().toInt();
}

void TlsTest::noHandshake_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const QByteArray &bytes) { QTest::newRow(name) << bytes; };
    const QByteArray hello = clientHello();
    row("plain HTTP", getRequest("/health"));
    row("a plain upgrade", RawWebSocket::upgradeRequest());
    row("zeros", QByteArray(1000, '\0'));
    row("text", QByteArray("hello\r\n").repeated(1000));
    row("1 MiB of noise", QByteArray::fromHex("93f1a70b5cee204d").repeated(128 * 1024));
    row("SSL 2 hello", QByteArray::fromHex("802e0100020015000000100100800200800300800400800500800600") +
                           QByteArray(40, 'c'));
    row("TLS 1.0 alone", QByteArray::fromHex("160301002d010000290301") + QByteArray(32, 'r') +
                             QByteArray::fromHex("000002002f0100"));
    row("an alert", record(21, QByteArray::fromHex("0228")));
    row("data before the handshake", record(23, QByteArray(100, 'd')));
    row("ChangeCipherSpec first", record(20, "\x01") + record(20, "\x01"));
    row("a record that is too long", record(22, QByteArray(0x4801, 'x')));
    row("a hello that claims 16 MiB", record(22, QByteArray::fromHex("01ffffff") + QByteArray(1000, 'h')));
    row("hello with a flipped byte", QByteArray(hello).replace(43, 1, "\xff"));
    row("hello twice", hello + hello);
}

void TlsTest::noHandshake()
{
    QFETCH(const QByteArray, bytes);
    const int before = handshakesWith("tls_failed");
    RawSocket socket(Wire::Native);
    QVERIFY(socket.connectTo(port()));
    (void)socket.send(bytes); // it may be cut before the last byte
    const QByteArray answer = socket.receiveAll(64 * 1024);
    QVERIFY2(socket.end() != RawSocket::End::None, "the server holds the connection");
    QVERIFY2(!answer.contains("HTTP/"), answer.constData());
    // The client may see the end before it is counted.
    QTRY_COMPARE(handshakesWith("tls_failed"), before + 1);
    PARLOR_EXPECT(logIsQuiet());
    PARLOR_EXPECT(goodClientChats());
}

void TlsTest::unfinished_data()
{
    QTest::addColumn<QByteArray>("start");
    const QByteArray hello = clientHello();
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("one byte") << hello.first(1);
    QTest::newRow("half a hello") << hello.first(hello.size() / 2);
    QTest::newRow("a hello, and no answer to the server's") << hello;
}

void TlsTest::unfinished()
{
    // The time for the head runs from the connection on: a handshake that stalls uses it up.
    QFETCH(const QByteArray, start);
    const int before = handshakesWith("timed_out");
    RawSocket socket(Wire::Native);
    QVERIFY(socket.connectTo(port()));
    QVERIFY(socket.send(start));
    (void)socket.receiveAll(64 * 1024);
    QCOMPARE(socket.end(), RawSocket::End::Eof);
    QTRY_COMPARE(handshakesWith("timed_out"), before + 1);
    PARLOR_EXPECT(logIsQuiet());
}

void TlsTest::slow()
{
    RawSocket socket(Wire::Native);
    QVERIFY(socket.connectTo(port()));
    const QByteArray hello = clientHello();
    const QDeadlineTimer deadline(kPatience);
    for (qsizetype i = 0; i < hello.size() && socket.isQuietFor(std::chrono::milliseconds(20)); ++i)
        (void)socket.sendWhatFits(hello.sliced(i, 1));
    QVERIFY2(!deadline.hasExpired(), "a byte each 20 ms keeps the connection");
    QVERIFY(socket.end() != RawSocket::End::None);
}

void TlsTest::endedByClient_data()
{
    QTest::addColumn<qsizetype>("bytes");
    QTest::addColumn<bool>("byReset");
    for (const bool byReset : {false, true}) {
        const char *how = byReset ? "reset" : "end";
        QTest::addRow("%s before a byte", how) << qsizetype(0) << byReset;
        QTest::addRow("%s inside the hello", how) << qsizetype(20) << byReset;
        QTest::addRow("%s after the hello", how) << qsizetype(10'000) << byReset;
    }
}

void TlsTest::endedByClient()
{
    QFETCH(const qsizetype, bytes);
    QFETCH(const bool, byReset);
    RawSocket socket(Wire::Native);
    QVERIFY(socket.connectTo(port()));
    QVERIFY(socket.send(clientHello().left(bytes)));
    if (byReset) {
        socket.reset();
    } else {
        socket.finishSending();
        (void)socket.receiveAll(64 * 1024);
        QVERIFY(socket.end() != RawSocket::End::None);
    }
    PARLOR_EXPECT(logIsQuiet()); // and the descriptors are counted after each row
}

void TlsTest::crowdInTheHandshake()
{
    const QByteArray hello = clientHello();
    std::vector<RawSocket> crowd;
    for (int i = 0; i < 200; ++i) {
        RawSocket &socket = crowd.emplace_back(Wire::Native);
        QVERIFY(socket.connectTo(port()) && socket.send(hello.first(i % 2 == 0 ? hello.size() : 100)));
    }
    RawChat newcomer;
    PARLOR_EXPECT(newcomer.openAndJoin(port(), Dialect::V2, QStringLiteral("support")));
    PARLOR_EXPECT(newcomer.chats(QStringLiteral("support"), QStringLiteral("am I alone?")));
    PARLOR_EXPECT(goodClientChats());
}

void TlsTest::garbageAfterTheHandshake()
{
    const int before = closesWith(1006);
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(port(), Dialect::V2, QStringLiteral("general")));
    QVERIFY(client.webSocket().socket().sendPlain(record(23, QByteArray(100, 'g'))));
    (void)client.webSocket().socket().receiveAll(64 * 1024);
    QVERIFY(client.webSocket().socket().end() != RawSocket::End::None);
    QTRY_COMPARE(closesWith(1006), before + 1);
    PARLOR_EXPECT(logIsQuiet());
}

void TlsTest::endWithoutCloseNotify()
{
    const int before = closesWith(1006);
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(port(), Dialect::V2, QStringLiteral("general")));
    client.webSocket().socket().close();
    QTRY_COMPARE(closesWith(1006), before + 1);
}

PARLOR_TEST_WITHIN(QCoreApplication, TlsTest)
#include "tst_hostile_tls.moc"
