// SPDX-License-Identifier: MIT
#include "chatclienttest.h"
#include "tests/support/testclass.h"

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What a client asks for against others, and what it is told of it.
class TestChatClientModeration : public ChatClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void acts_data();
    void acts();
    void deletes();
    void refusals();
    void withoutAConnection();
    void whatTheConnectionTakesAlong();
};

void TestChatClientModeration::acts_data()
{
    using enum ModerationAct::Action;
    QTest::addColumn<ModerationAct>("act");
    QTest::addColumn<QJsonObject>("asked");
    const auto row = [](const char *name, const ModerationAct &act, QJsonObject asked) {
        asked.insert(u"action"_s, QString::fromLatin1(name).section(u' ', 0, 0));
        QTest::newRow(name) << act << asked;
    };
    row("kick", {.action = Kick, .user = u"ann"_s, .reason = u"enough"_s},
        {{u"user"_s, u"ann"_s}, {u"reason"_s, u"enough"_s}});
    row("ban", {.action = Ban, .user = u"ann"_s, .duration = 2h},
        {{u"user"_s, u"ann"_s}, {u"duration_ms"_s, 7'200'000}});
    row("ban a network", {.action = Ban, .network = u"192.0.2.0/24"_s}, {{u"network"_s, u"192.0.2.0/24"_s}});
    row("unban", {.action = Unban, .user = u"ann"_s}, {{u"user"_s, u"ann"_s}});
    row("mute", {.action = Mute, .user = u"ann"_s, .room = kGeneral, .duration = 1min},
        {{u"user"_s, u"ann"_s}, {u"room"_s, kGeneral}, {u"duration_ms"_s, 60'000}});
    row("unmute", {.action = Unmute, .user = u"ann"_s}, {{u"user"_s, u"ann"_s}});
    row("slow", {.action = Slow, .room = kGeneral, .interval = 10s},
        {{u"room"_s, kGeneral}, {u"interval_ms"_s, 10'000}});
    row("slow no more", {.action = Slow, .room = kGeneral, .interval = 0ms},
        {{u"room"_s, kGeneral}, {u"interval_ms"_s, 0}});
}

void TestChatClientModeration::acts()
{
    QFETCH(ModerationAct, act);
    QFETCH(QJsonObject, asked);
    ScriptedServer server;
    connectTo(server);
    QSignalSpy done(&m_client->moderation(), &Moderation::done);
    QSignalSpy refused(&m_client->moderation(), &Moderation::refused);
    m_client->moderation().act(act);
    QJsonObject frame = server.expect(u"moderate"_s);
    server.answer(frame, {{u"type"_s, u"ack"_s}, {u"action"_s, asked.value(u"action"_s)}});
    frame.remove(u"type"_s);
    frame.remove(u"rid"_s);
    QCOMPARE(frame, asked);
    QTRY_COMPARE(done.size(), 1);
    QCOMPARE(done.first().first().value<ModerationAct>(), act);
    QVERIFY(refused.isEmpty());
}

/// Whoever asked hears of it like everybody else.
void TestChatClientModeration::deletes()
{
    ScriptedServer server;
    enter(server);
    QSignalSpy deleted(&m_client->rooms(), &RoomBook::messageDeleted);
    QSignalSpy refused(&m_client->moderation(), &Moderation::deleteRefused);
    server.send(messageFrame(1, u"one"_s));
    m_client->moderation().deleteMessage(kGeneral, 1, u"id1"_s);
    const QJsonObject asked = server.expect(u"delete"_s);
    QCOMPARE(asked.value(u"room"_s), kGeneral);
    QCOMPARE(asked.value(u"seq"_s), 1);
    QCOMPARE(asked.value(u"id"_s), u"id1"_s);
    server.answer(asked, {{u"type"_s, u"ack"_s},
                          {u"room"_s, kGeneral},
                          {u"id"_s, u"id2"_s},
                          {u"seq"_s, 2},
                          {u"timestamp"_s, u"2026-01-31T12:30:00.000Z"_s},
                          {u"target"_s, u"id1"_s},
                          {u"dup"_s, false},
                          {u"durable"_s, true}});
    server.send(deletedFrame(2, 1));
    QTRY_COMPARE(deleted.size(), 1);
    QVERIFY(refused.isEmpty());
}

void TestChatClientModeration::refusals()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy notDone(&m_client->moderation(), &Moderation::refused);
    QSignalSpy notDeleted(&m_client->moderation(), &Moderation::deleteRefused);
    const Refusal forbidden{u"forbidden"_s, u"text of forbidden"_s};
    m_client->moderation().deleteMessage(kGeneral, 1, u"id1"_s);
    server.answer(server.expect(u"delete"_s), errorFrame(u"forbidden"_s));
    QTRY_COMPARE(notDeleted.size(), 1);
    QCOMPARE(notDeleted.first().at(1).toString(), u"id1"_s);
    QCOMPARE(notDeleted.first().at(2).value<Refusal>(), forbidden);
    m_client->moderation().act({.user = u"ann"_s});
    server.answer(server.expect(u"moderate"_s), errorFrame(u"forbidden"_s));
    QTRY_COMPARE(notDone.size(), 1);
    QCOMPARE(notDone.first().at(1).value<Refusal>(), forbidden);
}

void TestChatClientModeration::withoutAConnection()
{
    QSignalSpy notDone(&m_client->moderation(), &Moderation::refused);
    QSignalSpy notDeleted(&m_client->moderation(), &Moderation::deleteRefused);
    m_client->moderation().deleteMessage(kGeneral, 1, u"id1"_s);
    m_client->moderation().act({.user = u"ann"_s});
    QVERIFY(notDeleted.takeFirst().last().value<Refusal>().text.contains(u"not connected"_s));
    QVERIFY(notDone.takeFirst().last().value<Refusal>().text.contains(u"not connected"_s));
}

/// Nobody knows whether it was done. It is not asked for again by itself: the person sees what became of it.
void TestChatClientModeration::whatTheConnectionTakesAlong()
{
    ScriptedServer server;
    connectTo(server);
    QSignalSpy notDone(&m_client->moderation(), &Moderation::refused);
    m_client->moderation().act({.user = u"ann"_s});
    QVERIFY(!server.expect(u"moderate"_s).isEmpty());
    comeBack(server, true);
    QTRY_COMPARE(notDone.size(), 1);
    QVERIFY(notDone.first().at(1).value<Refusal>().text.contains(u"the connection was lost"_s));
    QVERIFY(!server.hasFrame());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestChatClientModeration)
#include "tst_chatclient_moderation.moc"
