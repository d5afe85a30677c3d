// SPDX-License-Identifier: MIT
#include "chatclienttest.h"
#include "tests/support/testclass.h"

#include <QElapsedTimer>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What becomes of what is written.
class TestChatClientOutbox : public ChatClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void serversThatDoNotReachEachOther();
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
    void nothingIsHeldUpWhereNothingWaits_data();
    void nothingIsHeldUpWhereNothingWaits();
    void refusedMessageFailsAndTheNextGoes();
    void whatMayBeThereDidNotFail_data();
    void whatMayBeThereDidNotFail();
    void aFailedOneIsHeard();
    void anOldOneIsHeardWhileNothingIsTaken();
    void messageToAForeignRoomFails();
    void messageLongerThanAFrameFails();
    void keepsToTheAnnouncedRate();
    void slowModeHoldsUpOneRoom();
    void slowModeEndsWithTheConnection();
};

void TestChatClientOutbox::sendsOneMessageAtATime()
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

void TestChatClientOutbox::waitsForTheRoomBeforeSending()
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

void TestChatClientOutbox::resendsInOrderWithTheSameCid()
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

void TestChatClientOutbox::resendsOnlyAfterTheSync()
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

void TestChatClientOutbox::acknowledgementThatGotLost()
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

void TestChatClientOutbox::newSessionLeavesItToThePerson()
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

void TestChatClientOutbox::sessionResumedAfterAnotherOneIsNoExcuse()
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

void TestChatClientOutbox::leftRoomLeavesItToThePerson()
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

void TestChatClientOutbox::refusedForNow_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<bool>("resent");
    QTest::addColumn<bool>("mayBeThere");
    QTest::newRow("for the first time") << u"rate_limited"_s << false << false;
    QTest::newRow("after it may have been published") << u"rate_limited"_s << true << true;
    QTest::newRow("unavailable") << u"unavailable"_s << false << true; // the server may have crashed since
    QTest::newRow("unavailable, after it may have been published") << u"unavailable"_s << true << true;
}

/// A refusal says nothing about what an earlier connection brought.
void TestChatClientOutbox::refusedForNow()
{
    QFETCH(QString, code);
    QFETCH(bool, resent);
    QFETCH(bool, mayBeThere);
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
                            {u"code"_s, code},
                            {u"message"_s, u"slow down"_s},
                            {u"retryable"_s, true},
                            {u"retry_ms"_s, 60'000}});
    QTRY_COMPARE(stateOf(cid), OutboxState::Queued);
    comeBack(server, false, u"someone-new"_s);
    QVERIFY(server.join(kGeneral));
    if (mayBeThere)
        QTRY_COMPARE(stateOf(cid), OutboxState::NeedsDecision);
    else
        QCOMPARE(server.expect(u"message"_s).value(u"cid"_s), cid);
}

void TestChatClientOutbox::tooOldLeavesItToThePerson_data()
{
    QTest::addColumn<std::chrono::milliseconds>("wall"); // by how much each clock goes on
    QTest::addColumn<std::chrono::milliseconds>("steady");
    QTest::newRow("time passes") << 10min + 1ms << 10min + 1ms;
    QTest::newRow("the machine sleeps") << 10min + 1ms << 0ms;
    QTest::newRow("somebody sets the clock back") << std::chrono::milliseconds(2min) << 10min + 1ms;
}

void TestChatClientOutbox::tooOldLeavesItToThePerson()
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

void TestChatClientOutbox::inFlightDoesNotFollowToAnotherServer()
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

void TestChatClientOutbox::neverSentGoesOutInANewSession()
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

void TestChatClientOutbox::busyServerIsAskedAgainToPublish_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("problem"); // that people read meanwhile
    QTest::newRow("rate_limited") << u"rate_limited"_s << QString();
    QTest::newRow("unavailable") << u"unavailable"_s << u"text of unavailable"_s;
}

void TestChatClientOutbox::busyServerIsAskedAgainToPublish()
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

void TestChatClientOutbox::saysOnceThatNothingIsTaken()
{
    OutboxSender &outgoing = m_client->outgoing();
    QSignalSpy heldUp(&outgoing, &OutboxSender::heldUp);
    QSignalSpy ended(&outgoing, &OutboxSender::heldUpEnded);
    using End = OutboxSender::HeldUpEnd;
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
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(ended[0][0].value<End>(), End::Flows);
    QVERIFY(!outgoing.isHeldUp());
    QCOMPARE(heldUp.size(), 1);
    QCOMPARE(heldUp[0][0].value<Refusal>().text, u"text of unavailable"_s);

    // WHEN it begins again, and the person gives up what waits THEN the next message begins anew
    refuse();
    refuse();
    QTRY_COMPARE(heldUp.size(), 2);
    QVERIFY(outgoing.isHeldUp());
    outgoing.discard(second);
    QCOMPARE(ended.size(), 2);
    QCOMPARE(ended[1][0].value<End>(), End::NothingWaits);
    outgoing.send(kGeneral, u"three"_s);
    QVERIFY(!outgoing.isHeldUp());
    server.acknowledge(server.expect(u"message"_s), 2);
    QTRY_COMPARE(m_acknowledged->size(), 2);
    QCOMPARE(ended.size(), 2);
}

void TestChatClientOutbox::nothingIsHeldUpWhereNothingWaits_data()
{
    QTest::addColumn<QString>("then");
    QTest::newRow("refused for good") << u"refused"_s;
    QTest::newRow("the room is left") << u"left"_s;
    QTest::newRow("left while it was on its way") << u"left in flight"_s;
    QTest::newRow("the connection ends") << u"lost"_s;
}

void TestChatClientOutbox::nothingIsHeldUpWhereNothingWaits()
{
    QFETCH(QString, then);
    OutboxSender &outgoing = m_client->outgoing();
    QSignalSpy heldUp(&outgoing, &OutboxSender::heldUp);
    QSignalSpy ended(&outgoing, &OutboxSender::heldUpEnded);
    ScriptedServer server;
    enter(server);
    outgoing.send(kGeneral, u"one"_s);
    server.answer(server.expect(u"message"_s), errorFrame(u"unavailable"_s, 1));
    if (then == u"left in flight"_s) {
        const QJsonObject second = server.expect(u"message"_s);
        outgoing.discardRoom(kGeneral);
        server.answer(second, errorFrame(u"unavailable"_s, 1));
        m_client->directory().requestRooms();
        QVERIFY(!server.expect(u"rooms"_s).isEmpty());
        QCOMPARE(heldUp.size(), 0);
        return;
    }
    server.answer(server.expect(u"message"_s), errorFrame(u"unavailable"_s, then == u"left"_s ? 60'000 : 1));
    QTRY_COMPARE(heldUp.size(), 1);
    if (then == u"refused"_s)
        server.answer(server.expect(u"message"_s), errorFrame(u"forbidden"_s));
    else if (then == u"left"_s)
        outgoing.discardRoom(kGeneral);
    else
        server.drop();
    QTRY_COMPARE(ended.size(), 1);
    QVERIFY(!outgoing.isHeldUp());
    for (const OutboxEntry &each : outgoing.entries())
        QVERIFY2(each.state == OutboxState::Failed || each.problem.isEmpty(), qPrintable(each.problem));
}

void TestChatClientOutbox::refusedMessageFailsAndTheNextGoes()
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

void TestChatClientOutbox::whatMayBeThereDidNotFail_data()
{
    QTest::addColumn<QString>("then");
    QTest::newRow("the server refuses it") << u"refused"_s;
    QTest::newRow("the server takes shorter ones only") << u"too long"_s;
    QTest::newRow("its room refuses us while it waits") << u"room refused"_s;
}

/// An earlier connection may have brought it: whatever happens to it now, the person decides.
void TestChatClientOutbox::whatMayBeThereDidNotFail()
{
    QFETCH(QString, then);
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    QVERIFY(!server.expect(u"message"_s).isEmpty());
    if (then == u"too long"_s)
        server.setTerm(
            u"limits"_s,
            QJsonObject{
                {u"frame"_s, 50}, {u"content"_s, 4000}, {u"rooms"_s, 32}, {u"rate"_s, 0}, {u"burst"_s, 0}});
    comeBack(server, true);
    QVERIFY(server.join(kGeneral));
    if (then == u"refused"_s) {
        server.answer(server.expect(u"message"_s), errorFrame(u"forbidden"_s));
    } else if (then == u"room refused"_s) {
        server.answer(server.expect(u"message"_s), errorFrame(u"rate_limited"_s, 60'000));
        QTRY_COMPARE(stateOf(cid), OutboxState::Queued);
        m_client->rooms().leave(kGeneral);
        m_client->rooms().join(kGeneral);
        QVERIFY(!server.expect(u"leave"_s).isEmpty());
        server.answer(server.expect(u"join"_s), errorFrame(u"room_full"_s));
    }
    QTRY_COMPARE(stateOf(cid), OutboxState::NeedsDecision);
    const QString problem = m_outbox->find(cid)->problem;
    QVERIFY2(problem.startsWith(u"it is not known whether it was delivered"_s), qPrintable(problem));
}

/// What was refused may have been published by an earlier try.
void TestChatClientOutbox::aFailedOneIsHeard()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(kGeneral, u"one"_s);
    server.answer(server.expect(u"message"_s), errorFrame(u"forbidden"_s));
    QTRY_COMPARE(stateOf(cid), OutboxState::Failed);
    server.send(messageFrame(1, u"one"_s, cid));
    QTRY_COMPARE(m_acknowledged->size(), 1);
    QVERIFY(m_outbox->entries().isEmpty());
}

void TestChatClientOutbox::anOldOneIsHeardWhileNothingIsTaken()
{
    ScriptedServer server;
    enter(server);
    OutboxSender &outgoing = m_client->outgoing();
    const QString old = outgoing.send(kGeneral, u"old"_s);
    server.answer(server.expect(u"message"_s), errorFrame(u"forbidden"_s));
    outgoing.send(kGeneral, u"new"_s);
    for (int time = 0; time < 2; ++time)
        server.answer(server.expect(u"message"_s), errorFrame(u"unavailable"_s, 1));
    QTRY_VERIFY(outgoing.isHeldUp());
    server.send(messageFrame(1, u"old"_s, old));
    QTRY_COMPARE(m_acknowledged->size(), 1);
    QVERIFY(outgoing.isHeldUp());
}

void TestChatClientOutbox::messageToAForeignRoomFails()
{
    ScriptedServer server;
    enter(server);
    const QString cid = m_client->outgoing().send(u"elsewhere"_s, u"hi"_s);
    QCOMPARE(stateOf(cid), OutboxState::Failed);
    QVERIFY(m_outbox->find(cid)->problem.contains(u"elsewhere"_s));
}

void TestChatClientOutbox::messageLongerThanAFrameFails()
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

void TestChatClientOutbox::keepsToTheAnnouncedRate()
{
    ScriptedServer server;
    enterWithRate(server, 20, 5);
    for (int i = 0; i < 6; ++i)
        m_client->outgoing().send(kGeneral, QString::number(i));
    // Of the burst of four (a tenth less than five, whole requests) the first ping has taken one.
    for (quint64 seq = 1; seq <= 3; ++seq)
        server.acknowledge(server.expect(u"message"_s), seq);
    QTRY_COMPARE(m_acknowledged->size(), 3);
    QVERIFY(!server.hasFrame());
    m_steady += 1s;
    server.acknowledge(server.expect(u"message"_s), 4);
    QTRY_COMPARE(m_acknowledged->size(), 4);
}

/// What they refuse meanwhile is told by that alone, and it is sent as soon as they do, in order.
void TestChatClientOutbox::serversThatDoNotReachEachOther()
{
    ScriptedServer server;
    enter(server);
    QSignalSpy cluster(m_client.get(), &ChatClient::clusterStateChanged);
    QSignalSpy heldUp(&m_client->outgoing(), &OutboxSender::heldUp);
    const auto say = [&server](const QString &state) {
        server.send({{u"type"_s, u"server_state"_s}, {u"cluster"_s, state}});
    };
    say(u"degraded"_s);
    say(u"degraded"_s);
    say(u"on holiday"_s);
    m_client->outgoing().send(kGeneral, u"one"_s);
    m_client->outgoing().send(kGeneral, u"two"_s);
    for (int i = 0; i < 3; ++i)
        server.answer(server.expect(u"message"_s), errorFrame(u"unavailable"_s, 1));
    server.answer(server.expect(u"message"_s), errorFrame(u"unavailable"_s, 300'000));
    QTRY_COMPARE(stateOf(m_outbox->entries().first().cid), OutboxState::Queued);
    QVERIFY(m_client->outgoing().isHeldUp());
    QCOMPARE(cluster.size(), 1);
    QVERIFY(heldUp.isEmpty());

    say(u"ok"_s);
    for (const QString &text : {u"one"_s, u"two"_s}) {
        const QJsonObject message = server.expect(u"message"_s);
        QCOMPARE(message[u"content"_s].toString(), text);
        server.acknowledge(message, text == u"one"_s ? 1 : 2);
    }
    QTRY_COMPARE(m_acknowledged->size(), 2);
    QCOMPARE(cluster.size(), 2);
    QVERIFY(!m_client->outgoing().isHeldUp());

    // A new connection may be another server's, which says by itself how it is.
    say(u"degraded"_s);
    QTRY_COMPARE(cluster.size(), 3);
    comeBack(server, true);
    QTRY_COMPARE(cluster.size(), 4);
    QCOMPARE(m_client->cluster(), ClusterState::Whole);
}

/// What is for another room goes on, and the room's message goes out by itself.
void TestChatClientOutbox::slowModeHoldsUpOneRoom()
{
    ScriptedServer server;
    m_client->rooms().join(u"other"_s);
    enter(server);
    QSignalSpy slowed(&m_client->outgoing(), &OutboxSender::slowedDown);
    const QString first = m_client->outgoing().send(kGeneral, u"one"_s);
    m_client->outgoing().send(kGeneral, u"two"_s);
    m_client->outgoing().send(u"other"_s, u"elsewhere"_s);
    server.answer(server.expect(u"message"_s), errorFrame(u"rate_limited"_s, 1000));
    const QJsonObject elsewhere = server.expect(u"message"_s);
    QCOMPARE(elsewhere.value(u"content"_s), u"elsewhere"_s);
    QCOMPARE(slowed.size(), 1);
    QCOMPARE(slowed[0][0].toString(), kGeneral);
    QCOMPARE(slowed[0][2].toString(), u"text of rate_limited"_s);
    QCOMPARE(stateOf(first), OutboxState::Queued);
    QCOMPARE(m_outbox->find(first)->problem, u"text of rate_limited"_s);
    server.acknowledge(elsewhere, 1);
    for (const QString &text : {u"one"_s, u"two"_s}) {
        const QJsonObject message = server.expect(u"message"_s);
        QCOMPARE(message.value(u"content"_s), text);
        server.acknowledge(message, 2);
    }
    QTRY_VERIFY(m_outbox->entries().isEmpty());
}

/// Another server may not know of it; one that does says it again.
void TestChatClientOutbox::slowModeEndsWithTheConnection()
{
    ScriptedServer server;
    enter(server);
    m_client->outgoing().send(kGeneral, u"one"_s);
    server.answer(server.expect(u"message"_s), errorFrame(u"rate_limited"_s, 60'000));
    QTRY_COMPARE(m_outbox->entries().first().problem, u"text of rate_limited"_s);
    comeBack(server, true);
    QVERIFY(server.join(kGeneral));
    QCOMPARE(server.expect(u"message"_s).value(u"content"_s), u"one"_s);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestChatClientOutbox)
#include "tst_chatclient_outbox.moc"
