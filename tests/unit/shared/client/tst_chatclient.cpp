// SPDX-License-Identifier: MIT
#include "scriptedserver.h"
#include "shared/client/chatclient.h"
#include "shared/client/memoryoutbox.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kGeneral = u"general"_s;

QJsonObject errorFrame(const QString &code, int retryMs = 0)
{
    QJsonObject frame{{u"type"_s, u"error"_s},
                      {u"code"_s, code},
                      {u"message"_s, QString(u"text of "_s + code)},
                      {u"retryable"_s, retryMs > 0}};
    if (retryMs > 0)
        frame.insert(u"retry_ms"_s, retryMs);
    return frame;
}

} // namespace

/// The client rules of docs/protocol.md section 6, as transcripts against a server that the test plays.
class TestChatClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void signsInWithNameAndToken();
    void refusedSignInStops();
    void busyServerIsAskedAgainToSignIn();
    void resumesTheSession();
    void newNameIsKeptForTheNextSignIn();
    void newNameWithoutConnectionIsTold();
    void badNameWithoutConnectionIsRefused();

    void rejoinsWithThePosition();
    void aListenerEndsTheConnection();
    void rejoinsEveryRoom();
    void refusedRoomIsNotWantedAnyMore();
    void busyServerIsAskedAgainToJoin();
    void refusalWithoutAWaitMakesNoLoop();
    void badRoomNameIsNotSent();
    void leftRoomIsNotRejoined();

    void sendsOneMessageAtATime();
    void waitsForTheRoomBeforeSending();
    void resendsInOrderWithTheSameCid();
    void resendsOnlyAfterTheSync();
    void acknowledgementThatGotLost();
    void newSessionLeavesItToThePerson();
    void sessionResumedAfterAnotherOneIsNoExcuse();
    void leftRoomLeavesItToThePerson();
    void tooOldLeavesItToThePerson_data();
    void tooOldLeavesItToThePerson();
    void refusedForNow_data();
    void refusedForNow();
    void inFlightDoesNotFollowToAnotherServer();
    void neverSentGoesOutInANewSession();
    void busyServerIsAskedAgainToPublish_data();
    void busyServerIsAskedAgainToPublish();
    void saysOnceThatNothingIsTaken();
    void refusedMessageFailsAndTheNextGoes();
    void messageToAForeignRoomFails();
    void messageLongerThanAFrameFails();
    void keepsToTheAnnouncedRate();

    void showsEachMessageOnce();
    void fillsAHoleFromTheHistory();
    void busyServerIsAskedAgainForHistory();
    void pagesOfASync();
    void saysThatMessagesMayBeMissing();
    void unaskedSyncMovesThePosition();
    void positionFollowsTheMessage();
    void leavingFromASlotIsSafe();

    void membersFollowPresence();
    void membersOfACrowdAreAskedForAgain();
    void questionsWaitForTheirTurn();
    void membersPastTheCapAreNotTold();
    void typingExpires();
    void typingIsToldSparingly();
    void questionsAreAnswered();
    void questionsWithoutConnectionAreRefused();
    void questionsThatTheConnectionTakesAlongAreRefused();
    void questionsKeepToTheAnnouncedRate();
    void rawFrameGoesAsItIs();

private:
    void makeClient();
    void connectTo(ScriptedServer &server);
    /// Ready, and in general at seq 0.
    void enter(ScriptedServer &server);
    /// The server drops us; we are back and authenticated.
    void comeBack(ScriptedServer &server, bool resumed, const QString &clientId = u"me"_s);
    [[nodiscard]] QStringList texts() const;
    [[nodiscard]] std::optional<OutboxState> stateOf(const QString &cid) const;

    std::chrono::milliseconds m_wall{1'700'000'000'000};
    ClientOptions m_options;
    std::unique_ptr<MemoryOutbox> m_outbox;
    std::unique_ptr<ChatClient> m_client;
    std::unique_ptr<QSignalSpy> m_messages;
    std::unique_ptr<QSignalSpy> m_acknowledged;
    std::unique_ptr<QSignalSpy> m_missing;
};

void TestChatClient::init()
{
    m_options = ClientOptions{};
    m_options.backoff = {1ms, 1ms};
    m_options.clock.wall = [this] { return m_wall; };
    makeClient();
}

void TestChatClient::makeClient()
{
    m_messages.reset();
    m_acknowledged.reset();
    m_missing.reset();
    m_client.reset();
    m_outbox = std::make_unique<MemoryOutbox>();
    m_client = std::make_unique<ChatClient>(m_options, *m_outbox);
    m_messages = std::make_unique<QSignalSpy>(&m_client->rooms(), &RoomBook::messageReceived);
    m_missing = std::make_unique<QSignalSpy>(&m_client->rooms(), &RoomBook::messagesMissing);
    m_acknowledged = std::make_unique<QSignalSpy>(&m_client->outgoing(), &OutboxSender::messageAcknowledged);
}

void TestChatClient::connectTo(ScriptedServer &server)
{
    m_client->connectToServer(server.url(), {u"alice"_s, {}, {}});
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
}

void TestChatClient::enter(ScriptedServer &server)
{
    m_client->rooms().join(kGeneral);
    connectTo(server);
    for (const QString &room : m_client->rooms().rooms())
        QVERIFY(server.join(room));
    QTRY_COMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
}

void TestChatClient::comeBack(ScriptedServer &server, bool resumed, const QString &clientId)
{
    const int before = server.connections();
    server.drop();
    QTRY_COMPARE(server.connections(), before + 1);
    QVERIFY(server.authenticate(resumed, clientId));
}

QStringList TestChatClient::texts() const
{
    QStringList texts;
    for (const auto &each : *m_messages)
        texts.append(each.at(0).value<ChatMessage>().text);
    return texts;
}

std::optional<OutboxState> TestChatClient::stateOf(const QString &cid) const
{
    const auto entry = m_outbox->find(cid);
    return entry ? std::optional(entry->state) : std::nullopt;
}

// ---- the session

void TestChatClient::signsInWithNameAndToken()
{
    ScriptedServer server;
    m_client->connectToServer(server.url(), {u"alice"_s, u"secret"_s, u"earlier"_s});
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
    QCOMPARE(m_client->session(), (SessionInfo{u"c1"_s, u"u1"_s, u"Alice"_s, false}));
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
    QCOMPARE(again.value(u"since"_s).toObject(), (QJsonObject{{u"epoch"_s, u"e1"_s}, {u"seq"_s, 8}}));
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

// ---- the outbox

void TestChatClient::sendsOneMessageAtATime()
{
    ScriptedServer server;
    enter(server);
    const QString first = m_client->outgoing().send(kGeneral, u"one"_s);
    const QString second = m_client->outgoing().send(kGeneral, u"two"_s);
    const QJsonObject one = server.expect(u"message"_s);
    QCOMPARE(one.value(u"content"_s), u"one"_s);
    QCOMPARE(one.value(u"cid"_s), first);
    // A round trip later the second has still not come.
    m_client->ping();
    const int pings = server.pings();
    QTRY_VERIFY(server.pings() > pings);
    QVERIFY(!server.hasFrame());
    server.acknowledge(one, 1);
    const QJsonObject two = server.expect(u"message"_s);
    QCOMPARE(two.value(u"cid"_s), second);
    server.acknowledge(two, 2);
    QTRY_COMPARE(m_acknowledged->size(), 2);
    const auto receipt = m_acknowledged->at(1).at(0).value<PublishReceipt>();
    QCOMPARE(receipt.seq, 2U);
    QVERIFY(receipt.durable);
    QVERIFY(m_outbox->entries().isEmpty());
    QVERIFY(m_client->outgoing().isIdle());
}

void TestChatClient::waitsForTheRoomBeforeSending()
{
    ScriptedServer server;
    m_client->rooms().join(kGeneral);
    const QString cid = m_client->outgoing().send(kGeneral, u"early"_s);
    connectTo(server);
    const QJsonObject join = server.expect(u"join"_s);
    m_client->outgoing().send(kGeneral, u"still early"_s);
    m_client->ping();
    const int pings = server.pings();
    QTRY_VERIFY(server.pings() > pings);
    QVERIFY(!server.hasFrame());
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(0, {}, false));
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), cid);
}

void TestChatClient::resendsInOrderWithTheSameCid()
{
    ScriptedServer server;
    enter(server);
    QStringList cids;
    for (const auto &text : {u"one"_s, u"two"_s, u"three"_s})
        cids.append(m_client->outgoing().send(kGeneral, text));
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), cids[0]);
    comeBack(server, true);
    QCOMPARE(stateOf(cids[0]), OutboxState::Unconfirmed);
    QVERIFY(server.join(kGeneral));
    for (const QString &cid : cids) {
        const QJsonObject message = server.expect(u"message"_s);
        QCOMPARE(message.value(u"cid"_s), cid);
        QVERIFY(!server.hasFrame());
        server.acknowledge(message, 1);
    }
    QTRY_COMPARE(m_acknowledged->size(), 3);
}

void TestChatClient::resendsOnlyAfterTheSync()
{
    ScriptedServer server;
    enter(server);
    m_client->outgoing().send(kGeneral, u"one"_s);
    (void)server.expect(u"message"_s);
    comeBack(server, true);
    const QJsonObject join = server.expect(u"join"_s);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(2, {messageFrame(1, u"a"_s)}, true, {}, true));
    QTRY_COMPARE(texts(), QStringList{u"a"_s});
    QVERIFY(!server.hasFrame());
    server.send(syncFrame(2, {messageFrame(2, u"b"_s)}, true));
    QVERIFY(!server.expect(u"message"_s).isEmpty());
}

void TestChatClient::acknowledgementThatGotLost()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    const QString next = m_client->outgoing().send(kGeneral, u"two"_s);
    (void)server.expect(u"message"_s);
    comeBack(server, false, u"someone-new"_s);
    const QJsonObject join = server.expect(u"join"_s);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(1, {messageFrame(1, u"one"_s, cid)}, true));
    QTRY_COMPARE(m_acknowledged->size(), 1);
    QCOMPARE(m_acknowledged->at(0).at(0).value<PublishReceipt>().seq, 1U);
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), next);
}

void TestChatClient::newSessionLeavesItToThePerson()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    const QString dropped = m_client->outgoing().send(kGeneral, u"two"_s);
    const QJsonObject one = server.expect(u"message"_s);
    server.acknowledge(one, 1);
    (void)server.expect(u"message"_s);
    const QString third = m_client->outgoing().send(kGeneral, u"three"_s);
    comeBack(server, false, u"someone-new"_s);
    QVERIFY(server.join(kGeneral, 1));
    // Only what was never sent goes by itself.
    const QJsonObject message = server.expect(u"message"_s);
    QCOMPARE(message.value(u"cid"_s), third);
    server.acknowledge(message, 2);
    QCOMPARE(stateOf(dropped), OutboxState::NeedsDecision);
    QVERIFY(!m_outbox->find(dropped)->problem.isEmpty());
    QTRY_VERIFY(m_client->outgoing().isIdle());
    QVERIFY(!server.hasFrame());

    m_client->outgoing().resend(dropped);
    const QJsonObject again = server.expect(u"message"_s);
    QCOMPARE(again.value(u"cid"_s), dropped);
    server.acknowledge(again, 3);
    QTRY_COMPARE(m_acknowledged->size(), 3);
    QVERIFY(m_outbox->entries().isEmpty());
    QVERIFY(cid != dropped);
}

void TestChatClient::sessionResumedAfterAnotherOneIsNoExcuse()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    (void)server.expect(u"message"_s);
    // A new session begins, and is resumed before the room was joined: the server knows that one, not the
    // first.
    comeBack(server, false, u"second"_s);
    comeBack(server, true, u"second"_s);
    QVERIFY(server.join(kGeneral));
    QTRY_COMPARE(stateOf(cid), OutboxState::NeedsDecision);
    QVERIFY(!server.hasFrame());
}

void TestChatClient::leftRoomLeavesItToThePerson()
{
    ScriptedServer server;
    m_client->rooms().join(u"b"_s);
    enter(server);
    const QString sent = m_client->outgoing().send(kGeneral, u"one"_s);
    const QString queued = m_client->outgoing().send(kGeneral, u"two"_s);
    (void)server.expect(u"message"_s);
    server.drop();
    QTRY_VERIFY(!m_client->isReady());
    m_client->rooms().leave(kGeneral);
    QVERIFY(server.authenticate(true));
    QVERIFY(server.join(u"b"_s));
    QTRY_COMPARE(stateOf(sent), OutboxState::NeedsDecision);
    QTRY_COMPARE(stateOf(queued), OutboxState::Failed);
    QVERIFY(!server.hasFrame());
}

void TestChatClient::refusedForNow_data()
{
    QTest::addColumn<bool>("resent");
    QTest::newRow("for the first time") << false;
    QTest::newRow("after it may have been published") << true;
}

/// A refusal says nothing about what an earlier connection brought.
void TestChatClient::refusedForNow()
{
    QFETCH(bool, resent);
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    QJsonObject message = server.expect(u"message"_s);
    if (resent) {
        comeBack(server, true);
        QVERIFY(server.join(kGeneral));
        message = server.expect(u"message"_s);
    }
    server.answer(message, {{u"type"_s, u"error"_s},
                            {u"code"_s, u"rate_limited"_s},
                            {u"message"_s, u"slow down"_s},
                            {u"retryable"_s, true},
                            {u"retry_ms"_s, 60'000}});
    QTRY_COMPARE(stateOf(cid), OutboxState::Queued);
    comeBack(server, false, u"someone-new"_s);
    QVERIFY(server.join(kGeneral));
    if (resent)
        QTRY_COMPARE(stateOf(cid), OutboxState::NeedsDecision);
    else
        QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), cid);
}

void TestChatClient::tooOldLeavesItToThePerson_data()
{
    QTest::addColumn<std::chrono::milliseconds>("wall"); // by how much each clock goes on
    QTest::addColumn<std::chrono::milliseconds>("steady");
    QTest::newRow("time passes") << 10min + 1ms << 10min + 1ms;
    QTest::newRow("the machine sleeps") << 10min + 1ms << 0ms;
    QTest::newRow("somebody sets the clock back") << std::chrono::milliseconds(2min) << 10min + 1ms;
}

void TestChatClient::tooOldLeavesItToThePerson()
{
    QFETCH(std::chrono::milliseconds, wall);
    QFETCH(std::chrono::milliseconds, steady);
    std::chrono::milliseconds now{1'000'000};
    m_options.clock.steady = [&now] { return now; };
    makeClient();
    ScriptedServer server;
    enter(server);
    const QString sent = m_client->outgoing().send(kGeneral, u"one"_s);
    const QString queued = m_client->outgoing().send(kGeneral, u"two"_s);
    (void)server.expect(u"message"_s);
    m_wall += wall;
    now += steady;
    const QString fresh = m_client->outgoing().send(kGeneral, u"three"_s);
    comeBack(server, true);
    QVERIFY(server.join(kGeneral));
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), fresh);
    QCOMPARE(stateOf(sent), OutboxState::NeedsDecision);
    QCOMPARE(stateOf(queued), OutboxState::NeedsDecision);
    m_client->outgoing().discard(sent);
    QCOMPARE(stateOf(sent), std::nullopt);
}

void TestChatClient::inFlightDoesNotFollowToAnotherServer()
{
    ScriptedServer server;
    ScriptedServer other;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"secret"_s);
    (void)server.expect(u"message"_s);
    m_client->outgoing().discard(cid);
    QCOMPARE(stateOf(cid), OutboxState::InFlight);
    m_client->leaveServer();
    QVERIFY(std::holds_alternative<state::Disconnected>(m_client->state()));
    QCOMPARE(stateOf(cid), OutboxState::Unconfirmed);
    m_client->outgoing().discard(cid);
    QCOMPARE(stateOf(cid), std::nullopt);
    m_client->connectToServer(other.url(), {u"alice"_s, {}, {}});
    QVERIFY(other.authenticate());
    QVERIFY(other.join(kGeneral));
    QTRY_COMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
    QVERIFY(!other.hasFrame());
}

void TestChatClient::neverSentGoesOutInANewSession()
{
    ScriptedServer server;
    enter(server);
    server.drop();
    QTRY_VERIFY(!m_client->isReady());
    const QString cid = m_client->outgoing().send(kGeneral, u"offline"_s);
    QVERIFY(server.authenticate(false, u"someone-new"_s));
    QVERIFY(server.join(kGeneral));
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), cid);
}

void TestChatClient::busyServerIsAskedAgainToPublish_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("problem"); // that people read meanwhile
    QTest::newRow("rate_limited") << u"rate_limited"_s << QString();
    QTest::newRow("unavailable") << u"unavailable"_s << u"text of unavailable"_s;
}

void TestChatClient::busyServerIsAskedAgainToPublish()
{
    QFETCH(QString, code);
    QFETCH(QString, problem);
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    m_client->outgoing().send(kGeneral, u"two"_s);
    QElapsedTimer waited;
    waited.start();
    QSignalSpy changed(&m_client->outgoing(), &OutboxSender::entryChanged);
    server.answer(server.expect(u"message"_s), errorFrame(code, 100));
    QTRY_COMPARE(changed.size(), 1);
    const auto entry = changed[0][0].value<OutboxEntry>();
    QCOMPARE(entry.state, OutboxState::Queued);
    QCOMPARE(entry.problem, problem);
    const QJsonObject again = server.expect(u"message"_s);
    QCOMPARE(again.value(u"cid"_s), cid);
    QVERIFY(waited.elapsed() >= 95); // timers may fire 5 % early
    server.acknowledge(again, 1);
    QTRY_COMPARE(m_acknowledged->size(), 1);
}

void TestChatClient::saysOnceThatNothingIsTaken()
{
    OutboxSender &outgoing = m_client->outgoing();
    QSignalSpy heldUp(&outgoing, &OutboxSender::heldUp);
    QSignalSpy flowsAgain(&outgoing, &OutboxSender::flowsAgain);
    ScriptedServer server;
    enter(server);
    outgoing.send(kGeneral, u"one"_s);
    const QString second = outgoing.send(kGeneral, u"two"_s);
    const auto refuse = [&server] {
        server.answer(server.expect(u"message"_s), errorFrame(u"unavailable"_s, 1));
    };
    refuse(); // one may come of a burst
    server.answer(server.expect(u"message"_s), errorFrame(u"rate_limited"_s, 1));
    QVERIFY(!outgoing.isHeldUp());
    QCOMPARE(heldUp.size(), 0);
    refuse();
    refuse();
    server.acknowledge(server.expect(u"message"_s), 1);
    QTRY_COMPARE(flowsAgain.size(), 1);
    QVERIFY(!outgoing.isHeldUp());
    QCOMPARE(heldUp.size(), 1);
    QCOMPARE(heldUp[0][0].value<Refusal>().text, u"text of unavailable"_s);

    // WHEN it begins again, and the person gives up what waits THEN the next message begins anew
    refuse();
    refuse();
    QTRY_COMPARE(heldUp.size(), 2);
    QVERIFY(outgoing.isHeldUp());
    outgoing.discard(second);
    QVERIFY(!outgoing.isHeldUp());
    outgoing.send(kGeneral, u"three"_s);
    QVERIFY(!outgoing.isHeldUp());
    server.acknowledge(server.expect(u"message"_s), 2);
    QTRY_COMPARE(m_acknowledged->size(), 2);
    QCOMPARE(flowsAgain.size(), 1);
}

void TestChatClient::refusedMessageFailsAndTheNextGoes()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"bad"_s);
    const QString next = m_client->outgoing().send(kGeneral, u"good"_s);
    server.answer(server.expect(u"message"_s), errorFrame(u"too_large"_s));
    const QJsonObject good = server.expect(u"message"_s);
    QCOMPARE(good.value(u"cid"_s), next);
    QCOMPARE(stateOf(cid), OutboxState::Failed);
    QCOMPARE(m_outbox->find(cid)->problem, u"text of too_large"_s);
    server.acknowledge(good, 1);
    m_client->outgoing().resend(cid);
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), cid);
}

void TestChatClient::messageToAForeignRoomFails()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(u"elsewhere"_s, u"hi"_s);
    QCOMPARE(stateOf(cid), OutboxState::Failed);
    QVERIFY(m_outbox->find(cid)->problem.contains(u"elsewhere"_s));
}

void TestChatClient::messageLongerThanAFrameFails()
{
    ScriptedServer server; // takes 65536 bytes
    enter(server);
    const QString tooLong = m_client->outgoing().send(kGeneral, QString(65536, u'x'));
    const QString escaped = m_client->outgoing().send(kGeneral, QString(40000, u'"'));
    const QString next = m_client->outgoing().send(kGeneral, QString(60000, u'x'));
    QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), next);
    QCOMPARE(stateOf(tooLong), OutboxState::Failed);
    QCOMPARE(stateOf(escaped), OutboxState::Failed);
}

void TestChatClient::keepsToTheAnnouncedRate()
{
    std::chrono::milliseconds steady{0};
    m_options.clock.steady = [&steady] { return steady; };
    makeClient();
    ScriptedServer server;
    server.setTerm(
        u"limits"_s,
        QJsonObject{
            {u"frame"_s, 65536}, {u"content"_s, 4000}, {u"rooms"_s, 32}, {u"rate"_s, 20}, {u"burst"_s, 5}});
    enter(server);
    for (int i = 0; i < 6; ++i)
        m_client->outgoing().send(kGeneral, QString::number(i));
    // Of the burst of four (a tenth less than five, whole requests) the first ping has taken one.
    for (quint64 seq = 1; seq <= 3; ++seq)
        server.acknowledge(server.expect(u"message"_s), seq);
    QTRY_COMPARE(m_acknowledged->size(), 3);
    QVERIFY(!server.hasFrame());
    steady += 1s;
    server.acknowledge(server.expect(u"message"_s), 4);
    QTRY_COMPARE(m_acknowledged->size(), 4);
}

// ---- messages

void TestChatClient::showsEachMessageOnce()
{
    ScriptedServer server;
    enter(server);
    server.send(messageFrame(1, u"one"_s));
    server.send(messageFrame(1, u"one"_s));
    server.send(messageFrame(2, u"two"_s));
    QTRY_COMPARE(texts(), (QStringList{u"one"_s, u"two"_s}));
    comeBack(server, true);
    const QJsonObject join = server.expect(u"join"_s);
    server.answer(join, {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(3, {messageFrame(2, u"two"_s), messageFrame(3, u"three"_s)}, true));
    QTRY_COMPARE(texts(), (QStringList{u"one"_s, u"two"_s, u"three"_s}));
}

void TestChatClient::fillsAHoleFromTheHistory()
{
    ScriptedServer server;
    enter(server);
    server.send(messageFrame(3, u"three"_s));
    const QJsonObject question = server.expect(u"history"_s);
    QCOMPARE(question.value(u"after"_s), 0);
    QVERIFY(m_messages->isEmpty());
    server.send(messageFrame(4, u"four"_s));
    server.answer(question, {{u"type"_s, u"history"_s},
                             {u"room"_s, kGeneral},
                             {u"epoch"_s, u"e1"_s},
                             {u"events"_s, QJsonArray{messageFrame(1, u"one"_s), messageFrame(2, u"two"_s)}},
                             {u"more"_s, true}});
    QTRY_COMPARE(texts(), (QStringList{u"one"_s, u"two"_s, u"three"_s, u"four"_s}));
    QCOMPARE(m_client->rooms().position(kGeneral)->seq, 4U);
    QVERIFY(m_missing->isEmpty());

    server.send(messageFrame(9, u"nine"_s));
    server.answer(server.expect(u"history"_s), {{u"type"_s, u"history"_s},
                                                {u"room"_s, kGeneral},
                                                {u"epoch"_s, u"e1"_s},
                                                {u"events"_s, QJsonArray{}},
                                                {u"more"_s, false}});
    QTRY_COMPARE(texts().last(), u"nine"_s);
    QCOMPARE(m_missing->size(), 1);
}

void TestChatClient::busyServerIsAskedAgainForHistory()
{
    ScriptedServer server;
    enter(server);
    server.send(messageFrame(2, u"two"_s));
    server.answer(server.expect(u"history"_s), errorFrame(u"rate_limited"_s, 1));
    server.answer(server.expect(u"history"_s), errorFrame(u"internal"_s));
    QTRY_COMPARE(texts(), QStringList{u"two"_s});
    QCOMPARE(m_missing->size(), 1);
}

void TestChatClient::pagesOfASync()
{
    ScriptedServer server;
    m_client->rooms().join(kGeneral);
    connectTo(server);
    QSignalSpy ready(&m_client->rooms(), &RoomBook::roomReady);
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(8, {messageFrame(5, u"5"_s), messageFrame(6, u"6"_s)}, false, {}, true));
    QTRY_COMPARE(m_messages->size(), 2);
    QVERIFY(ready.isEmpty());
    server.send(syncFrame(8, {messageFrame(7, u"7"_s), messageFrame(8, u"8"_s)}, false));
    QTRY_COMPARE(ready.size(), 1);
    QCOMPARE(texts(), (QStringList{u"5"_s, u"6"_s, u"7"_s, u"8"_s}));
    QCOMPARE(m_messages->first().at(1).value<MessageSource>(), MessageSource::Backlog);
}

void TestChatClient::saysThatMessagesMayBeMissing()
{
    ScriptedServer server;
    enter(server);
    server.send(messageFrame(1, u"one"_s));
    QTRY_COMPARE(m_messages->size(), 1);
    comeBack(server, true);
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(5000, {messageFrame(5000, u"new"_s)}, false, u"too_many"_s));
    QTRY_COMPARE(m_missing->size(), 1);
    QCOMPARE(m_missing->at(0).at(1).value<MissingMessages>().reason, frame::SyncReason::TooMany);
    QCOMPARE(texts(), (QStringList{u"one"_s, u"new"_s}));
    QCOMPARE(m_client->rooms().position(kGeneral)->seq, 5000U);
}

void TestChatClient::unaskedSyncMovesThePosition()
{
    ScriptedServer server;
    enter(server);
    QJsonObject sync = syncFrame(0, {}, false, u"epoch"_s);
    sync.insert(u"epoch"_s, u"e2"_s);
    server.send(sync);
    QTRY_COMPARE(m_missing->size(), 1);
    QCOMPARE(*m_client->rooms().position(kGeneral), (RoomPosition{u"e2"_s, 0}));
    server.send(messageFrame(1, u"one"_s));
    QTRY_COMPARE(texts(), QStringList{u"one"_s});
}

void TestChatClient::positionFollowsTheMessage()
{
    ScriptedServer server;
    enter(server);
    QStringList order;
    connect(&m_client->rooms(), &RoomBook::messageReceived, this, [&](const ChatMessage &message) {
        order.append(u"message %1 at %2"_s.arg(message.seq).arg(m_client->rooms().position(kGeneral)->seq));
    });
    connect(&m_client->rooms(), &RoomBook::positionChanged, this,
            [&](const QString &, const RoomPosition &position) {
                order.append(u"position %1"_s.arg(position.seq));
            });
    server.send(messageFrame(1, u"one"_s));
    server.send(messageFrame(2, u"two"_s));
    QTRY_COMPARE(order,
                 (QStringList{u"message 1 at 0"_s, u"position 1"_s, u"message 2 at 1"_s, u"position 2"_s}));
}

void TestChatClient::leavingFromASlotIsSafe()
{
    ScriptedServer server;
    m_client->rooms().join(kGeneral);
    connectTo(server);
    connect(&m_client->rooms(), &RoomBook::messageReceived, this, [&] { m_client->rooms().leave(kGeneral); });
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(2, {messageFrame(1, u"one"_s), messageFrame(2, u"two"_s)}, false));
    QVERIFY(!server.expect(u"leave"_s).isEmpty());
    QCOMPARE(texts(), QStringList{u"one"_s});
}

// ---- people, questions

void TestChatClient::membersFollowPresence()
{
    ScriptedServer server;
    enter(server);
    QSignalSpy presence(&m_client->rooms(), &RoomBook::presenceChanged);
    QSignalSpy renamed(&m_client->rooms(), &RoomBook::memberRenamed);
    QCOMPARE(m_client->rooms().members(kGeneral), (QList<RoomMember>{{u"me"_s, u"me"_s, u"Me"_s}}));
    server.send({{u"type"_s, u"presence"_s},
                 {u"room"_s, kGeneral},
                 {u"joined"_s,
                  QJsonArray{QJsonObject{{u"id"_s, u"b"_s}, {u"user"_s, u"b"_s}, {u"username"_s, u"Bob"_s}}}},
                 {u"left"_s, QJsonArray{}},
                 {u"count"_s, 2}});
    QTRY_COMPARE(presence.size(), 1);
    QCOMPARE(m_client->rooms().memberCount(kGeneral), 2U);
    server.send({{u"type"_s, u"user_updated"_s},
                 {u"room"_s, kGeneral},
                 {u"id"_s, u"b"_s},
                 {u"username"_s, u"Robert"_s}});
    QTRY_COMPARE(renamed.size(), 1);
    QCOMPARE(renamed[0].at(1).value<RoomMember>().username, u"Bob"_s);
    server.send({{u"type"_s, u"presence"_s},
                 {u"room"_s, kGeneral},
                 {u"joined"_s, QJsonArray{}},
                 {u"left"_s, QJsonArray{QJsonObject{{u"id"_s, u"b"_s}, {u"reason"_s, u"gone"_s}},
                                        QJsonObject{{u"id"_s, u"unknown"_s}, {u"reason"_s, u"gone"_s}}}},
                 {u"count"_s, 1}});
    QTRY_COMPARE(presence.size(), 2);
    const auto change = presence[1].at(1).value<PresenceChange>();
    QCOMPARE(change.left, (QList<RoomMember>{{u"b"_s, u"b"_s, u"Robert"_s}}));
    QCOMPARE(m_client->rooms().members(kGeneral).size(), 1);
}

void TestChatClient::membersOfACrowdAreAskedForAgain()
{
    m_options.membersAgainAfter = 20ms;
    m_options.membersAgainSpread = 0ms;
    makeClient();
    ScriptedServer server;
    enter(server);
    QSignalSpy reset(&m_client->rooms(), &RoomBook::membersReset);
    const QJsonObject untold{{u"type"_s, u"presence"_s}, {u"room"_s, kGeneral}, {u"joined"_s, QJsonArray{}},
                             {u"left"_s, QJsonArray{}},  {u"count"_s, 1500},    {u"truncated"_s, true}};
    server.send(untold);
    server.send(untold);
    const QJsonObject who = server.expect(u"who"_s);
    QCOMPARE(who.value(u"room"_s).toString(), kGeneral);
    QVERIFY(!server.hasFrame()); // once for both
    server.answer(who, {{u"type"_s, u"error"_s},
                        {u"code"_s, u"rate_limited"_s},
                        {u"message"_s, u"later"_s},
                        {u"retryable"_s, true},
                        {u"retry_ms"_s, 1}});
    server.answer(server.expect(u"who"_s),
                  {{u"type"_s, u"room_users"_s},
                   {u"room"_s, kGeneral},
                   {u"members"_s, QJsonArray{QJsonObject{
                                      {u"id"_s, u"z"_s}, {u"user"_s, u"z"_s}, {u"username"_s, u"Zoe"_s}}}},
                   {u"count"_s, 1500},
                   {u"truncated"_s, true}});
    QTRY_COMPARE(reset.size(), 1);
    QCOMPARE(m_client->rooms().members(kGeneral), (QList<RoomMember>{{u"z"_s, u"z"_s, u"Zoe"_s}}));
    QCOMPARE(m_client->rooms().memberCount(kGeneral), 1500U);
}

void TestChatClient::questionsWaitForTheirTurn()
{
    // A rate that pays for four questions and then for none: whoever goes on asking would be closed with
    // 4101.
    m_options.membersAgainAfter = 1ms;
    m_options.membersAgainSpread = 0ms;
    makeClient();
    ScriptedServer server;
    server.setTerm(u"limits"_s, QJsonObject{{u"frame"_s, 65536},
                                            {u"content"_s, 4000},
                                            {u"rooms"_s, 32},
                                            {u"rate"_s, 0.001},
                                            {u"burst"_s, 20}});
    enter(server);
    QStringList rooms{kGeneral};
    for (int i = 0; i < 7; ++i) {
        rooms.append(u"crowd-%1"_s.arg(i));
        m_client->rooms().join(rooms.back());
        QVERIFY(server.join(rooms.back()));
    }
    for (const QString &room : rooms)
        server.send({{u"type"_s, u"presence"_s},
                     {u"room"_s, room},
                     {u"joined"_s, QJsonArray{}},
                     {u"left"_s, QJsonArray{}},
                     {u"count"_s, 1500},
                     {u"truncated"_s, true}});
    server.send(messageFrame(1, u"after all of them"_s));
    QTRY_VERIFY(!texts().isEmpty());
    int asked = 0;
    while (asked < 8 && QTest::qWaitFor([&] { return server.hasFrame(); }, 50)) {
        QVERIFY(!server.expect(u"who"_s).isEmpty());
        ++asked;
    }
    QVERIFY2(asked >= 1 && asked <= 4, qPrintable(QString::number(asked)));
}

void TestChatClient::membersPastTheCapAreNotTold()
{
    RoomRoster roster(2);
    roster.reset({{u"a"_s, u"a"_s, u"A"_s}}, 1);
    const RoomMember b{u"b"_s, u"b"_s, u"B"_s};
    const RoomMember c{u"c"_s, u"c"_s, u"C"_s};
    PresenceChange change = roster.apply({b, c}, {}, 3);
    QCOMPARE(change.joined, QList<RoomMember>{b});
    QCOMPARE(change.count, 3U);
    change = roster.apply({c}, {u"c"_s, u"b"_s}, 2); // there is room for it now
    QCOMPARE(change.left, QList<RoomMember>{b});
    QCOMPARE(change.joined, QList<RoomMember>{c});
    QCOMPARE(roster.members().size(), 2);
}

void TestChatClient::typingExpires()
{
    m_options.typingExpiry = 30ms;
    makeClient();
    ScriptedServer server;
    enter(server);
    QSignalSpy typing(&m_client->rooms(), &RoomBook::typingChanged);
    const QJsonObject on{{u"type"_s, u"typing"_s},
                         {u"room"_s, kGeneral},
                         {u"id"_s, u"b"_s},
                         {u"username"_s, u"Bob"_s},
                         {u"on"_s, true}};
    server.send(on);
    QTRY_COMPARE(typing.size(), 2);
    QCOMPARE(typing[0].at(2).value<TypingState>(), TypingState::On);
    QCOMPARE(typing[1].at(2).value<TypingState>(), TypingState::Off);
    QCOMPARE(typing[1].at(1).value<RoomMember>().username, u"Bob"_s);
}

void TestChatClient::typingIsToldSparingly()
{
    std::chrono::milliseconds steady{0};
    m_options.clock.steady = [&steady] { return steady; };
    makeClient();
    ScriptedServer server;
    enter(server);
    RoomBook &rooms = m_client->rooms();
    rooms.setTyping(kGeneral, TypingState::Off); // nothing to take back
    rooms.setTyping(kGeneral, TypingState::On);
    rooms.setTyping(kGeneral, TypingState::On);
    steady += 3s;
    rooms.setTyping(kGeneral, TypingState::On);
    rooms.setTyping(kGeneral, TypingState::Off);
    rooms.setTyping(kGeneral, TypingState::Off);
    QCOMPARE(server.expect(u"typing"_s).value(u"on"_s), true);
    QCOMPARE(server.expect(u"typing"_s).value(u"on"_s), true);
    QCOMPARE(server.expect(u"typing"_s).value(u"on"_s), false);
    m_client->rooms().leave(kGeneral);
    QVERIFY2(!server.expect(u"leave"_s).isEmpty(), "no other typing came before");
}

void TestChatClient::questionsAreAnswered()
{
    ScriptedServer server;
    enter(server);
    Directory &directory = m_client->directory();
    QSignalSpy history(&directory, &Directory::historyListed);
    QSignalSpy members(&directory, &Directory::membersListed);
    QSignalSpy rooms(&directory, &Directory::roomsListed);
    QSignalSpy refused(m_client.get(), &ChatClient::requestRefused);

    directory.requestHistory(kGeneral, 10, 5);
    const QJsonObject question = server.expect(u"history"_s);
    QCOMPARE(question.value(u"before"_s), 10);
    QCOMPARE(question.value(u"limit"_s), 5);
    server.answer(question, {{u"type"_s, u"history"_s},
                             {u"room"_s, kGeneral},
                             {u"epoch"_s, u"e1"_s},
                             {u"events"_s, QJsonArray{messageFrame(9, u"nine"_s)}},
                             {u"more"_s, true}});
    QTRY_COMPARE(history.size(), 1);
    const auto page = history[0].at(1).value<HistoryPage>();
    QCOMPARE(page.messages.first().text, u"nine"_s);
    QCOMPARE(page.epoch, u"e1"_s);
    QCOMPARE(page.before, std::optional<quint64>(10));
    QVERIFY(page.more);
    QVERIFY2(m_messages->isEmpty(), "scrolling back moves nothing");

    directory.requestMembers(kGeneral);
    server.answer(server.expect(u"who"_s), {{u"type"_s, u"room_users"_s},
                                            {u"room"_s, kGeneral},
                                            {u"members"_s, QJsonArray{}},
                                            {u"count"_s, 7},
                                            {u"truncated"_s, false}});
    QTRY_COMPARE(members.size(), 1);
    QCOMPARE(m_client->rooms().memberCount(kGeneral), 1U);

    directory.requestRooms(u"ge"_s);
    const QJsonObject list = server.expect(u"rooms"_s);
    QCOMPARE(list.value(u"prefix"_s), u"ge"_s);
    server.answer(
        list, {{u"type"_s, u"rooms"_s},
               {u"rooms"_s, QJsonArray{QJsonObject{{u"name"_s, kGeneral}, {u"count"_s, 3}, {u"seq"_s, 9}}}},
               {u"more"_s, false}});
    QTRY_COMPARE(rooms.size(), 1);
    QCOMPARE(rooms[0].at(0).value<QList<RoomSummary>>(), (QList<RoomSummary>{{kGeneral, 3, 9}}));

    directory.requestRooms();
    server.answer(server.expect(u"rooms"_s), errorFrame(u"rate_limited"_s, 50));
    QTRY_COMPARE(refused.size(), 1);
}

void TestChatClient::questionsWithoutConnectionAreRefused()
{
    QSignalSpy refused(m_client.get(), &ChatClient::requestRefused);
    m_client->directory().requestRooms();
    QCOMPARE(refused.size(), 1);
}

void TestChatClient::questionsThatTheConnectionTakesAlongAreRefused()
{
    std::chrono::milliseconds steady{0};
    m_options.clock.steady = [&steady] { return steady; };
    makeClient();
    ScriptedServer server;
    server.setTerm(
        u"limits"_s,
        QJsonObject{
            {u"frame"_s, 65536}, {u"content"_s, 4000}, {u"rooms"_s, 32}, {u"rate"_s, 10}, {u"burst"_s, 10}});
    enter(server);
    QSignalSpy refused(m_client.get(), &ChatClient::requestRefused);
    QSignalSpy history(&m_client->directory(), &Directory::historyRefused);
    m_client->directory().requestHistory(kGeneral, 10, 5); // is asked
    m_client->directory().requestRooms();                  // waits for its turn
    m_client->changeName(u"bob"_s);
    (void)server.expect(u"history"_s);
    (void)server.expect(u"nick"_s);
    server.drop();
    QTRY_COMPARE(refused.size(), 3);
    QCOMPARE(history.size(), 1);
    QCOMPARE(history[0].at(0), kGeneral);
    for (const auto &each : refused)
        QVERIFY(each.at(1).value<Refusal>().text.contains(u"connection was lost"_s));
    QVERIFY(server.authenticate());
    QVERIFY(server.join(kGeneral));
    QVERIFY(!server.hasFrame());
}

void TestChatClient::questionsKeepToTheAnnouncedRate()
{
    std::chrono::milliseconds steady{0};
    m_options.clock.steady = [&steady] { return steady; };
    makeClient();
    ScriptedServer server;
    server.setTerm(
        u"limits"_s,
        QJsonObject{
            {u"frame"_s, 65536}, {u"content"_s, 4000}, {u"rooms"_s, 32}, {u"rate"_s, 50}, {u"burst"_s, 10}});
    enter(server);
    // Of the burst of nine the first ping has taken one.
    m_client->directory().requestRooms();
    m_client->directory().requestMembers(kGeneral);
    (void)server.expect(u"rooms"_s);
    const int pings = server.pings();
    m_client->ping();
    QTRY_VERIFY(server.pings() > pings);
    QVERIFY(!server.hasFrame());
    steady += 1s;
    QVERIFY(!server.expect(u"who"_s).isEmpty());
}

void TestChatClient::rawFrameGoesAsItIs()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy refused(m_client.get(), &ChatClient::requestRefused);
    QSignalSpy frames(m_client.get(), &ChatClient::frameReceived);
    m_client->sendRaw(u"{\"type\":\"dance\",\"rid\":5}"_s);
    const QJsonObject dance = server.expect(u"dance"_s);
    QCOMPARE(dance.value(u"rid"_s), 5);
    server.answer(dance, errorFrame(u"unknown_type"_s));
    QTRY_COMPARE(refused.size(), 1);
    QCOMPARE(refused[0].at(1).value<Refusal>().code, u"unknown_type"_s);
    QVERIFY(frames.last().at(0).toByteArray().contains("unknown_type"));
}

QTEST_GUILESS_MAIN(TestChatClient)
#include "tst_chatclient.moc"
