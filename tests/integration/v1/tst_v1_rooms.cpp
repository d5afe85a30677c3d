// SPDX-License-Identifier: MIT
#include "tests/integration/v1/v1frames.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

using namespace parlor::test;

/// Who comes to a room, goes and is listed there, as v1 clients see it (docs/protocol.md section 2).
class V1RoomsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void joins();
    void joinWithoutRoom();
    void switchesRooms();
    void joinsTheSameRoomAgain();
    void disconnects_data();
    void disconnects();
    void seesV2ClientsAsItsOwn();
    void fixedRooms();

private:
    [[nodiscard]] Problem openIn(RawChat &client, const QString &room)
    {
        return client.openAndJoin(m_server.port(), Dialect::V1, room);
    }

    ServerProcess m_server{{.program = QStringLiteral("parlor-server")}};
};

void V1RoomsTest::initTestCase()
{
    PARLOR_EXPECT(m_server.start());
}

void V1RoomsTest::cleanupTestCase()
{
    PARLOR_EXPECT(m_server.stop());
}

void V1RoomsTest::joins()
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

void V1RoomsTest::joinWithoutRoom()
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

void V1RoomsTest::switchesRooms()
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

void V1RoomsTest::joinsTheSameRoomAgain()
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

void V1RoomsTest::disconnects_data()
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

void V1RoomsTest::disconnects()
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

void V1RoomsTest::seesV2ClientsAsItsOwn()
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

void V1RoomsTest::fixedRooms()
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

PARLOR_TEST_WITHIN(QCoreApplication, V1RoomsTest)
#include "tst_v1_rooms.moc"
