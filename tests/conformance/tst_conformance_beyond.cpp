// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// What RFC 6455 asks of a server and the Autobahn|Testsuite does not try.
class BeyondTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void violations_data();
    void violations() { playRow(); }
    void accepted_data();
    void accepted() { playRow(); }
    void anySplit_data();
    void anySplit();
    void headInOctets();
    void silentAfterViolation();
    void clientThatSendsOnAfterViolation();
    void serverEndsAfterClose_data();
    void serverEndsAfterClose();
    void withoutTheToken();
};

void BeyondTest::violations_data()
{
    addColumn();
    const QByteArray hello = "Hello";
    const auto refused = [](const char *name, const ClientFrame &frame, int code = 1002) {
        add(name, {.sends = {textFrame("before") + frame.bytes() + textFrame("after")},
                   .owed = {echoedText("before")},
                   .closedWith = code});
    };
    refused("unmasked text", {.opcode = Text, .payload = hello, .mask = {}});
    refused("unmasked text, empty", {.opcode = Text, .mask = {}});
    refused("unmasked ping", {.opcode = Ping, .payload = hello, .mask = {}});
    refused("unmasked close", {.opcode = Close, .payload = closePayload(1000), .mask = {}});
    refused("5 bytes in the 16-bit form", {.payload = hello, .form = LengthForm::SixteenBits});
    refused("125 bytes in the 16-bit form",
            {.payload = QByteArray(125, 'a'), .form = LengthForm::SixteenBits});
    refused("5 bytes in the 64-bit form", {.payload = hello, .form = LengthForm::SixtyFourBits});
    refused("65535 bytes in the 64-bit form",
            {.payload = QByteArray(65535, 'a'), .form = LengthForm::SixtyFourBits});
    refused("ping of 5 bytes in the 16-bit form",
            {.opcode = Ping, .payload = hello, .form = LengthForm::SixteenBits});
    refused("ping that claims 65536 bytes", {.opcode = Ping, .length = 65536});
    refused("64-bit length with its top bit",
            {.form = LengthForm::SixtyFourBits, .length = 0x8000'0000'0000'0005ULL});
    refused("length of all ones", {.form = LengthForm::SixtyFourBits, .length = ~0ULL});
    refused("close in two fragments", {.opcode = Close, .payload = closePayload(1000), .fin = false});
    refused("binary fragment inside nothing", {.opcode = Continuation, .payload = hello, .fin = false});
    add("binary inside a fragmented text",
        {.sends = {ClientFrame{.opcode = Text, .payload = "one", .fin = false}.bytes() + binaryFrame("two")},
         .closedWith = 1002});
    add("fragment of the same message with a reserved bit",
        {.sends = {ClientFrame{.opcode = Text, .payload = "one", .fin = false}.bytes() +
                   ClientFrame{.opcode = Continuation, .payload = "two", .rsv = 4}.bytes()},
         .closedWith = 1002});
    add("message past 64 MiB",
        {.sends = {ClientFrame{.opcode = Binary, .length = (64ULL << 20) + 1}.bytes()}, .closedWith = 1009});
}

void BeyondTest::accepted_data()
{
    addColumn();
    const QByteArray mark = "\xef\xbb\xbf";
    const QByteArray marked = mark + "with a byte order mark";
    add("byte order mark is kept", {.sends = {textFrame(marked)}, .owed = {echoedText(marked)}});
    add("byte order mark alone", {.sends = {textFrame(mark)}, .owed = {echoedText(mark)}});
    add("byte order mark in each fragment",
        {.sends = fragments(Text, mark + mark + mark, 3), .owed = {echoedText(mark + mark + mark)}});
    const QByteArray zeros(300, '\0');
    add("NUL characters", {.sends = {textFrame(zeros)}, .owed = {echoedText(zeros)}});
    add("mask of zeros",
        {.sends = {ClientFrame{.payload = "plain", .mask = 0}.bytes()}, .owed = {echoedText("plain")}});
    add("mask of ones",
        {.sends = {ClientFrame{.payload = "flipped", .mask = ~0U}.bytes()}, .owed = {echoedText("flipped")}});
    QList<ServerFrame> owed;
    QByteArray pipelined;
    for (int i = 0; i < 2000; ++i) {
        const QByteArray payload = "message " + QByteArray::number(i);
        pipelined += textFrame(payload);
        owed.append(echoedText(payload));
    }
    add("2000 messages in one write", {.sends = {pipelined}, .owed = owed});
    const QByteArray large = sampleBinary(1 << 20);
    add("large, then small, then close, in one write",
        {.sends = {binaryFrame(large) + textFrame("small") + closeFrame(4000)},
         .owed = {echoedBinary(large), echoedText("small")},
         .closedWith = 4000});
}

void BeyondTest::anySplit_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<qsizetype>("offsets");
    QTest::addColumn<QList<ServerFrame>>("owed");
    const QByteArray greek = "κόσμε 𤭢";
    const QByteArray middle = sampleText(126);
    const QByteArray talk = textFrame("short") + pingFrame("a ping") + fragments(Text, greek, 5).join() +
                            textFrame(middle) + pongFrame("x") + textFrame({}) +
                            binaryFrame(QByteArray::fromHex("00ff80"));
    QTest::newRow("a conversation") << talk << talk.size()
                                    << QList<ServerFrame>{
                                           echoedText("short"), ponged("a ping"),
                                           echoedText(greek),   echoedText(middle),
                                           echoedText({}),      echoedBinary(QByteArray::fromHex("00ff80"))};
    const QByteArray large = sampleText(65536);
    QTest::newRow("a 64-bit header") << textFrame(large) << qsizetype(20)
                                     << QList<ServerFrame>{echoedText(large)};
}

void BeyondTest::anySplit()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const qsizetype, offsets);
    QFETCH(const QList<ServerFrame>, owed);
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    for (qsizetype at = 1; at < offsets; ++at) {
        QVERIFY(client.send(bytes.first(at)));
        (void)client.socket().isQuietFor(std::chrono::milliseconds(1)); // the server most likely reads now
        QVERIFY(client.send(bytes.sliced(at)));
        for (const ServerFrame &frame : owed) {
            const Problem problem = client.expectFrame(frame);
            QVERIFY2(problem.isEmpty(), qPrintable(QStringLiteral("cut at %1: ").arg(at) % problem));
        }
    }
    PARLOR_EXPECT(client.closeNormally());
}

void BeyondTest::headInOctets()
{
    RawSocket socket;
    QVERIFY(socket.connectTo(port()));
    QVERIFY(socket.sendChopped(echoUpgrade(), 1));
    const QByteArray head = socket.receiveUntil("\r\n\r\n", 4096);
    QVERIFY2(head.startsWith("HTTP/1.1 101 "), head.constData());
}

void BeyondTest::silentAfterViolation()
{
    // A client that neither answers the Close nor ends the connection does not hold it.
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    const int before = server().openDescriptors();
    QVERIFY(client.send(textFrame("before") + ClientFrame{.mask = {}}.bytes()));
    PARLOR_EXPECT(client.expectText("before"));
    PARLOR_EXPECT(client.expectClose(1002));
    PARLOR_EXPECT(client.expectEof());
    QTRY_COMPARE_WITH_TIMEOUT(server().openDescriptors(), before - 1, 15'000);
}

void BeyondTest::clientThatSendsOnAfterViolation()
{
    // Unread bytes at its close would make the kernel reset the connection, and the Close could be lost.
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    QVERIFY(client.send(textFrame("before") + ClientFrame{.rsv = 1}.bytes()));
    const QByteArray more = binaryFrame(sampleBinary(64 * 1024));
    for (int i = 0; i < 8; ++i)
        (void)client.socket().sendWhatFits(more);
    PARLOR_EXPECT(client.expectText("before"));
    PARLOR_EXPECT(client.expectClose(1002));
    PARLOR_EXPECT(client.expectEof());
}

void BeyondTest::serverEndsAfterClose_data()
{
    QTest::addColumn<bool>("halfClosed");
    QTest::newRow("the client waits") << false;
    QTest::newRow("the client has ended its side") << true;
}

void BeyondTest::serverEndsAfterClose()
{
    QFETCH(const bool, halfClosed);
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    QVERIFY(client.send(textFrame("last") + closeFrame(1000)));
    if (halfClosed)
        client.socket().finishSending();
    PARLOR_EXPECT(client.expectText("last"));
    PARLOR_EXPECT(client.expectClose(1000));
    PARLOR_EXPECT(client.expectEof());
}

/// All other cases show it.
void BeyondTest::withoutTheToken()
{
    const HttpReply refused = exchange(port(), RawWebSocket::upgradeRequest());
    QVERIFY2(refused.status == 401, refused.head.constData());
    PARLOR_EXPECT(refused.check());
}

PARLOR_TEST_WITHIN(QCoreApplication, BeyondTest)
#include "tst_conformance_beyond.moc"
