// SPDX-License-Identifier: MIT
// What the examples of the contract do not show: mistakes, limits, escapes.
#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

class TestCodec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void refusedRequests_data();
    void refusedRequests();
    void ridSurvivesMistakes();
    void keysThatComeTwice();
    void keysThatComeTwiceInFrames();
    void depth_data();
    void depth();
    void v1Texts_data();
    void v1Texts();
    void refusedV1_data();
    void refusedV1();
    void escapes();
    void pagesOfEncodedEvents();
    void unknownFramesAreNoError();
    void whatANewerServerSaysInASync();
    void badEvents_data();
    void badEvents();
};

void TestCodec::refusedRequests_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("code");
    const auto bad = [](const char *name, const char *text) {
        QTest::newRow(name) << QByteArray(text) << QByteArray("bad_request");
    };
    bad("no JSON", "hello");
    bad("half JSON", R"({"type":"ping")");
    bad("trailing garbage", R"({"type":"ping","t":1} x)");
    bad("byte order mark", "\xEF\xBB\xBF{\"type\":\"ping\",\"t\":1}");
    bad("scalar", "123");
    bad("array", R"([{"type":"ping","t":1}])");
    bad("null", "null");
    bad("empty", "");
    bad("no type", "{}");
    bad("type is a number", R"({"type":1})");
    bad("type is null", R"({"type":null})");
    bad("room is missing", R"({"type":"join"})");
    bad("room is null", R"({"type":"join","room":null})");
    bad("room is a number", R"({"type":"join","room":1})");
    bad("since is a string", R"({"type":"join","room":"a","since":"x"})");
    bad("since without seq", R"({"type":"join","room":"a","since":{"epoch":"x"}})");
    bad("seq is negative", R"({"type":"join","room":"a","since":{"epoch":"x","seq":-1}})");
    bad("seq is a fraction", R"({"type":"join","room":"a","since":{"epoch":"x","seq":1.5}})");
    bad("optional field is null", R"({"type":"join","room":"a","history":null})");
    bad("content is an object", R"({"type":"message","room":"a","content":{},"cid":"c"})");
    bad("cid is missing", R"({"type":"message","room":"a","content":"x"})");
    bad("on is a string", R"({"type":"typing","room":"a","on":"yes"})");
    bad("before and after", R"({"type":"history","room":"a","before":1,"after":2})");
    bad("t is missing", R"({"type":"ping"})");
    bad("rid 0", R"({"type":"ping","t":1,"rid":0})");
    bad("rid too large", R"({"type":"ping","t":1,"rid":4294967296})");
    bad("rid is a string", R"({"type":"ping","t":1,"rid":"1"})");
    bad("number out of range", R"({"type":"ping","t":1e999})");
    QTest::newRow("unknown type") << QByteArray(R"({"type":"dance"})") << QByteArray("unknown_type");
    QTest::newRow("a server's type") << QByteArray(R"({"type":"ack"})") << QByteArray("unknown_type");
}

void TestCodec::refusedRequests()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, code);
    Decoder decoder(limits::kJsonDepth);
    const auto decoded = decoder.request(text.toStdString());
    const auto *error = std::get_if<RequestError>(&decoded);
    QVERIFY(error);
    QCOMPARE(toString(error->error.code), std::string_view(code.constData()));
    QVERIFY(!error->error.text.empty());
}

void TestCodec::ridSurvivesMistakes()
{
    Decoder decoder(limits::kJsonDepth);
    for (const char *text : {R"({"type":"dance","rid":7})", R"({"type":"join","rid":7})", R"({"rid":7})"}) {
        const auto decoded = decoder.request(text);
        QCOMPARE(std::get<RequestError>(decoded).rid, std::optional<std::uint32_t>(7));
    }
}

void TestCodec::keysThatComeTwice()
{
    Decoder decoder(limits::kJsonDepth);
    // v1: what Python's json, the tutorial server's, makes of it
    auto v1 =
        decoder.requestV1(R"({"type":"join","type":"message","content":"first","room":1,"content":"last"})");
    QCOMPARE(std::get<v1::Publish>(std::get<v1::Request>(v1)).content.text, std::string_view("last"));
    v1 = decoder.requestV1(R"({"room":null,"type":"join","room":"support"})");
    QCOMPARE(std::get<v1::Join>(std::get<v1::Request>(v1)).room, std::string_view("support"));
    v1 = decoder.requestV1(R"({"type":"join","room":"support","room":null})");
    QVERIFY(std::get<Error>(v1).code == ErrorCode::BadRequest);
    v1 = decoder.requestV1(R"({"type":"message","type":7})");
    QVERIFY(std::get<Error>(v1).code == ErrorCode::UnknownType);
    v1 = decoder.requestV1(R"({"type":"message","content":"text","content":{"a":1}})");
    QCOMPARE(std::get<v1::Publish>(std::get<v1::Request>(v1)).content.json, std::string_view(R"({"a":1})"));

    auto v2 = decoder.request(R"({"type":"ping","rid":1,"room":7,"\u0074ype":"join","rid":2,"room":"a",)"
                              R"("since":1,"since":{"epoch":"x","epoch":"y","seq":"","seq":3}})");
    const Request &request = std::get<Request>(v2);
    QCOMPARE(request.rid, std::optional<std::uint32_t>(2));
    const auto &join = std::get<request::Join>(request.body);
    QCOMPARE(join.room, std::string_view("a"));
    QVERIFY(join.since.has_value());
    QCOMPARE(join.since->epoch, std::string_view("y"));
    QCOMPARE(join.since->seq, std::uint64_t(3));
    v2 = decoder.request(R"({"type":"join","rid":1,"room":"a","room":1,"rid":3})");
    QCOMPARE(std::get<RequestError>(v2).rid, std::optional<std::uint32_t>(3));
}

void TestCodec::keysThatComeTwiceInFrames()
{
    Decoder decoder(0);
    auto frame = decoder.frame(R"({"type":"pong","type":"rooms","more":1,"more":false,)"
                               R"("rooms":[],"rooms":[{"name":1,"name":"a","count":1,"count":2,"seq":3}]})");
    QVERIFY(frame);
    const auto &rooms = std::get<frame::Rooms>(*frame);
    QCOMPARE(rooms.rooms.size(), std::size_t(1));
    QCOMPARE(rooms.rooms.front().name, std::string_view("a"));
    QCOMPARE(rooms.rooms.front().count, std::uint64_t(2));
    frame = decoder.frame(R"({"type":"typing","room":"a","id":"1","username":"x","on":true,"on":"no"})");
    QVERIFY(!frame);
}

void TestCodec::depth_data()
{
    QTest::addColumn<int>("nesting");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("8 levels") << 8 << true;
    QTest::newRow("9 levels") << 9 << false;
    QTest::newRow("5000 levels") << 5000 << false;
}

void TestCodec::depth()
{
    QFETCH(int, nesting);
    QFETCH(bool, accepted);
    const std::string value = std::string(static_cast<std::size_t>(nesting), '[') + "1" +
                              std::string(static_cast<std::size_t>(nesting), ']');
    Decoder decoder(limits::kJsonDepth);
    const std::string v2 = R"({"type":"ping","t":1,"x":)" + value + "}";
    QCOMPARE(std::holds_alternative<Request>(decoder.request(v2)), accepted);
    const std::string v1 = R"({"type":"message","content":)" + value + "}";
    QCOMPARE(std::holds_alternative<v1::Request>(decoder.requestV1(v1)), accepted);
}

void TestCodec::v1Texts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("words") << QByteArray("hello") << QByteArray("hello");
    QTest::newRow("number") << QByteArray("123") << QByteArray("123");
    QTest::newRow("literal") << QByteArray("true") << QByteArray("true");
    QTest::newRow("array") << QByteArray("[1]") << QByteArray("[1]");
    QTest::newRow("string") << QByteArray("\"x\"") << QByteArray("\"x\"");
    QTest::newRow("half an object") << QByteArray("{\"type\":") << QByteArray("{\"type\":");
    QTest::newRow("braces in prose") << QByteArray("{see above}") << QByteArray("{see above}");
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("a message without content") << QByteArray(R"({"type":"message"})") << QByteArray();
    QTest::newRow("an object as content")
        << QByteArray(R"({"type":"message","content":{ "a" : [ 1 , 2.5 ] }})")
        << QByteArray(R"({"a":[1,2.5]})");
    QTest::newRow("null as content") << QByteArray(R"({"type":"message","content":null})")
                                     << QByteArray("null");
}

void TestCodec::v1Texts()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, content);
    Decoder decoder(limits::kJsonDepth);
    const std::string bytes = text.toStdString();
    const auto decoded = decoder.requestV1(bytes);
    QVERIFY(std::holds_alternative<v1::Request>(decoded));
    const auto &publish = std::get<v1::Publish>(std::get<v1::Request>(decoded));
    QCOMPARE(QByteArray::fromStdString(std::string(publish.content.text)), content);
}

void TestCodec::refusedV1_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("code");
    QTest::newRow("unknown type") << QByteArray(R"({"type":"dance"})") << QByteArray("unknown_type");
    QTest::newRow("no type") << QByteArray("{}") << QByteArray("unknown_type");
    QTest::newRow("room is null") << QByteArray(R"({"type":"join","room":null})")
                                  << QByteArray("bad_request");
    QTest::newRow("room is a list") << QByteArray(R"({"type":"join","room":[]})")
                                    << QByteArray("bad_request");
}

void TestCodec::refusedV1()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, code);
    Decoder decoder(limits::kJsonDepth);
    const auto decoded = decoder.requestV1(text.toStdString());
    QVERIFY(std::holds_alternative<Error>(decoded));
    QCOMPARE(toString(std::get<Error>(decoded).code), std::string_view(code.constData()));
}

void TestCodec::escapes()
{
    using namespace std::string_literals;
    const std::string text = "\x01 \x1f \" \\ / \b\f\n\r\t \x7f \xC3\xA9 \0 end"s;
    std::string json;
    frame::Message message{};
    message.sender = "server";
    message.content.text = text;
    message.timestamp = "t";
    encode(json, frame::Any(message));
    QVERIFY(json.find("\\u0001") != std::string::npos);
    QVERIFY(json.find("\\u0000") != std::string::npos);
    Decoder decoder(0);
    const auto decoded = decoder.frame(json);
    QVERIFY(decoded);
    QCOMPARE(std::get<frame::Message>(*decoded).content.text, std::string_view(text));
}

void TestCodec::pagesOfEncodedEvents()
{
    const frame::Message event{"general", 1, "id", "", "s", "u", "n", {"hi"}, "t"};
    std::string one;
    encode(one, frame::Any(event));
    const std::vector<SharedBytes> events{SharedBytes(one), SharedBytes(one)};
    frame::Sync sync{"general", "e", 2, "id", true};
    std::string fromBytes;
    encode(fromBytes, sync, events);
    sync.events = {event, event};
    std::string fromStructs;
    encode(fromStructs, frame::Any(sync));
    QCOMPARE(fromBytes, fromStructs);
}

void TestCodec::unknownFramesAreNoError()
{
    Decoder decoder(0);
    const auto decoded = decoder.frame(R"({"type":"novelty","x":1})");
    QVERIFY(decoded);
    QCOMPARE(std::get<frame::Unknown>(*decoded).type, std::string_view("novelty"));
    QVERIFY(!decoder.frame("[]"));
    QVERIFY(!decoder.frame(R"({"type":"ack","rid":1})"));
}

void TestCodec::whatANewerServerSaysInASync()
{
    Decoder decoder(0);
    const auto decoded = decoder.frame(
        R"({"type":"sync","room":"a","epoch":"e","seq":8,"recovered":false,"reason":"novelty","events":[)"
        R"({"type":"novelty","room":"a","seq":7,"id":"id7","content":7},)"
        R"({"type":"message","room":"a","seq":8,"id":"id8","sender":"s","user":"u","username":"n",)"
        R"("content":"hi","timestamp":"t"}],"more":false})");
    QVERIFY2(decoded, decoded ? "" : decoded.error().text.c_str());
    const auto &sync = std::get<frame::Sync>(*decoded);
    QVERIFY(sync.id.empty()); // which an older one does not say
    QCOMPARE(sync.reason, std::optional(frame::SyncReason::Unknown));
    QCOMPARE(sync.events.size(), std::size_t{2});
    QCOMPARE(sync.events[0], frame::Event(frame::UnknownEvent{"a", 7, "id7"}));
    QCOMPARE(std::get<frame::Message>(sync.events[1]).content.text, std::string_view("hi"));
}

void TestCodec::badEvents_data()
{
    QTest::addColumn<QByteArray>("event");
    QTest::newRow("a message without content")
        << QByteArray(R"({"type":"message","room":"a","seq":1,"id":"i","sender":"s","user":"u",)"
                      R"("username":"n","timestamp":"t"})");
    QTest::newRow("no type") << QByteArray(R"({"room":"a","seq":1,"id":"i"})");
    QTest::newRow("unknown, and has no place") << QByteArray(R"({"type":"novelty","room":"a","id":"i"})");
    QTest::newRow("no object") << QByteArray("1");
}

void TestCodec::badEvents()
{
    QFETCH(QByteArray, event);
    Decoder decoder(0);
    const QByteArray page =
        R"({"type":"history","room":"a","epoch":"e","events":[)" + event + R"(],"more":false})";
    QVERIFY(!decoder.frame(page.toStdString()));
}

PARLOR_TEST(TestCodec)
#include "tst_codec.moc"
