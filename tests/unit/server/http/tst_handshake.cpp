// SPDX-License-Identifier: MIT
#include "server/http/handshake.h"
#include "tests/support/testclass.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFile>
#include <QTest>

#include <thread>

using namespace parlor;
using namespace std::string_literals;

class HandshakeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void accepted_data();
    void accepted();
    void origins_data();
    void origins();
    void malformedHead();
    void worksInAThread();
    void doesNotLeak();
    void isSilent();
};

namespace {

std::string head(std::string_view fields = {})
{
    return "GET /ws?token=secret HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
           std::string(fields) + "\r\n";
}

qint64 residentPages()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toLongLong();
}

int messages = 0;

void countMessage(QtMsgType, const QMessageLogContext &, const QString &)
{
    ++messages;
}

} // namespace

void HandshakeTest::accepted_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<std::string>("subprotocol");

    const std::string begin = "GET /ws HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n";
    QTest::newRow("v1") << head() << ""s;
    QTest::newRow("v2") << head("Sec-WebSocket-Protocol: parlor.v2\r\n") << "parlor.v2"s;
    QTest::newRow("v2 and others") << head("Sec-WebSocket-Protocol: a, parlor.v2,b\r\n") << "parlor.v2"s;
    QTest::newRow("v2 in a second field")
        << head("Sec-WebSocket-Protocol: a\r\nsec-websocket-protocol: parlor.v2\r\n") << "parlor.v2"s;
    QTest::newRow("unknown only") << head("Sec-WebSocket-Protocol: a, b\r\n") << ""s;
    QTest::newRow("empty offer") << head("Sec-WebSocket-Protocol:\r\n") << ""s;
    QTest::newRow("other case") << head("Sec-WebSocket-Protocol: Parlor.V2\r\n") << ""s;
    QTest::newRow("compression offered") << head("Sec-WebSocket-Extensions: permessage-deflate\r\n") << ""s;
    QTest::newRow("cookie") << head("Cookie: a=b; c=\"d\"\r\n") << ""s;
    QTest::newRow("lists") << begin + "Upgrade: h2c, WebSocket\r\nConnection: keep-alive, upgrade\r\n\r\n"
                           << ""s;
    QTest::newRow("two Connections")
        << begin + "Upgrade: websocket\r\nConnection: Upgrade\r\nConnection: a\r\n\r\n"
        << ""s;
    QTest::newRow("url") << "GET http://x/ws HTTP/1.1\r\n" + head().substr(head().find("Host")) << ""s;
    QTest::newRow("empty Host") << "GET /ws HTTP/1.1\r\nHost:\r\n" + head().substr(head().find("Upgrade"))
                                << ""s;
}

void HandshakeTest::accepted()
{
    QFETCH(const std::string, head);
    QFETCH(const std::string, subprotocol);
    Handshake handshake({});
    const Handshake::Answer answer = handshake.answer(head);
    QVERIFY(answer.accepted);
    QCOMPARE(answer.subprotocol, subprotocol);

    QVERIFY(answer.bytes.startsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    QVERIFY(answer.bytes.endsWith("\r\n\r\n"));
    QCOMPARE(answer.bytes.count("\r\n\r\n"), 1); // no Close frame, nothing else after the head
    const QByteArray lower = answer.bytes.toLower();
    QVERIFY(lower.contains("\r\nupgrade: websocket\r\n"));
    QVERIFY(lower.contains("\r\nconnection: upgrade\r\n"));
    QVERIFY(
        answer.bytes.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")); // RFC 6455 §1.3
    QCOMPARE(lower.contains("\r\nsec-websocket-protocol:"), !subprotocol.empty());
    QVERIFY(!lower.contains("sec-websocket-extensions"));
    QVERIFY(!lower.contains("secret"));
}

void HandshakeTest::origins_data()
{
    QTest::addColumn<std::vector<std::string>>("allowed");
    QTest::addColumn<std::string>("origin");
    QTest::addColumn<bool>("passes");

    const std::vector<std::string> list{"https://chat.example", "http://localhost:8080"};
    QTest::newRow("no list") << std::vector<std::string>() << "https://evil.example"s << true;
    QTest::newRow("no list, null") << std::vector<std::string>() << "null"s << true;
    QTest::newRow("first") << list << "https://chat.example"s << true;
    QTest::newRow("second") << list << "http://localhost:8080"s << true;
    QTest::newRow("absent") << list << ""s << true;
    QTest::newRow("other") << list << "https://evil.example"s << false;
    QTest::newRow("null") << list << "null"s << false;
    QTest::newRow("other scheme") << list << "http://chat.example"s << false;
    QTest::newRow("other port") << list << "https://chat.example:8443"s << false;
    QTest::newRow("other case") << list << "https://Chat.example"s << false;
    QTest::newRow("longer") << list << "https://chat.example.evil.example"s << false;
    QTest::newRow("shorter") << list << "https://chat.exampl"s << false;
    QTest::newRow("list") << list << "https://chat.example, https://evil.example"s << false;
    QTest::newRow("beyond ascii") << list << "https://chat.example\xC3\xA9"s << false;
    QTest::newRow("null allowed") << std::vector{"null"s} << "null"s << true;
}

void HandshakeTest::origins()
{
    QFETCH(const std::vector<std::string>, allowed);
    QFETCH(const std::string, origin);
    QFETCH(const bool, passes);
    Handshake handshake(allowed);
    const Handshake::Answer answer =
        handshake.answer(head(origin.empty() ? "" : "Origin: " + origin + "\r\n"));
    QCOMPARE(answer.accepted, passes);
    if (passes)
        QVERIFY(answer.bytes.startsWith("HTTP/1.1 101 "));
    else
        QCOMPARE(answer.error.status, 403);
    QVERIFY(handshake.answer(head()).accepted); // a refusal leaves nothing behind
}

void HandshakeTest::malformedHead()
{
    Handshake handshake({});
    for (const std::string_view bad :
         {"", "x", "GET /ws HTTP/1.1\r\n\r\n", "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n"}) {
        const Handshake::Answer answer = handshake.answer(bad);
        QVERIFY(!answer.accepted);
        QCOMPARE(answer.error.status, 400);
        QVERIFY(!answer.error.reason.empty());
    }
    QVERIFY(handshake.answer(head()).accepted);
}

void HandshakeTest::worksInAThread()
{
    bool accepted = false;
    std::thread([&accepted] {
        const QEventLoop loop; // which makes the dispatcher
        Handshake handshake({});
        accepted = handshake.answer(head()).accepted && handshake.answer(head()).accepted;
    }).join();
    QVERIFY(accepted);
}

void HandshakeTest::doesNotLeak()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("a sanitizer keeps freed memory; the address sanitizer finds leaks itself");
#endif
    constexpr int rounds = 4000;
    constexpr qint64 pageBytes = 4096;
    Handshake handshake({"https://chat.example"});
    const auto run = [&handshake] {
        for (int i = 0; i < rounds; ++i) {
            if (!handshake.answer(head("Sec-WebSocket-Protocol: parlor.v2\r\n")).accepted ||
                handshake.answer(head("Origin: https://evil.example\r\n")).accepted)
                return false;
        }
        return true;
    };
    QVERIFY(run()); // fills the allocator's caches
    const qint64 before = residentPages();
    QVERIFY(before > 0);
    QVERIFY(run());
    const qint64 grown = (residentPages() - before) * pageBytes;
    // 1.25 KB for each handshake is what leaks where the QWebSocket and its socket are not deleted in order.
    QVERIFY2(grown < rounds * 250, qPrintable(QStringLiteral("grew by %1 bytes").arg(grown)));
}

void HandshakeTest::isSilent()
{
    const QtMessageHandler previous = qInstallMessageHandler(countMessage);
    {
        Handshake handshake({"https://chat.example"});
        (void)handshake.answer(head());
        (void)handshake.answer(head("Origin: https://evil.example\r\n"));
        (void)handshake.answer("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
        QCoreApplication::processEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    qInstallMessageHandler(previous);
    QCOMPARE(messages, 0);
}

PARLOR_TEST_WITHIN(QCoreApplication, HandshakeTest)
#include "tst_handshake.moc"
