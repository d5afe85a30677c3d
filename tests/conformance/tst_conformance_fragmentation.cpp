// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 5: messages in several frames, control frames between them, and continuations of nothing.
class FragmentationTest : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void fragmentedControl_data();
    void fragmentedControl() { playRow(); }
    void twoFragments_data();
    void twoFragments() { playRow(); }
    void continuationOfNothing_data();
    void continuationOfNothing() { playRow(); }
    void fiveFragmentsWithPings_data();
    void fiveFragmentsWithPings();

private:
    /// Three rows: all in one write, a write a frame, and octet by octet.
    static void addThreeWays(const char *const (&names)[3], const QList<QByteArray> &frames,
                             const QList<ServerFrame> &owed, std::optional<int> closedWith = {});
};

namespace {

QByteArray part(Opcode opcode, const QByteArray &payload) // the message goes on
{
    return ClientFrame{.opcode = opcode, .payload = payload, .fin = false}.bytes();
}

QByteArray last(const QByteArray &payload) // the message ends
{
    return ClientFrame{.opcode = Continuation, .payload = payload}.bytes();
}

} // namespace

void FragmentationTest::addThreeWays(const char *const (&names)[3], const QList<QByteArray> &frames,
                                     const QList<ServerFrame> &owed, std::optional<int> closedWith)
{
    add(names[0], {.sends = {frames.join()}, .owed = owed, .closedWith = closedWith});
    add(names[1], {.sends = frames, .owed = owed, .closedWith = closedWith});
    add(names[2], {.sends = frames, .owed = owed, .closedWith = closedWith, .chop = 1});
}

void FragmentationTest::fragmentedControl_data()
{
    addColumn();
    add("5.1 ping in two fragments", {.sends = {part(Ping, "one"), last("two")}, .closedWith = 1002});
    add("5.2 pong in two fragments", {.sends = {part(Pong, "one"), last("two")}, .closedWith = 1002});
}

void FragmentationTest::twoFragments_data()
{
    addColumn();
    const QList<QByteArray> frames{part(Text, "fragment1"), last("fragment2")};
    const ServerFrame whole = echoedText("fragment1fragment2");
    addThreeWays({"5.3 text in two fragments, one write", "5.4 text in two fragments, frame by frame",
                  "5.5 text in two fragments, octet by octet"},
                 frames, {whole});
    addThreeWays({"5.6 ping between, one write", "5.7 ping between, frame by frame",
                  "5.8 ping between, octet by octet"},
                 {frames[0], pingFrame("between"), frames[1]}, {ponged("between"), whole});
    add("5.18 both fragments with the opcode of text",
        {.sends = {part(Text, "fragment1"), textFrame("fragment2")}, .closedWith = 1002});
}

void FragmentationTest::continuationOfNothing_data()
{
    addColumn();
    const QByteArray hello = textFrame("Hello, world!");
    addThreeWays({"5.9 continuation of nothing (final), text, one write",
                  "5.10 continuation of nothing (final), text, frame by frame",
                  "5.11 continuation of nothing (final), text, octet by octet"},
                 {last("nothing before"), hello}, {}, 1002);
    addThreeWays({"5.12 continuation of nothing (not final), text, one write",
                  "5.13 continuation of nothing (not final), text, frame by frame",
                  "5.14 continuation of nothing (not final), text, octet by octet"},
                 {part(Continuation, "nothing before"), hello}, {}, 1002);
    add("5.15 text in two fragments, continuation of nothing, text",
        {.sends = {part(Text, "fragment1"), last("fragment2"), part(Continuation, "fragment3"),
                   textFrame("fragment4")},
         .owed = {echoedText("fragment1fragment2")},
         .closedWith = 1002});
    const QList<QByteArray> rest{part(Text, "fragment2"), last("fragment3"), part(Continuation, "fragment4"),
                                 part(Text, "fragment5"), last("fragment6")};
    add("5.16 continuation of nothing (not final), text in two fragments, again",
        {.sends = QList<QByteArray>{part(Continuation, "fragment1")} + rest, .closedWith = 1002});
    add("5.17 continuation of nothing (final), text in two fragments, again",
        {.sends = QList<QByteArray>{last("fragment1")} + rest, .closedWith = 1002});
}

void FragmentationTest::fiveFragmentsWithPings_data()
{
    QTest::addColumn<bool>("waitForPongs");
    QTest::newRow("5.19 five fragments, pings between, each awaited") << true;
    QTest::newRow("5.20 five fragments, pings between, all at once") << false;
}

void FragmentationTest::fiveFragmentsWithPings()
{
    QFETCH(const bool, waitForPongs);
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    QVERIFY(client.send(part(Text, "fragment1") + part(Continuation, "fragment2") + pingFrame("pongme 1!")));
    if (waitForPongs) // so the server has seen half a message, and answered in the middle of it
        PARLOR_EXPECT(client.expectPong("pongme 1!"));
    QVERIFY(client.send(part(Continuation, "fragment3") + part(Continuation, "fragment4") +
                        pingFrame("pongme 2!") + last("fragment5")));
    if (!waitForPongs)
        PARLOR_EXPECT(client.expectPong("pongme 1!"));
    PARLOR_EXPECT(client.expectPong("pongme 2!"));
    PARLOR_EXPECT(client.expectText("fragment1fragment2fragment3fragment4fragment5"));
    PARLOR_EXPECT(client.closeNormally());
}

PARLOR_TEST_WITHIN(QCoreApplication, FragmentationTest)
#include "tst_conformance_fragmentation.moc"
