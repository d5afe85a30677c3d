// SPDX-License-Identifier: MIT
#include "tests/integration/hostile/hostiletest.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Frames that end the connection, each with its code, in both dialects; and those at the edge that do not.
class FramesTest : public HostileTest
{
    Q_OBJECT
public:
    FramesTest()
        : HostileTest({QStringLiteral("--message-timeout"), QStringLiteral("500ms")})
    {
    }

private Q_SLOTS:
    void refused_data();
    void refused();
    void answersNoClose_data();
    void answersNoClose();
    void accepted_data();
    void accepted();
    void unfinishedMessage_data();
    void unfinishedMessage();
    void endedByClient_data();
    void endedByClient();
};

namespace {

constexpr qsizetype kLimit = 64 * 1024;

QByteArray part(Opcode opcode, const QByteArray &payload)
{
    return ClientFrame{.opcode = opcode, .payload = payload, .fin = false}.bytes();
}

} // namespace

void FramesTest::refused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const QByteArray &bytes, int code) {
        QTest::newRow(name) << bytes << code;
    };
    const QByteArray hello = "hello";
    row("unmasked", ClientFrame{.payload = hello, .mask = {}}.bytes(), 1002);
    row("RSV1", ClientFrame{.payload = hello, .rsv = 4}.bytes(), 1002);
    row("RSV2", ClientFrame{.payload = hello, .rsv = 2}.bytes(), 1002);
    row("RSV3", ClientFrame{.payload = hello, .rsv = 1}.bytes(), 1002);
    row("opcode 3", ClientFrame{.opcode = 3, .payload = hello}.bytes(), 1002);
    row("opcode 7", ClientFrame{.opcode = 7, .payload = hello}.bytes(), 1002);
    row("opcode 11", ClientFrame{.opcode = 11, .payload = hello}.bytes(), 1002);
    row("opcode 15", ClientFrame{.opcode = 15, .payload = hello}.bytes(), 1002);
    row("ping of 126 bytes", pingFrame(QByteArray(126, 'p')), 1002);
    row("pong of 126 bytes", pongFrame(QByteArray(126, 'p')), 1002);
    row("ping in fragments", part(Ping, hello), 1002);
    row("close of one byte", ClientFrame{.opcode = Close, .payload = "x"}.bytes(), 1002);
    row("close with a code for nobody", closeFrame(1006), 1002);
    row("close with a bad reason", closeFrame(1000, "\xff"), 1007);
    row("continuation of nothing", ClientFrame{.opcode = Continuation, .payload = hello}.bytes(), 1002);
    row("text inside a text", part(Text, hello) + textFrame(hello), 1002);
    row("5 bytes in the 16-bit form", ClientFrame{.payload = hello, .form = LengthForm::SixteenBits}.bytes(),
        1002);
    row("length with the top bit",
        ClientFrame{.form = LengthForm::SixtyFourBits, .length = 1ULL << 63}.bytes(), 1002);
    row("bad UTF-8, whole", textFrame("bad \xc3\x28"), 1007);
    row("bad UTF-8, in the second fragment", part(Text, "good") + part(Continuation, "\xe2\x28"), 1007);
    row("bad UTF-8, split by the fragments", part(Text, "\xe2\x82") + part(Continuation, "\x28"), 1007);
    row("bad UTF-8, in a frame that is not whole", ClientFrame{.payload = "\xc0", .length = 1000}.bytes(),
        1007);
    row("UTF-8 cut at the end", textFrame("caf\xc3"), 1007);
    row("65 fragments", fragments(Text, QByteArray(65, 'f'), 1).join(), 1002);
    row("64 KiB and 1 byte, its header alone", ClientFrame{.length = kLimit + 1}.bytes(), 1009);
    row("64 KiB and 1 byte, whole", textFrame(QByteArray(kLimit + 1, 'x')), 1009);
    row("64 KiB and 1 byte in fragments", fragments(Text, QByteArray(kLimit + 1, 'x'), 8 * 1024).join(),
        1009);
    row("1 GiB, its header alone", ClientFrame{.length = 1ULL << 30}.bytes(), 1009);
    row("binary", binaryFrame(hello), 1003);
    row("binary, empty", binaryFrame({}), 1003);
    row("binary in fragments", part(Binary, hello) + ClientFrame{.opcode = Continuation}.bytes(), 1003);
}

void FramesTest::refused()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const int, code);
    for (const Dialect dialect : {Dialect::V1, Dialect::V2}) {
        RawChat client;
        PARLOR_EXPECT(client.open(port(), dialect));
        QVERIFY(client.webSocket().send(bytes));
        PARLOR_EXPECT(client.webSocket().expectClosing(code));
    }
}

void FramesTest::answersNoClose_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    QTest::newRow("after a violation") << ClientFrame{.rsv = 1}.bytes() << 1002;
    QTest::newRow("after a binary frame") << binaryFrame("x") << 1003;
}

void FramesTest::answersNoClose()
{
    // The server waits for the client's part of the closing, but not for long; cleanup() counts the
    // descriptors.
    QFETCH(const QByteArray, bytes);
    QFETCH(const int, code);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QVERIFY(client.webSocket().send(bytes));
    PARLOR_EXPECT(client.webSocket().expectClose(code));
    PARLOR_EXPECT(client.webSocket().expectEof());
}

void FramesTest::accepted_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("content");
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArray &content) {
        QTest::newRow(name) << bytes << QString::fromUtf8(content);
    };
    const QByteArray greek = "κόσμε 𤭢";
    row("fragments inside the characters", fragments(Text, greek, 1).join(), greek);
    row("64 fragments", fragments(Text, QByteArray(64, 'f'), 1).join(), QByteArray(64, 'f'));
    row("64 KiB", textFrame(QByteArray(kLimit, 'x')), QByteArray(kLimit, 'x'));
    row("64 KiB in fragments", fragments(Text, QByteArray(kLimit, 'x'), 1024).join(),
        QByteArray(kLimit, 'x'));
    row("pings between the fragments",
        part(Text, "one ") + pingFrame("between") + pongFrame({}) +
            ClientFrame{.opcode = Continuation, .payload = "two"}.bytes(),
        "one two");
}

void FramesTest::accepted()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const QString, content);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V1));
    QVERIFY(client.webSocket().send(bytes));
    const auto echo = client.nextOf(QStringLiteral("message"));
    QVERIFY2(echo, qPrintable(client.why()));
    QCOMPARE(echo->value(QLatin1String("sender")).toString(), QStringLiteral("server"));
    QCOMPARE(echo->value(QLatin1String("content")).toString(), content);
    QVERIFY(client.webSocket().send(closeFrame(1000)));
    PARLOR_EXPECT(client.expectClose(1000));
}

void FramesTest::unfinishedMessage_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::newRow("one byte of a header") << textFrame("hello").first(1);
    QTest::newRow("a header") << textFrame("hello").first(6);
    QTest::newRow("half a frame") << textFrame("hello").first(8);
    QTest::newRow("a fragment") << part(Text, "hello");
    QTest::newRow("a whole message, then a byte of the next")
        << QByteArray(pongFrame("whole") + textFrame("hello").first(1));
}

void FramesTest::unfinishedMessage()
{
    QFETCH(const QByteArray, start);
    RawChat client;
    PARLOR_EXPECT(client.open(port(), Dialect::V2));
    QVERIFY(client.webSocket().send(start));
    PARLOR_EXPECT(client.webSocket().expectClosing(4201));
}

void FramesTest::endedByClient_data()
{
    QTest::addColumn<QByteArray>("last");
    QTest::addColumn<bool>("byReset");
    QTest::newRow("end without a Close") << QByteArray() << false;
    QTest::newRow("end inside a frame") << textFrame("hello").first(8) << false;
    QTest::newRow("end inside a message") << part(Text, "hello") << false;
    QTest::newRow("reset") << QByteArray() << true;
    QTest::newRow("reset inside a frame") << textFrame("hello").first(8) << true;
}

void FramesTest::endedByClient()
{
    QFETCH(const QByteArray, last);
    QFETCH(const bool, byReset);
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(port(), Dialect::V2, QStringLiteral("general")));
    QVERIFY(client.webSocket().send(last));
    if (byReset) {
        client.webSocket().socket().reset();
        return; // cleanup() counts the descriptors
    }
    client.webSocket().socket().finishSending();
    (void)client.webSocket().socket().receiveAll(4096);
    QCOMPARE(client.webSocket().socket().end(), RawSocket::End::Eof);
}

PARLOR_TEST_WITHIN(QCoreApplication, FramesTest)
#include "tst_hostile_frames.moc"
