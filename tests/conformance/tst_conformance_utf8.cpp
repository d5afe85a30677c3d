// SPDX-License-Identifier: MIT
#include "tests/conformance/conformancecase.h"
#include "tests/conformance/utf8sequences.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Group 6: text is UTF-8. Bad text is refused at its first bad octet, before its frame or message is whole.
class Utf8Test : public EchoTest
{
    Q_OBJECT
private Q_SLOTS:
    void emptyFragments_data();
    void emptyFragments() { playRow(); }
    void fragmented_data();
    void fragmented() { playRow(); }
    void failFast_data();
    void failFast();
    void sequences_data();
    void sequences() { playRow(); }
    void sequencesInOctets_data();
    void sequencesInOctets() { playRow(); }
    void badSequencesFailFast_data();
    void badSequencesFailFast();
};

namespace {

const QByteArray kText = "Hello-µ@ßöäüàá-UTF-8!!";
const QByteArray kGreek = QByteArray::fromHex("cebae1bdb9cf83cebcceb5");
const QByteArray kBeyond = QByteArray::fromHex("f4908080"); // U+110000; bad from its second octet on
const QByteArray kBadText = kGreek + QByteArray::fromHex("eda080") + "edited"; // a surrogate

/// The message, whole and not: bad text owes 1007, good text its echo.
Case textCase(const QList<QByteArray> &sends, const QByteArray &text, bool isValid)
{
    return isValid ? Case{.sends = sends, .owed = {echoedText(text)}}
                   : Case{.sends = sends, .closedWith = 1007};
}

} // namespace

void Utf8Test::emptyFragments_data()
{
    addColumn();
    add("6.1.1 text, empty", {.sends = {textFrame({})}, .owed = {echoedText({})}});
    const auto three = [](const QByteArray &middle) {
        return QList<QByteArray>{ClientFrame{.opcode = Text, .fin = false}.bytes(),
                                 ClientFrame{.opcode = Continuation, .payload = middle, .fin = false}.bytes(),
                                 ClientFrame{.opcode = Continuation}.bytes()};
    };
    add("6.1.2 three empty fragments", {.sends = three({}), .owed = {echoedText({})}});
    add("6.1.3 three fragments, text in the middle",
        {.sends = three("middle"), .owed = {echoedText("middle")}});
}

void Utf8Test::fragmented_data()
{
    addColumn();
    add("6.2.1 valid, whole", textCase({textFrame(kText)}, kText, true));
    const qsizetype cut = QByteArray("Hello-µ@ßöä").size();
    add("6.2.2 valid, cut between two characters",
        textCase(fragments(Text, kText, cut).first(2), kText, true));
    add("6.2.3 valid, one octet a fragment", textCase(fragments(Text, kText, 1), kText, true));
    add("6.2.4 valid Greek, one octet a fragment", textCase(fragments(Text, kGreek, 1), kGreek, true));
    add("6.3.1 invalid, whole", textCase({textFrame(kBadText)}, kBadText, false));
    add("6.3.2 invalid, one octet a fragment", textCase(fragments(Text, kBadText, 1), kBadText, false));
}

void Utf8Test::failFast_data()
{
    QTest::addColumn<qsizetype>("goodOctets");
    QTest::addColumn<qsizetype>("badOctets");
    QTest::addColumn<bool>("inOneFrame");
    QTest::newRow("6.4.1 second fragment is bad") << kGreek.size() << kBeyond.size() << false;
    QTest::newRow("6.4.2 second fragment is one bad octet") << kGreek.size() + 1 << qsizetype(1) << false;
    QTest::newRow("6.4.3 second chop of the frame is bad") << kGreek.size() << kBeyond.size() << true;
    QTest::newRow("6.4.4 second chop of the frame is one bad octet")
        << kGreek.size() + 1 << qsizetype(1) << true;
}

void Utf8Test::failFast()
{
    QFETCH(const qsizetype, goodOctets);
    QFETCH(const qsizetype, badOctets);
    QFETCH(const bool, inOneFrame);
    const QByteArray message = kGreek + kBeyond + "edited";
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    if (inOneFrame) {
        const QByteArray frame = textFrame(message);
        const qsizetype header = frame.size() - message.size();
        QVERIFY(client.send(frame.first(header + goodOctets)));
        QVERIFY(client.socket().isQuietFor(std::chrono::milliseconds(20)));
        QVERIFY(client.send(frame.sliced(header + goodOctets, badOctets)));
    } else {
        QVERIFY(client.send(
            ClientFrame{.opcode = Text, .payload = message.first(goodOctets), .fin = false}.bytes() +
            pingFrame("good")));
        PARLOR_EXPECT(client.expectPong("good"));
        QVERIFY(client.send(ClientFrame{
            .opcode = Continuation, .payload = message.sliced(goodOctets, badOctets), .fin = false}
                                .bytes()));
    }
    PARLOR_EXPECT(client.expectClose(1007));
    PARLOR_EXPECT(client.expectEof());
}

void Utf8Test::sequences_data()
{
    addColumn();
    for (const Utf8Sequence &sequence : utf8Sequences()) {
        add(sequence.name.constData(),
            textCase({textFrame(sequence.bytes)}, sequence.bytes, sequence.isValid));
    }
}

void Utf8Test::sequencesInOctets_data()
{
    addColumn();
    for (const Utf8Sequence &sequence : utf8Sequences()) {
        add(sequence.name.constData(),
            textCase(fragments(Text, sequence.bytes, 1), sequence.bytes, sequence.isValid));
    }
}

void Utf8Test::badSequencesFailFast_data()
{
    QTest::addColumn<QByteArray>("bytes");
    for (const Utf8Sequence &sequence : utf8Sequences())
        if (!sequence.isValid)
            QTest::newRow(sequence.name.constData()) << sequence.bytes;
}

void Utf8Test::badSequencesFailFast()
{
    QFETCH(const QByteArray, bytes);
    RawWebSocket client;
    PARLOR_EXPECT(client.open(port(), echoUpgrade()));
    // GIVEN a frame that never ends: the letter after it makes also a cut sequence bad
    QVERIFY(client.send(ClientFrame{.opcode = Text, .payload = bytes + 'x', .length = 100'000}.bytes()));
    PARLOR_EXPECT(client.expectClose(1007));
    PARLOR_EXPECT(client.expectEof());
}

PARLOR_TEST_WITHIN(QCoreApplication, Utf8Test)
#include "tst_conformance_utf8.moc"
