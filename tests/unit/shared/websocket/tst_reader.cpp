// SPDX-License-Identifier: MIT
// The reader by itself; tests/conformance has all of RFC 6455 over sockets.
#include "shared/websocket/reader.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::websocket;

namespace {

constexpr MaskKey kKey{0xA1, 0xB2, 0xC3, 0xD4};

/// Writes down what it hears: one line an event.
struct Transcript final : ReaderSink
{
    std::string log;
    Flow answer = Flow::Continue;
    Flow say(const char *what, std::string_view data)
    {
        log.append(what).append(" ").append(data).append("\n");
        return answer;
    }
    Flow onText(std::string_view message) override { return say("text", message); }
    Flow onBinary(std::string_view message) override { return say("binary", message); }
    Flow onPing(std::string_view payload) override { return say("ping", payload); }
    Flow onPong(std::string_view payload) override { return say("pong", payload); }
    void onClose(std::optional<std::uint16_t> code, std::string_view reason) override
    {
        say("close", std::to_string(code.value_or(0)) + " " + std::string(reason));
    }
};

std::string clientFrame(int first, std::string_view payload)
{
    std::string out;
    appendMaskedFrame(out, static_cast<Opcode>(first & 0x0F), payload, kKey);
    out[0] = static_cast<char>(first);
    return out;
}

std::size_t feed(Reader &reader, Transcript &sink, std::string bytes)
{
    return reader.feed(bytes, sink);
}

std::string conversation()
{
    return clientFrame(0x81, "hello") + clientFrame(0x01, "fr\xC3") + clientFrame(0x89, "p1") +
           clientFrame(0x00, "\xA9") + clientFrame(0x80, "nd") + clientFrame(0x82, std::string(300, 'b')) +
           clientFrame(0x8A, "") + clientFrame(0x81, "") +
           clientFrame(0x88, std::string("\x03\xE8"
                                         "bye",
                                         5));
}

const std::string kConversationLog = "text hello\nping p1\ntext fr\xC3\xA9nd\nbinary " +
                                     std::string(300, 'b') + "\npong \ntext \nclose 1000 bye\n";

} // namespace

class TestReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anySplit();
    void octetByOctet();
    void stopsWhenAskedTo();
    void violations_data();
    void violations();
    void limits();
    void knowsWhenItIsMidMessage();
    void readsServerFrames();
};

void TestReader::anySplit()
{
    const std::string bytes = conversation();
    const ReaderLimits limits;
    for (std::size_t i = 0; i <= bytes.size(); ++i) {
        Reader reader(Role::Server, limits);
        Transcript sink;
        feed(reader, sink, bytes.substr(0, i));
        feed(reader, sink, bytes.substr(i));
        QCOMPARE(sink.log, kConversationLog);
        QVERIFY(!reader.violation());
    }
}

void TestReader::octetByOctet()
{
    const ReaderLimits limits;
    Reader reader(Role::Server, limits);
    Transcript sink;
    for (char c : conversation())
        feed(reader, sink, std::string(1, c));
    QCOMPARE(sink.log, kConversationLog);
}

void TestReader::stopsWhenAskedTo()
{
    const ReaderLimits limits;
    Reader reader(Role::Server, limits);
    Transcript sink;
    sink.answer = Flow::Stop;
    std::string bytes = clientFrame(0x81, "one") + clientFrame(0x81, "two");
    const std::size_t used = reader.feed(bytes, sink);
    QCOMPARE(used, bytes.size() / 2);
    QCOMPARE(sink.log, std::string("text one\n"));
    bytes.erase(0, used);
    reader.feed(bytes, sink);
    QCOMPARE(sink.log, std::string("text one\ntext two\n"));
}

void TestReader::violations_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const std::string &bytes, int code) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes) << code;
    };
    row("reserved bit", clientFrame(0xC1, "x"), 1002);
    row("reserved opcode", clientFrame(0x83, "x"), 1002);
    row("reserved control opcode", clientFrame(0x8B, "x"), 1002);
    row("fragmented ping", clientFrame(0x09, "x"), 1002);
    row("long ping", clientFrame(0x89, std::string(126, 'x')), 1002);
    row("unmasked", std::string("\x81\x01x", 3), 1002);
    row("continuation of nothing", clientFrame(0x80, "x"), 1002);
    row("message in a message", clientFrame(0x01, "x") + clientFrame(0x81, "y"), 1002);
    row("length in too many octets", std::string("\x81\xFE\x00\x01", 4) + "kkkkx", 1002);
    row("eight octets for few", std::string("\x81\xFF\x00\x00\x00\x00\x00\x00\x01\x00", 10) + "kkkk", 1002);
    row("top bit of the length", std::string("\x82\xFF\x80\x00\x00\x00\x00\x00\x00\x00", 10) + "kkkk", 1002);
    row("bad UTF-8", clientFrame(0x81, "\xFF"), 1007);
    row("bad UTF-8 in an unfinished frame", clientFrame(0x81, "\xFFxxxxxxxx").substr(0, 7), 1007);
    row("text that ends inside a code point", clientFrame(0x81, "\xC3"), 1007);
    row("half a close code", clientFrame(0x88, "x"), 1002);
    row("close code 1005", clientFrame(0x88, "\x03\xED"), 1002);
    row("close code 5000", clientFrame(0x88, "\x13\x88"), 1002);
    row("bad UTF-8 in a reason", clientFrame(0x88, "\x03\xE8\xFF"), 1007);
}

void TestReader::violations()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    const ReaderLimits limits;
    Reader reader(Role::Server, limits);
    Transcript sink;
    feed(reader, sink, bytes.toStdString());
    QVERIFY(reader.violation());
    QCOMPARE(int(reader.violation()->closeCode), code);
    QCOMPARE(sink.log, std::string());
}

void TestReader::limits()
{
    const ReaderLimits limits{10, 3};
    const auto outcome = [&limits](const std::string &bytes) {
        Reader reader(Role::Server, limits);
        Transcript sink;
        feed(reader, sink, bytes);
        return reader.violation() ? int(reader.violation()->closeCode) : 0;
    };
    QCOMPARE(outcome(clientFrame(0x81, "0123456789")), 0);
    QCOMPARE(outcome(clientFrame(0x81, "0123456789x").substr(0, 6)), 1009); // before any payload is there
    QCOMPARE(outcome(clientFrame(0x01, "012345") + clientFrame(0x80, "6789x")), 1009);
    QCOMPARE(outcome(clientFrame(0x01, "") + clientFrame(0x00, "") + clientFrame(0x80, "")), 0);
    QCOMPARE(outcome(clientFrame(0x01, "") + clientFrame(0x00, "") + clientFrame(0x00, "") +
                     clientFrame(0x80, "")),
             1002);
}

void TestReader::knowsWhenItIsMidMessage()
{
    const ReaderLimits limits;
    Reader reader(Role::Server, limits);
    Transcript sink;
    QVERIFY(!reader.isMidMessage());
    feed(reader, sink, clientFrame(0x81, "x").substr(0, 1));
    QVERIFY(reader.isMidMessage());
    feed(reader, sink, clientFrame(0x81, "x").substr(1));
    QVERIFY(!reader.isMidMessage());
    const std::uint32_t before = reader.completed();
    feed(reader, sink, clientFrame(0x01, "x"));
    feed(reader, sink, clientFrame(0x89, "a ping does not finish the message"));
    QVERIFY(reader.isMidMessage());
    QCOMPARE(reader.completed(), before);
}

void TestReader::readsServerFrames()
{
    const ReaderLimits limits;
    std::string bytes;
    appendFrame(bytes, Opcode::Text, "hello");
    appendClose(bytes, 4200, "bye");
    Reader reader(Role::Client, limits);
    Transcript sink;
    feed(reader, sink, bytes);
    QCOMPARE(sink.log, std::string("text hello\nclose 4200 bye\n"));
    Reader strict(Role::Client, limits);
    feed(strict, sink, clientFrame(0x81, "masked"));
    QVERIFY(strict.violation());
}

PARLOR_TEST(TestReader)
#include "tst_reader.moc"
