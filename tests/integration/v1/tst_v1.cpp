// SPDX-License-Identifier: MIT
#include "tests/integration/v1/v1frames.h"
#include "tests/support/serverprocess.h"

#include <QRegularExpression>

using namespace parlor::test;

/// The dialect of the tutorial server, exchange by exchange, as its pages and scripts know it: which frames, in which
/// order, with which fields (docs/protocol.md section 2).
class V1Test : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void connects();
    void joins();
    void joinWithoutRoom();
    void talks();
    void anyJsonValueAsContent_data();
    void anyJsonValueAsContent();
    void textThatIsNoObject_data();
    void textThatIsNoObject();
    void unjoinedMessageJoinsGeneral();
    void switchesRooms();
    void joinsTheSameRoomAgain();
    void refused_data();
    void refused();
    void disconnects_data();
    void disconnects();
    void seesV2ClientsAsItsOwn();
    void fixedRooms();

private:
    /// A room that no other test function uses.
    [[nodiscard]] static QString freshRoom();
    [[nodiscard]] Problem openIn(RawChat &client, const QString &room) { return client.openAndJoin(m_server.port(), Dialect::V1, room); }

    ServerProcess m_server{{.program = QStringLiteral("parlor-server"),
                            .arguments = {QStringLiteral("--rate"), QStringLiteral("0")}}};
};

QString V1Test::freshRoom()
{
    static int number = 0;
    return QStringLiteral("room-%1").arg(++number);
}

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

void V1Test::joins()
{
    const QString room = freshRoom();
    RawChat alice;
    PARLOR_EXPECT(alice.open(m_server.port(), Dialect::V1));
    QVERIFY(alice.send(joinFrame(room)));
    PARLOR_EXPECT(alice.expect(userJoined(alice)));
    PARLOR_EXPECT(expectRoomUsers(alice, {&alice}));
    RawChat bob;
    PARLOR_EXPECT(bob.open(m_server.port(), Dialect::V1));
    QVERIFY(bob.send(joinFrame(room.toUpper())));
    PARLOR_EXPECT(bob.expect(userJoined(bob)));
    PARLOR_EXPECT(expectRoomUsers(bob, {&alice, &bob}));
    PARLOR_EXPECT(alice.expect(userJoined(bob)));
    PARLOR_EXPECT(bob.webSocket().closeNormally());
    PARLOR_EXPECT(alice.expect(userLeft(bob)));
    PARLOR_EXPECT(alice.webSocket().closeNormally());
}

void V1Test::joinWithoutRoom()
{
    RawChat inGeneral;
    PARLOR_EXPECT(openIn(inGeneral, QStringLiteral("general")));
    RawChat client;
    PARLOR_EXPECT(client.open(m_server.port(), Dialect::V1));
    QVERIFY(client.sendText(R"({"type":"join"})"));
    PARLOR_EXPECT(client.expect(userJoined(client)));
    PARLOR_EXPECT(expectRoomUsers(client, {&inGeneral, &client}));
    PARLOR_EXPECT(inGeneral.expect(userJoined(client)));
    PARLOR_EXPECT(client.webSocket().closeNormally());
    PARLOR_EXPECT(inGeneral.expect(userLeft(client)));
    PARLOR_EXPECT(inGeneral.webSocket().closeNormally());
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
    for (const char *json : {"5", "-1.5e3", "true", "null", "[]", "[1,\"two\",null]", "{}", R"({"a":{"b":[1]}})",
                             "[[[[[[[[1]]]]]]]]", "\"\"", R"("\ud83d\ude00")"})
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
    for (const char *text : {"hello", "123", "true", "null", "[1]", "\"quoted\"", "", " ", "größe", "{\"type\":\"join\"",
                             "{not json}", "[[[[[[[[[[[[1]]]]]]]]]]]]"})
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

void V1Test::switchesRooms()
{
    const QString first = freshRoom();
    const QString second = freshRoom();
    RawChat stays;
    RawChat there;
    RawChat mover;
    PARLOR_EXPECT(openIn(stays, first));
    PARLOR_EXPECT(openIn(there, second));
    PARLOR_EXPECT(openIn(mover, first));
    PARLOR_EXPECT(stays.expect(userJoined(mover)));
    QVERIFY(mover.send(joinFrame(second)));
    PARLOR_EXPECT(mover.expect(userJoined(mover)));
    PARLOR_EXPECT(expectRoomUsers(mover, {&there, &mover}));
    PARLOR_EXPECT(stays.expect(userLeft(mover)));
    PARLOR_EXPECT(there.expect(userJoined(mover)));
    // It hears its new room only.
    QVERIFY(stays.sendText("for the first room"));
    PARLOR_EXPECT(expectOwnMessage(stays, QStringLiteral("for the first room")));
    QVERIFY(there.sendText("for the second room"));
    PARLOR_EXPECT(expectMessage(mover, there.clientId(), QStringLiteral("for the second room")));
    PARLOR_EXPECT(mover.webSocket().closeNormally());
    PARLOR_EXPECT(expectOwnMessage(there, QStringLiteral("for the second room")));
    PARLOR_EXPECT(there.expect(userLeft(mover)));
    PARLOR_EXPECT(there.webSocket().closeNormally());
    PARLOR_EXPECT(stays.webSocket().closeNormally());
}

void V1Test::joinsTheSameRoomAgain()
{
    const QString room = freshRoom();
    RawChat alice;
    RawChat bob;
    PARLOR_EXPECT(openIn(alice, room));
    PARLOR_EXPECT(openIn(bob, room));
    PARLOR_EXPECT(alice.expect(userJoined(bob)));
    QVERIFY(bob.send(joinFrame(room)));
    PARLOR_EXPECT(bob.expect(userJoined(bob)));
    PARLOR_EXPECT(expectRoomUsers(bob, {&alice, &bob}));
    PARLOR_EXPECT(alice.expect(userJoined(bob))); // and no user_left
    PARLOR_EXPECT(bob.webSocket().closeNormally());
    PARLOR_EXPECT(alice.expect(userLeft(bob)));
    PARLOR_EXPECT(alice.webSocket().closeNormally());
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

void V1Test::disconnects_data()
{
    QTest::addColumn<QByteArray>("last");
    QTest::addColumn<bool>("byReset");
    QTest::newRow("Close") << closeFrame(1000) << false;
    QTest::newRow("Close without a code") << closeFrame(kNoStatus) << false;
    QTest::newRow("end of TCP") << QByteArray() << false;
    QTest::newRow("reset of TCP") << QByteArray() << true;
    QTest::newRow("binary frame") << binaryFrame("x") << false;
    QTest::newRow("violation") << ClientFrame{.rsv = 1}.bytes() << false;
}

void V1Test::disconnects()
{
    QFETCH(const QByteArray, last);
    QFETCH(const bool, byReset);
    const QString room = freshRoom();
    RawChat alice;
    RawChat bob;
    PARLOR_EXPECT(openIn(alice, room));
    PARLOR_EXPECT(openIn(bob, room));
    PARLOR_EXPECT(alice.expect(userJoined(bob)));
    QVERIFY(bob.webSocket().send(last));
    if (byReset)
        bob.webSocket().socket().reset();
    else
        bob.webSocket().socket().finishSending();
    PARLOR_EXPECT(alice.expect(userLeft(bob)));
    QVERIFY(alice.send(joinFrame(room)));
    PARLOR_EXPECT(alice.expect(userJoined(alice)));
    PARLOR_EXPECT(expectRoomUsers(alice, {&alice})); // no ghost
    PARLOR_EXPECT(alice.webSocket().closeNormally());
}

void V1Test::seesV2ClientsAsItsOwn()
{
    const QString room = freshRoom();
    RawChat old;
    PARLOR_EXPECT(openIn(old, room));
    RawChat modern;
    PARLOR_EXPECT(modern.openAndJoin(m_server.port(), Dialect::V2, room));
    PARLOR_EXPECT(old.expect(userJoined(modern)));
    PARLOR_EXPECT(modern.chats(room, QStringLiteral("from v2")));
    PARLOR_EXPECT(expectMessage(old, modern.clientId(), QStringLiteral("from v2")));
    QVERIFY(old.sendText(R"({"type":"message","content":{"from":"v1"}})"));
    const QJsonObject content{{QStringLiteral("from"), QStringLiteral("v1")}};
    PARLOR_EXPECT(expectOwnMessage(old, content));
    const auto message = modern.nextOf(QStringLiteral("message"));
    QVERIFY2(message && message->value(QLatin1String("content")) == content, qPrintable(modern.why()));
    QVERIFY(modern.webSocket().send(closeFrame(1000)));
    PARLOR_EXPECT(modern.expectClose(1000));
    PARLOR_EXPECT(old.expect(userLeft(modern)));
    PARLOR_EXPECT(old.webSocket().closeNormally());
}

void V1Test::fixedRooms()
{
    ServerProcess server({.program = QStringLiteral("parlor-server"),
                          .arguments = {QStringLiteral("--rooms"), QStringLiteral("fixed")}});
    PARLOR_EXPECT(server.start());
    RawChat client;
    PARLOR_EXPECT(client.openAndJoin(server.port(), Dialect::V1, QStringLiteral("support")));
    QVERIFY(client.sendText(R"({"type":"join","room":"brand-new"})"));
    PARLOR_EXPECT(client.expectError(QStringLiteral("room_unknown")));
    QVERIFY(client.sendText("still in support"));
    PARLOR_EXPECT(expectOwnMessage(client, QStringLiteral("still in support")));
    PARLOR_EXPECT(client.webSocket().closeNormally());
    PARLOR_EXPECT(server.stop());
}

QTEST_GUILESS_MAIN(V1Test)
#include "tst_v1.moc"
