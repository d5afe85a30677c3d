// SPDX-License-Identifier: MIT
#include "tests/integration/v1/v1frames.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QRegularExpression>

using namespace parlor::test;

/// The dialect of the tutorial server, exchange by exchange, as its pages and scripts know it: which frames,
/// in which order, with which fields (docs/protocol.md section 2).
class V1Test : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void connects();
    void talks();
    void anyJsonValueAsContent_data();
    void anyJsonValueAsContent();
    void textThatIsNoObject_data();
    void textThatIsNoObject();
    void keysThatComeTwice();
    void unjoinedMessageJoinsGeneral();
    void refused_data();
    void refused();

private:
    [[nodiscard]] Problem openIn(RawChat &client, const QString &room)
    {
        return client.openAndJoin(m_server.port(), Dialect::V1, room);
    }

    ServerProcess m_server{{.program = QStringLiteral("parlor-server"),
                            .arguments = {QStringLiteral("--rate"), QStringLiteral("0")}}};
};

void V1Test::initTestCase()
{
    PARLOR_EXPECT(m_server.start());
}

void V1Test::cleanupTestCase()
{
    PARLOR_EXPECT(m_server.stop());
}

void V1Test::connects()
{
    RawChat client;
    PARLOR_EXPECT(client.open(m_server.port(), Dialect::V1));
    const QJsonObject frame = client.connection();
    QVERIFY2(frame.size() == 4, qPrintable(toText(frame)));
    QCOMPARE(frame.value(QLatin1String("status")).toString(), QStringLiteral("connected"));
    QVERIFY(!frame.value(QLatin1String("hostname")).toString().isEmpty());
    static const QRegularExpression ulid(QStringLiteral("^[0-7][0-9A-HJKMNP-TV-Z]{25}$"));
    QVERIFY2(ulid.match(client.clientId()).hasMatch(), qPrintable(client.clientId()));
    RawChat other;
    PARLOR_EXPECT(other.open(m_server.port(), Dialect::V1));
    QVERIFY(other.clientId() != client.clientId());
    PARLOR_EXPECT(client.webSocket().closeNormally()); // nothing else came: it is in no room
}

void V1Test::talks()
{
    const QString room = freshRoom();
    RawChat alice;
    RawChat bob;
    PARLOR_EXPECT(openIn(alice, room));
    PARLOR_EXPECT(openIn(bob, room));
    PARLOR_EXPECT(alice.expect(userJoined(bob)));
    for (const char *words : {"hi", "größe 你好 😀", "line\\nbreak \\\"quoted\\\" \\u0000"}) {
        const QByteArray frame = QByteArray(R"({"type":"message","content":")") + words + R"("})";
        const QJsonValue content = object(frame).value(QLatin1String("content"));
        QVERIFY(alice.sendText(frame));
        PARLOR_EXPECT(expectOwnMessage(alice, content));
        PARLOR_EXPECT(expectMessage(bob, alice.clientId(), content));
    }
    QVERIFY(bob.sendText(R"({"type":"message"})")); // content defaults to nothing said
    PARLOR_EXPECT(expectOwnMessage(bob, QString()));
    PARLOR_EXPECT(expectMessage(alice, bob.clientId(), QString()));
    PARLOR_EXPECT(alice.webSocket().closeNormally());
    PARLOR_EXPECT(bob.expect(userLeft(alice)));
    PARLOR_EXPECT(bob.webSocket().closeNormally());
}

void V1Test::anyJsonValueAsContent_data()
{
    QTest::addColumn<QByteArray>("json");
    for (const char *json : {"5", "-1.5e3", "true", "null", "[]", "[1,\"two\",null]", "{}",
                             R"({"a":{"b":[1]}})", "[[[[[[[[1]]]]]]]]", "\"\"", R"("\ud83d\ude00")"})
        QTest::newRow(json) << QByteArray(json);
}

void V1Test::anyJsonValueAsContent()
{
    QFETCH(const QByteArray, json);
    RawChat client;
    PARLOR_EXPECT(openIn(client, freshRoom()));
    const QByteArray frame = R"({"type":"message","content":)" + json + '}';
    QVERIFY(client.sendText(frame));
    PARLOR_EXPECT(expectOwnMessage(client, object(frame).value(QLatin1String("content"))));
    PARLOR_EXPECT(client.webSocket().closeNormally());
}

void V1Test::textThatIsNoObject_data()
{
    QTest::addColumn<QByteArray>("text");
    for (const char *text : {"hello", "123", "true", "null", "[1]", "\"quoted\"", "", " ", "größe",
                             "{\"type\":\"join\"", "{not json}", "[[[[[[[[[[[[1]]]]]]]]]]]]"})
        QTest::addRow("<%s>", text) << QByteArray(text);
}

void V1Test::textThatIsNoObject()
{
    QFETCH(const QByteArray, text);
    RawChat client;
    PARLOR_EXPECT(openIn(client, freshRoom()));
    QVERIFY(client.sendText(text));
    PARLOR_EXPECT(expectOwnMessage(client, QString::fromUtf8(text)));
    PARLOR_EXPECT(client.webSocket().closeNormally());
}

/// The last one counts, as it does for Python's json.
void V1Test::keysThatComeTwice()
{
    const QString first = freshRoom();
    const QString last = freshRoom();
    RawChat client;
    PARLOR_EXPECT(client.open(m_server.port(), Dialect::V1));
    QVERIFY(client.sendText(R"({"room":")" + first.toUtf8() + R"(","type":"message","room":")" +
                            last.toUtf8() + R"(","type":"join"})"));
    PARLOR_EXPECT(client.expect(userJoined(client)));
    PARLOR_EXPECT(expectRoomUsers(client, {&client}));
    RawChat witness;
    PARLOR_EXPECT(openIn(witness, last));
    PARLOR_EXPECT(client.expect(userJoined(witness)));
    QVERIFY(client.sendText(R"({"content":"first","type":7,"type":"message","content":{"a":1,"a":2}})"));
    PARLOR_EXPECT(expectOwnMessage(client, object(R"({"a":2})")));
    PARLOR_EXPECT(client.webSocket().closeNormally());
}

void V1Test::unjoinedMessageJoinsGeneral()
{
    RawChat inGeneral;
    PARLOR_EXPECT(openIn(inGeneral, QStringLiteral("general")));
    RawChat client;
    PARLOR_EXPECT(client.open(m_server.port(), Dialect::V1));
    QVERIFY(client.sendText("hello"));
    PARLOR_EXPECT(expectMessage(client, QStringLiteral("server"), QStringLiteral("hello")));
    PARLOR_EXPECT(client.expect(userJoined(client)));
    PARLOR_EXPECT(expectRoomUsers(client, {&inGeneral, &client}));
    PARLOR_EXPECT(expectMessage(client, client.clientId(), QStringLiteral("hello")));
    PARLOR_EXPECT(inGeneral.expect(userJoined(client)));
    PARLOR_EXPECT(expectMessage(inGeneral, client.clientId(), QStringLiteral("hello")));
    QVERIFY(client.sendText("again")); // now it is in the room
    PARLOR_EXPECT(expectOwnMessage(client, QStringLiteral("again")));
    PARLOR_EXPECT(expectMessage(inGeneral, client.clientId(), QStringLiteral("again")));
    PARLOR_EXPECT(client.webSocket().closeNormally());
    PARLOR_EXPECT(inGeneral.expect(userLeft(client)));
    PARLOR_EXPECT(inGeneral.webSocket().closeNormally());
}

void V1Test::refused_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<QString>("code");
    const auto row = [](const char *name, const QByteArray &frame, const char *code) {
        QTest::newRow(name) << frame << QString::fromLatin1(code);
    };
    row("unknown type", R"({"type":"nonsense"})", "unknown_type");
    row("a type of v2", R"({"type":"history","room":"general"})", "unknown_type");
    row("room: slash", R"({"type":"join","room":"../etc"})", "room_invalid");
    row("room: empty", R"({"type":"join","room":""})", "room_invalid");
    row("room: 65 characters", R"({"type":"join","room":")" + QByteArray(65, 'r') + R"("})", "room_invalid");
    row("room: null", R"({"type":"join","room":null})", "bad_request");
    row("room: number", R"({"type":"join","room":5})", "bad_request");
    row("type: number", R"({"type":5})", "unknown_type");
    row("content of depth 9", R"({"type":"message","content":[[[[[[[[[1]]]]]]]]]})", "bad_request");
    row("text that grows sixfold as JSON", QByteArray(30'000, '\x01'), "too_large");
}

void V1Test::refused()
{
    QFETCH(const QByteArray, frame);
    QFETCH(const QString, code);
    const QString room = freshRoom();
    RawChat alice;
    RawChat bob;
    PARLOR_EXPECT(openIn(alice, room));
    PARLOR_EXPECT(openIn(bob, room));
    PARLOR_EXPECT(alice.expect(userJoined(bob)));
    QVERIFY(bob.sendText(frame));
    PARLOR_EXPECT(bob.expectError(code));
    // It is where it was, and nobody else heard of it.
    QVERIFY(bob.sendText("still here"));
    PARLOR_EXPECT(expectOwnMessage(bob, QStringLiteral("still here")));
    PARLOR_EXPECT(expectMessage(alice, bob.clientId(), QStringLiteral("still here")));
    PARLOR_EXPECT(bob.webSocket().closeNormally());
    PARLOR_EXPECT(alice.expect(userLeft(bob)));
    PARLOR_EXPECT(alice.webSocket().closeNormally());
}

PARLOR_TEST_WITHIN(QCoreApplication, V1Test)
#include "tst_v1.moc"
