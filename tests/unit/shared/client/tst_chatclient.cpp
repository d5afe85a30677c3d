// SPDX-License-Identifier: MIT
#include "chatclienttest.h"
#include "tests/support/testclass.h"

#include <QElapsedTimer>

using namespace parlor;
using namespace Qt::StringLiterals;

/// How the client signs in, and joins its rooms, again and again.
class TestChatClient : public ChatClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void signsInWithNameAndToken();
    void refusedSignInStops();
    void busyServerIsAskedAgainToSignIn();
    void resumesTheSession();
    void newNameIsKeptForTheNextSignIn();
    void newNameWithoutConnectionIsTold();
    void badNameWithoutConnectionIsRefused();

    void rejoinsWithThePosition();
    void aListenerEndsTheConnection();
    void aListenerToFramesEndsTheConnection();
    void rejoinsEveryRoom();
    void refusedRoomIsNotWantedAnyMore();
    void busyServerIsAskedAgainToJoin();
    void refusalWithoutAWaitMakesNoLoop();
    void badRoomNameIsNotSent();
    void leftRoomIsNotRejoined();
    void whatIsOfTheMembershipBeforeIsNotNew();
};

// ---- the session

void TestChatClient::signsInWithNameAndToken()
{
    ScriptedServer server;
    m_client->connectToServer(server.url(),
                              {u"alice"_s, std::make_shared<GivenToken>(u"secret"_s), u"earlier"_s});
    QSignalSpy started(m_client.get(), &ChatClient::sessionStarted);
    const QJsonObject auth = server.expect(u"auth"_s);
    QCOMPARE(auth.value(u"username"_s), u"alice"_s);
    QCOMPARE(auth.value(u"token"_s), u"secret"_s);
    QCOMPARE(auth.value(u"resume"_s), u"earlier"_s);
    QVERIFY(started.isEmpty());
    server.answer(auth, {{u"type"_s, u"ack"_s},
                         {u"client_id"_s, u"c1"_s},
                         {u"user"_s, u"u1"_s},
                         {u"username"_s, u"Alice"_s},
                         {u"resumed"_s, false},
                         {u"resume"_s, u"r1"_s},
                         {u"resume_ttl_ms"_s, 5}});
    QTRY_COMPARE(started.size(), 1);
    QCOMPARE(m_client->session(), (SessionInfo{u"c1"_s, u"u1"_s, u"Alice"_s}));
}

void TestChatClient::refusedSignInStops()
{
    ScriptedServer server;
    m_client->connectToServer(server.url(), {u"alice"_s, {}, {}});
    server.answer(server.expect(u"auth"_s), errorFrame(u"auth_invalid"_s));
    QTRY_VERIFY(std::holds_alternative<state::Stopped>(m_client->state()));
    const CloseInfo why = std::get<state::Stopped>(m_client->state()).why;
    QVERIFY2(why.text.contains(u"text of auth_invalid"_s), qUtf8Printable(why.text));
    QTRY_COMPARE(server.closeCode(), std::optional<quint16>(1000));
}

void TestChatClient::busyServerIsAskedAgainToSignIn()
{
    ScriptedServer server;
    m_client->connectToServer(server.url(), {u"alice"_s, {}, {}});
    server.answer(server.expect(u"auth"_s), errorFrame(u"unavailable"_s, 1));
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
    QCOMPARE(server.connections(), 1);
}

void TestChatClient::resumesTheSession()
{
    ScriptedServer server;
    QSignalSpy tokens(m_client.get(), &ChatClient::resumeTokenChanged);
    connectTo(server);
    QCOMPARE(tokens.size(), 1);
    server.drop();
    const QJsonObject auth = server.expect(u"auth"_s);
    QCOMPARE(auth.value(u"resume"_s), u"token-of-me"_s);
    QCOMPARE(auth.value(u"username"_s), u"alice"_s);
}

void TestChatClient::newNameIsKeptForTheNextSignIn()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy renamed(m_client.get(), &ChatClient::nameChanged);
    m_client->changeName(u"bob"_s);
    const QJsonObject nick = server.expect(u"nick"_s);
    QCOMPARE(nick.value(u"username"_s), u"bob"_s);
    server.answer(nick, {{u"type"_s, u"ack"_s}, {u"username"_s, u"bob"_s}, {u"resume"_s, u"token2"_s}});
    QTRY_COMPARE(renamed.size(), 1);
    server.drop();
    const QJsonObject auth = server.expect(u"auth"_s);
    QCOMPARE(auth.value(u"username"_s), u"bob"_s);
    QCOMPARE(auth.value(u"resume"_s), u"token2"_s);
}

void TestChatClient::newNameWithoutConnectionIsTold()
{
    ScriptedServer server;
    connectTo(server);
    m_client->leaveServer();
    QSignalSpy renamed(m_client.get(), &ChatClient::nameChanged);
    m_client->changeName(u" bob "_s);
    QCOMPARE(renamed.size(), 1);
    QCOMPARE(renamed[0].at(0), u"bob"_s);
    QCOMPARE(m_client->session().username, u"bob"_s);
    m_client->reconnectNow();
    QCOMPARE(server.expect(u"auth"_s).value(u"username"_s), u"bob"_s);
}

void TestChatClient::badNameWithoutConnectionIsRefused()
{
    QSignalSpy renamed(m_client.get(), &ChatClient::nameChanged);
    QSignalSpy refused(m_client.get(), &ChatClient::requestRefused);
    m_client->changeName(QString(33, u'x'));
    QCOMPARE(refused.size(), 1);
    QCOMPARE(refused[0].at(1).value<Refusal>().code, u"name_invalid"_s);
    QVERIFY(renamed.isEmpty());
}

// ---- rooms

void TestChatClient::rejoinsWithThePosition()
{
    ScriptedServer server;
    m_client->rooms().join(u"General"_s, {std::nullopt, 20});
    connectTo(server);
    const QJsonObject first = server.expect(u"join"_s);
    QCOMPARE(first.value(u"room"_s), kGeneral);
    QCOMPARE(first.value(u"history"_s), 20);
    QVERIFY(!first.contains(u"since"_s));
    server.answer(first, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(7, {messageFrame(7, u"seven"_s)}, false));
    server.send(messageFrame(8, u"eight"_s));
    QTRY_COMPARE(texts(), (QStringList{u"seven"_s, u"eight"_s}));

    comeBack(server, true);
    const QJsonObject again = server.expect(u"join"_s);
    QCOMPARE(again.value(u"since"_s).toObject(),
             (QJsonObject{{u"epoch"_s, u"e1"_s}, {u"seq"_s, 8}, {u"id"_s, u"id8"_s}}));
    server.answer(again, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(10, {messageFrame(9, u"nine"_s), messageFrame(10, u"ten"_s)}, true));
    QTRY_COMPARE(texts(), (QStringList{u"seven"_s, u"eight"_s, u"nine"_s, u"ten"_s}));
    QCOMPARE(m_messages->last().at(1).value<MessageSource>(), MessageSource::Recovered);
    QVERIFY(m_missing->isEmpty());
}

/// What it could not take (a script whose output is closed) is not behind the position.
void TestChatClient::aListenerEndsTheConnection()
{
    ScriptedServer server;
    enter(server);
    connect(&m_client->rooms(), &RoomBook::messageReceived, this, [this](const ChatMessage &message) {
        if (message.seq == 2)
            m_client->leaveServer();
    });
    server.send(syncFrame(
        3, {messageFrame(1, u"one"_s), messageFrame(2, u"two"_s), messageFrame(3, u"three"_s)}, true));
    QTRY_VERIFY(std::holds_alternative<state::Disconnected>(m_client->state()));
    QCOMPARE(m_client->rooms().position(kGeneral)->seq, 1U);

    // and if there is a next time, nothing is shown twice, nor lost
    m_client->reconnectNow();
    QVERIFY(server.authenticate(true));
    const QJsonObject join = server.expect(u"join"_s);
    QCOMPARE(join[u"since"_s][u"seq"_s].toInt(), 1);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(
        4, {messageFrame(2, u"two"_s), messageFrame(3, u"three"_s), messageFrame(4, u"four"_s)}, true));
    QTRY_COMPARE(m_client->rooms().position(kGeneral)->seq, 4U);
    QCOMPARE(texts(), (QStringList{u"one"_s, u"two"_s, u"three"_s, u"four"_s}));
}

/// A frame that it could not take has no effect.
void TestChatClient::aListenerToFramesEndsTheConnection()
{
    ScriptedServer server;
    enter(server);
    connect(m_client.get(), &ChatClient::frameReceived, this, [this](const QByteArray &utf8) {
        if (utf8.contains("\"two\""))
            m_client->leaveServer();
    });
    server.send(syncFrame(1, {messageFrame(1, u"one"_s)}, true));
    server.send(messageFrame(2, u"two"_s));
    QTRY_VERIFY(std::holds_alternative<state::Disconnected>(m_client->state()));
    QCOMPARE(texts(), QStringList{u"one"_s});
    QCOMPARE(m_client->rooms().position(kGeneral)->seq, 1U);
}

void TestChatClient::rejoinsEveryRoom()
{
    ScriptedServer server;
    m_client->rooms().join(u"a"_s);
    connectTo(server);
    QVERIFY(server.join(u"a"_s));
    m_client->rooms().join(u"b"_s);
    QVERIFY(server.join(u"b"_s, 5));
    QTRY_COMPARE(m_client->rooms().phase(u"b"_s), RoomPhase::Ready);
    comeBack(server, false, u"other"_s);
    QCOMPARE(m_client->rooms().phase(u"a"_s), RoomPhase::Joining);
    QVERIFY(server.join(u"a"_s));
    QVERIFY(server.join(u"b"_s, 5));
    QTRY_COMPARE(m_client->rooms().phase(u"b"_s), RoomPhase::Ready);
}

void TestChatClient::refusedRoomIsNotWantedAnyMore()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy refused(&m_client->rooms(), &RoomBook::roomRefused);
    m_client->rooms().join(u"secret"_s);
    server.answer(server.expect(u"join"_s), errorFrame(u"forbidden"_s));
    QTRY_COMPARE(refused.size(), 1);
    QCOMPARE(refused[0].at(1).value<Refusal>().text, u"text of forbidden"_s);
    QCOMPARE(m_client->rooms().phase(u"secret"_s), RoomPhase::NotJoined);
}

void TestChatClient::busyServerIsAskedAgainToJoin()
{
    ScriptedServer server;
    connectTo(server);
    m_client->rooms().join(kGeneral);
    server.answer(server.expect(u"join"_s), errorFrame(u"rate_limited"_s, 1));
    QVERIFY(server.join(kGeneral));
    QTRY_COMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
}

void TestChatClient::refusalWithoutAWaitMakesNoLoop()
{
    m_options.random = [] { return 0.0; };
    makeClient();
    ScriptedServer server;
    connectTo(server);
    QJsonObject atOnce = errorFrame(u"rate_limited"_s);
    atOnce.insert(u"retry_ms"_s, 0);
    QElapsedTimer waited;
    waited.start();
    m_client->rooms().join(kGeneral);
    for (int i = 0; i < 3; ++i)
        server.answer(server.expect(u"join"_s), atOnce);
    QVERIFY(server.join(kGeneral));
    QVERIFY2(waited.elapsed() >= 330, "50, 100 and 200 ms, of which timers may take off 5 %");

    m_client->outgoing().send(kGeneral, u"one"_s);
    waited.start();
    for (int i = 0; i < 3; ++i)
        server.answer(server.expect(u"message"_s), atOnce);
    server.acknowledge(server.expect(u"message"_s), 1);
    QVERIFY(waited.elapsed() >= 330);
    QTRY_COMPARE(m_acknowledged->size(), 1);
}

void TestChatClient::badRoomNameIsNotSent()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy refused(&m_client->rooms(), &RoomBook::roomRefused);
    m_client->rooms().join(u"no spaces"_s);
    QCOMPARE(refused.size(), 1);
    QVERIFY(m_client->rooms().rooms().isEmpty());
}

void TestChatClient::leftRoomIsNotRejoined()
{
    ScriptedServer server;
    enter(server);
    QSignalSpy left(&m_client->rooms(), &RoomBook::roomLeft);
    m_client->rooms().leave(kGeneral);
    QCOMPARE(left.size(), 1);
    QCOMPARE(server.expect(u"leave"_s).value(u"room"_s), kGeneral);
    server.send(messageFrame(1, u"late"_s));
    comeBack(server, true);
    m_client->rooms().join(u"b"_s);
    QVERIFY2(server.join(u"b"_s), "no other join came before");
    QVERIFY(m_messages->isEmpty());
}

/// Left and joined again within the way to the server and back.
void TestChatClient::whatIsOfTheMembershipBeforeIsNotNew()
{
    ScriptedServer server;
    enter(server);
    m_client->rooms().leave(kGeneral);
    m_client->rooms().join(kGeneral);
    QVERIFY(!server.expect(u"leave"_s).isEmpty());
    const QJsonObject join = server.expect(u"join"_s);
    server.send(messageFrame(1, u"one"_s));
    server.send(syncFrame(2, {messageFrame(2, u"two"_s)}, true));
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(9, {messageFrame(9, u"nine"_s)}, false));
    QTRY_COMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
    QCOMPARE(texts(), QStringList{u"nine"_s});
}

PARLOR_TEST_WITHIN(QCoreApplication, TestChatClient)
#include "tst_chatclient.moc"
