// SPDX-License-Identifier: MIT
// A client's opening handshake: the request's text, and which answers open a WebSocket, in any pieces.
#include "shared/websocket/handshake.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::websocket;
using Reason = Refusal::Reason;
using State = ClientHandshake::State;

Q_DECLARE_METATYPE(Reason)

namespace {

/// RFC 6455 §1.3's example: the key is dGhlIHNhbXBsZSBub25jZQ==.
constexpr ClientHandshake::Nonce kNonce{'t', 'h', 'e', ' ', 's', 'a', 'm', 'p',
                                        'l', 'e', ' ', 'n', 'o', 'n', 'c', 'e'};
const QByteArray kStatus = "HTTP/1.1 101 Switching Protocols\r\n";
const QByteArray kUpgrade = "Upgrade: websocket\r\n";
const QByteArray kConnection = "Connection: Upgrade\r\n";
const QByteArray kAccept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
const QByteArray kOpens = kStatus + kUpgrade + kConnection + kAccept;

std::vector<std::string> listed(const QByteArray &subprotocols)
{
    std::vector<std::string> list;
    for (const QByteArray &each : subprotocols.split(' ')) {
        if (!each.isEmpty())
            list.push_back(each.toStdString());
    }
    return list;
}

ClientHandshake handshake(const QByteArray &subprotocols = {})
{
    return {{"example.org:8000", "/ws?x=1", listed(subprotocols), {}}, kNonce};
}

std::string_view view(const QByteArray &bytes)
{
    return {bytes.data(), static_cast<std::size_t>(bytes.size())};
}

/// Feeds so many bytes at a time. Returns how many of all the head took.
std::size_t feed(ClientHandshake &target, std::string_view bytes, std::size_t piece)
{
    std::size_t used = 0;
    while (target.state() == State::Waiting && used < bytes.size())
        used += target.feed(bytes.substr(used, piece));
    return used;
}

} // namespace

class TestClientHandshake : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void request();
    void fieldsThatMayBeSent_data();
    void fieldsThatMayBeSent();
    void opens_data();
    void opens();
    void refuses_data();
    void refuses();
    void waits_data();
    void waits();
    void response();
    void largestHead();
    void mostFields();
};

void TestClientHandshake::request()
{
    QCOMPARE(QByteArray::fromStdString(handshake().request()),
             QByteArray("GET /ws?x=1 HTTP/1.1\r\nHost: example.org:8000\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    const ClientHandshake full({"h", "/", {"a", "b"}, {{"Cookie", "x=1; y=2"}, {"Origin", "http://h"}}},
                               kNonce);
    QVERIFY(
        QByteArray::fromStdString(full.request())
            .endsWith("\r\nSec-WebSocket-Protocol: a, b\r\nCookie: x=1; y=2\r\nOrigin: http://h\r\n\r\n"));
}

void TestClientHandshake::fieldsThatMayBeSent_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<bool>("valid");
    QTest::newRow("usual") << QByteArray("Cookie") << QByteArray("a=1; b=2") << true;
    QTest::newRow("no value") << QByteArray("X") << QByteArray() << true;
    QTest::newRow("odd name") << QByteArray("x!#$%&'*+-.^_`|~9") << QByteArray("v") << true;
    QTest::newRow("tab, and past ASCII") << QByteArray("X") << QByteArray("a\tb\xC3\xA9") << true;
    QTest::newRow("no name") << QByteArray() << QByteArray("v") << false;
    QTest::newRow("space in the name") << QByteArray("X Y") << QByteArray("v") << false;
    QTest::newRow("colon in the name") << QByteArray("X:") << QByteArray("v") << false;
    QTest::newRow("name past ASCII") << QByteArray("\xC3\xA9") << QByteArray("v") << false;
    QTest::newRow("another line") << QByteArray("X") << QByteArray("v\r\nY: w") << false;
    QTest::newRow("CR") << QByteArray("X") << QByteArray("v\rw") << false;
    QTest::newRow("NUL") << QByteArray("X") << QByteArray("v\0w", 3) << false;
    QTest::newRow("DEL") << QByteArray("X") << QByteArray("v\x7F") << false;
}

void TestClientHandshake::fieldsThatMayBeSent()
{
    QFETCH(const QByteArray, name);
    QFETCH(const QByteArray, value);
    QTEST(isValidField({name.toStdString(), value.toStdString()}), "valid");
}

void TestClientHandshake::opens_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QByteArray>("asked");
    QTest::addColumn<QByteArray>("chosen");
    const auto row = [](const char *name, const QByteArray &head, const QByteArray &asked = {},
                        const QByteArray &chosen = {}) {
        QTest::newRow(name) << head + "\r\n" << asked << chosen;
    };
    row("plain", kOpens);
    row("no reason", "HTTP/1.1 101\r\n" + kUpgrade + kConnection + kAccept);
    row("no reason, but its space", "HTTP/1.1 101 \r\n" + kUpgrade + kConnection + kAccept);
    row("reason past ASCII", "HTTP/1.1 101 \xC3\xA4 \t!\r\n" + kUpgrade + kConnection + kAccept);
    row("any case", kStatus + "UPGRADE:WebSocket\r\nconnection:uPGRADE\r\n" + kAccept.toUpper().left(21) +
                        kAccept.mid(21));
    row("space around values",
        kStatus + "Upgrade:\t websocket \t\r\nConnection:  Upgrade\t\r\n" + kAccept.trimmed() + "  \r\n");
    row("Connection is a list", kStatus + kUpgrade + "Connection: keep-alive, Upgrade\r\n" + kAccept);
    row("a list with empty elements", kStatus + kUpgrade + "Connection: ,, ,Upgrade ,\r\n" + kAccept);
    row("a list in two fields",
        kStatus + kUpgrade + "Connection: keep-alive\r\nConnection: Upgrade\r\n" + kAccept);
    row("folded values",
        kStatus + "Upgrade:\r\n websocket\r\nConnection: keep-alive,\r\n\t Upgrade\r\n" + kAccept);
    row("a folded empty line", kOpens + "X: a\r\n \t\r\n b\r\n");
    row("other fields", kOpens + "Server: x\r\nSet-Cookie: a=1\r\nEmpty:\r\nDate: \xFF\r\n");
    row("news before it",
        "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + kOpens);
    row("sub-protocol", kOpens + "Sec-WebSocket-Protocol: parlor.v2\r\n", "parlor.v2", "parlor.v2");
    row("the second sub-protocol", kOpens + "Sec-WebSocket-Protocol: b\r\n", "a b", "b");
}

void TestClientHandshake::opens()
{
    QFETCH(const QByteArray, head);
    QFETCH(const QByteArray, asked);
    QFETCH(const QByteArray, chosen);
    const QByteArray bytes = head + "\x81\x01\r\n\r\n"; // what follows is not the head's, whatever it is
    for (int piece = 1; piece <= bytes.size(); ++piece) {
        ClientHandshake target = handshake(asked);
        const std::size_t used = feed(target, view(bytes), static_cast<std::size_t>(piece));
        QVERIFY2(target.state() == State::Open, target.refusal().text.c_str());
        QCOMPARE(used, static_cast<std::size_t>(head.size()));
        QCOMPARE(QByteArray::fromStdString(target.subprotocol()), chosen);
    }
}

void TestClientHandshake::refuses_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("asked");
    QTest::addColumn<Reason>("reason");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char *name, const QByteArray &bytes, Reason reason, const char *text,
                        const QByteArray &asked = {}) {
        QTest::newRow(name) << bytes << asked << reason << QByteArray(text);
    };
    const auto field = [&row](const char *name, const QByteArray &line) {
        row(name, kOpens + line + "\r\n\r\n", Reason::Malformed, "no field");
    };
    const QByteArray end = "\r\n";

    row("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", Reason::NotHttp, "not HTTP/1.1");
    row("HTTP/2", "HTTP/2 101\r\n\r\n", Reason::NotHttp, "not HTTP/1.1");
    row("empty lines", "\r\n\r\n", Reason::NotHttp, "not HTTP/1.1");
    row("half a word", "HTT\r\n\r\n", Reason::NotHttp, "not HTTP/1.1");
    row("frames at once", "\x81\x05hello", Reason::NotHttp, "not HTTP/1.1");

    row("no status", "HTTP/1.1\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("no number", "HTTP/1.1 abc Fine\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("a short number", "HTTP/1.1 10\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("a long number", "HTTP/1.1 1010 x\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("a small number", "HTTP/1.1 042 Odd\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("two spaces", "HTTP/1.1  101 x\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("two digits of version", "HTTP/1.11 101 x\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("NUL in the reason", QByteArray("HTTP/1.1 101 a\0b\r\n\r\n", 20), Reason::Malformed,
        "without an HTTP status");
    row("CR in the reason", "HTTP/1.1 101 a\rb\r\n\r\n", Reason::Malformed, "without an HTTP status");
    row("bare line feeds", "HTTP/1.1 101 x\n" + kUpgrade + end, Reason::Malformed, "without CR");
    row("a bare line feed at last", kOpens + "\n", Reason::Malformed, "without CR");
    field("no colon", "nothing");
    field("no name", ": b");
    field("space before the colon", "Upgrade : websocket");
    field("space in the name", "Up grade: websocket");
    field("NUL in a value", QByteArray("X: a\0b", 6));
    field("CR in a value", "X: a\rb");
    field("DEL in a value", "X: \x7F");
    field("a control in a folded line", "X: a\r\n b\x01");
    row("a fold before any field", kStatus + " x\r\n" + kUpgrade + kConnection + kAccept + end,
        Reason::Malformed, "no field");
    row("malformed news", "HTTP/1.1 100 Continue\r\nx\r\n\r\n" + kOpens + end, Reason::Malformed, "no field");

    row("an endless line", "HTTP/1.1 200 OK\r\n" + QByteArray(20'000, 'x'), Reason::HeadTooLarge,
        "without an end");
    row("a large head with an end", kOpens + "X: " + QByteArray(20'000, 'x') + "\r\n\r\n",
        Reason::HeadTooLarge, "without an end");
    row("endless news", QByteArray("HTTP/1.1 100 Continue\r\n\r\n").repeated(1000), Reason::HeadTooLarge,
        "without an end");
    row("too many fields", kOpens + QByteArray("A: b\r\n").repeated(98) + end, Reason::TooManyFields,
        "more than 100 fields");

    row("200", "HTTP/1.1 200 OK\r\n\r\n<html>", Reason::Status, "HTTP 200 OK");
    row("403", "HTTP/1.1 403 Forbidden\r\n\r\n", Reason::Status, "HTTP 403 Forbidden");
    row("503 of HTTP/1.0", "HTTP/1.0 503 Service Unavailable\r\n\r\n", Reason::Status,
        "HTTP 503 Service Unavailable");
    row("no reason", "HTTP/1.1 404\r\n\r\n", Reason::Status, "HTTP 404");
    row("403 beside a line that is no field", "HTTP/1.1 403 Forbidden\r\nX Y: z\r\n\r\n", Reason::Status,
        "HTTP 403 Forbidden");
    row("HTTP/1.0", "HTTP/1.0 101 x\r\n" + kUpgrade + kConnection + kAccept + end, Reason::OldHttp,
        "HTTP/1.0");
    row("no Upgrade", kStatus + kConnection + kAccept + end, Reason::NoUpgrade, "without Upgrade");
    row("another Upgrade", kStatus + "Upgrade: h2c\r\n" + kConnection + kAccept + end, Reason::NoUpgrade,
        "without Upgrade");
    row("two Upgrades", kOpens + kUpgrade + end, Reason::NoUpgrade, "without Upgrade");
    row("no Connection", kStatus + kUpgrade + kAccept + end, Reason::NoConnectionUpgrade,
        "without Connection");
    row("another Connection", kStatus + kUpgrade + "Connection: keep-alive, Upgraded\r\n" + kAccept + end,
        Reason::NoConnectionUpgrade, "without Connection");
    row("no accept", kStatus + kUpgrade + kConnection + end, Reason::WrongAccept, "Sec-WebSocket-Accept");
    row("another key's accept",
        kStatus + kUpgrade + kConnection + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n\r\n",
        Reason::WrongAccept, "Sec-WebSocket-Accept");
    row("accept in another case",
        kStatus + kUpgrade + kConnection + "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        Reason::WrongAccept, "Sec-WebSocket-Accept");
    row("two accepts", kOpens + kAccept + end, Reason::WrongAccept, "Sec-WebSocket-Accept");
    row("extension", kOpens + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        Reason::UnaskedExtension, "extension");
    row("no sub-protocol", kOpens + end, Reason::NoSubprotocol, "does not speak parlor.v2", "parlor.v2");
    row("another sub-protocol", kOpens + "Sec-WebSocket-Protocol: x\r\n\r\n", Reason::UnaskedSubprotocol,
        "sub-protocol that was not offered", "parlor.v2");
    row("sub-protocol in another case", kOpens + "Sec-WebSocket-Protocol: PARLOR.v2\r\n\r\n",
        Reason::UnaskedSubprotocol, "sub-protocol that was not offered", "parlor.v2");
    row("two sub-protocols", kOpens + "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n\r\n",
        Reason::UnaskedSubprotocol, "sub-protocol that was not offered", "a b");
    row("a list of sub-protocols", kOpens + "Sec-WebSocket-Protocol: a, b\r\n\r\n",
        Reason::UnaskedSubprotocol, "sub-protocol that was not offered", "a b");
    row("unasked sub-protocol", kOpens + "Sec-WebSocket-Protocol: x\r\n\r\n", Reason::UnaskedSubprotocol,
        "sub-protocol that was not offered");
}

void TestClientHandshake::refuses()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const QByteArray, asked);
    QFETCH(const Reason, reason);
    QFETCH(const QByteArray, text);
    for (int piece = 1; piece <= bytes.size(); piece += bytes.size() > 1000 ? 997 : 1) {
        ClientHandshake target = handshake(asked);
        feed(target, view(bytes), static_cast<std::size_t>(piece));
        QVERIFY2(target.state() == State::Refused, qPrintable(QString::number(piece)));
        QCOMPARE(target.refusal().reason, reason);
        QVERIFY2(QByteArray::fromStdString(target.refusal().text).contains(text),
                 target.refusal().text.c_str());
    }
}

void TestClientHandshake::waits_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("half a word") << QByteArray("HTT");
    QTest::newRow("half a status") << QByteArray("HTTP/1.1 10");
    QTest::newRow("no empty line") << kOpens;
    QTest::newRow("half of its end") << kOpens + "\r";
    QTest::newRow("only news") << QByteArray("HTTP/1.1 100 Continue\r\n\r\n");
}

void TestClientHandshake::waits()
{
    QFETCH(const QByteArray, bytes);
    ClientHandshake target = handshake();
    QCOMPARE(target.feed(view(bytes)), static_cast<std::size_t>(bytes.size()));
    QCOMPARE(target.state(), State::Waiting);
}

/// Also of an answer that refuses: what it sets is the client's to keep.
void TestClientHandshake::response()
{
    ClientHandshake target = handshake();
    target.feed("HTTP/1.1 103 Early\r\nX: early\r\n\r\n"
                "HTTP/1.1 503 Service Unavailable\r\nSet-Cookie: a=1; Path=/\r\nX: \t spaced out \t\r\n"
                "set-cookie:b=2\r\nEmpty:\r\nFolded: one,\r\n  two\r\n\r\n");
    QCOMPARE(target.state(), State::Refused);
    const ResponseHead &head = target.response();
    QCOMPARE(head.status, 503);
    QCOMPARE(head.reason, std::string("Service Unavailable"));
    QCOMPARE(head.fields.size(), std::size_t(5));
    using Values = std::vector<std::string_view>;
    QCOMPARE(head.values("set-cookie"), (Values{"a=1; Path=/", "b=2"}));
    QCOMPARE(head.values("x"), (Values{"spaced out"}));
    QCOMPARE(head.values("empty"), (Values{""}));
    QCOMPARE(head.values("folded"), (Values{"one, two"}));
    QVERIFY(head.values("nothing").empty());
}

void TestClientHandshake::largestHead()
{
    const auto room =
        static_cast<qsizetype>(ResponseReader::kHeadBytes) - kOpens.size() - 7; // "X: ", 2 × CRLF
    for (const int more : {0, 1}) {
        const QByteArray bytes = kOpens + "X: " + QByteArray(room + more, 'x') + "\r\n\r\n";
        ClientHandshake target = handshake();
        feed(target, view(bytes), 4096);
        QCOMPARE(target.state(), more == 0 ? State::Open : State::Refused);
    }
}

void TestClientHandshake::mostFields()
{
    ClientHandshake target = handshake();
    target.feed(view(kOpens + QByteArray("A: b\r\n").repeated(97) + "\r\n"));
    QCOMPARE(target.state(), State::Open);
    QCOMPARE(target.response().fields.size(), ResponseReader::kFields);
}

PARLOR_TEST(TestClientHandshake)
#include "tst_clienthandshake.moc"
