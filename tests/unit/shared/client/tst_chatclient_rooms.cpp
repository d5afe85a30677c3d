// SPDX-License-Identifier: MIT
#include "chatclienttest.h"
#include "tests/support/testclass.h"

#include <QJsonArray>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What the client makes of what comes: messages, members, answers.
class TestChatClientRooms : public ChatClientTest
{
    Q_OBJECT
private Q_SLOTS:
    void showsEachMessageOnce();
    void fillsAHoleFromTheHistory();
    void busyServerIsAskedAgainForHistory();
    void pagesOfASync();
    void saysThatMessagesMayBeMissing();
    void unaskedSyncMovesThePosition();
    void unaskedSyncOfAForkKeepsTheOutbox();
    void positionFollowsTheMessage();
    void leavingFromASlotIsSafe();
    void deletionsAreNoMessages();
    void deletedMessagesAreShownWithoutContent();

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
};

// ---- messages

void TestChatClientRooms::showsEachMessageOnce()
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

void TestChatClientRooms::fillsAHoleFromTheHistory()
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

void TestChatClientRooms::busyServerIsAskedAgainForHistory()
{
    ScriptedServer server;
    enter(server);
    server.send(messageFrame(2, u"two"_s));
    server.answer(server.expect(u"history"_s), errorFrame(u"rate_limited"_s, 1));
    server.answer(server.expect(u"history"_s), errorFrame(u"internal"_s));
    QTRY_COMPARE(texts(), QStringList{u"two"_s});
    QCOMPARE(m_missing->size(), 1);
}

void TestChatClientRooms::pagesOfASync()
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

void TestChatClientRooms::saysThatMessagesMayBeMissing()
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

void TestChatClientRooms::unaskedSyncMovesThePosition()
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

/// What was acknowledged is not sent again, though the server lost it; what was not is on its way.
void TestChatClientRooms::unaskedSyncOfAForkKeepsTheOutbox()
{
    ScriptedServer server;
    enter(server);
    server.send(messageFrame(1, u"one"_s));
    m_client->outgoing().send(kGeneral, u"acknowledged"_s);
    const QJsonObject first = server.expect(u"message"_s);
    server.acknowledge(first, 2);
    server.send(messageFrame(2, u"acknowledged"_s, first[u"cid"_s].toString()));
    QTRY_COMPARE(m_messages->size(), 2);
    m_client->outgoing().send(kGeneral, u"under way"_s);
    m_client->outgoing().send(kGeneral, u"waits"_s);
    const QJsonObject underWay = server.expect(u"message"_s);

    QJsonObject other = messageFrame(2, u"other"_s);
    other[u"id"_s] = u"fork2"_s;
    server.send(syncFrame(2, {messageFrame(1, u"one"_s), other}, false, u"diverged"_s));
    QTRY_COMPARE(m_missing->size(), 1);
    QTRY_COMPARE(texts(), (QStringList{u"one"_s, u"acknowledged"_s, u"other"_s}));
    QCOMPARE(*m_client->rooms().position(kGeneral), (RoomPosition{u"e1"_s, 2, u"fork2"_s}));
    QCOMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
    QCOMPARE(m_client->outgoing().entries().size(), 2);

    server.answer(underWay, errorFrame(u"unavailable"_s, 1));
    const QJsonObject again = server.expect(u"message"_s);
    QCOMPARE(again[u"cid"_s], underWay[u"cid"_s]);
    server.acknowledge(again, 3);
    QCOMPARE(server.expect(u"message"_s)[u"content"_s].toString(), u"waits"_s);
    server.send(messageFrame(3, u"under way"_s, again[u"cid"_s].toString()));
    QTRY_COMPARE(texts().last(), u"under way"_s);
    QCOMPARE(m_missing->size(), 1);
}

void TestChatClientRooms::positionFollowsTheMessage()
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

void TestChatClientRooms::leavingFromASlotIsSafe()
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

/// They move the position like messages.
void TestChatClientRooms::deletionsAreNoMessages()
{
    ScriptedServer server;
    enter(server);
    QSignalSpy deleted(&m_client->rooms(), &RoomBook::messageDeleted);
    server.send(messageFrame(1, u"one"_s));
    server.send(deletedFrame(2, 1));
    server.send(messageFrame(3, u"three"_s));
    QTRY_COMPARE(texts(), (QStringList{u"one"_s, u"three"_s}));
    QCOMPARE(deleted.size(), 1);
    QCOMPARE(deleted[0][0].value<MessageDeletion>(),
             (MessageDeletion{kGeneral, u"id1"_s, {u"ann"_s, u"Ann"_s, u"2026-01-31T12:30:00.000Z"_s}}));
    QCOMPARE(deleted[0][1].value<MessageSource>(), MessageSource::Live);
    comeBack(server, true);
    QCOMPARE(server.expect(u"join"_s)[u"since"_s][u"seq"_s].toInt(), 3);
}

/// Nobody asks for what is missing: they have their place.
void TestChatClientRooms::deletedMessagesAreShownWithoutContent()
{
    ScriptedServer server;
    m_client->rooms().join(kGeneral);
    connectTo(server);
    server.answer(server.expect(u"join"_s), {{u"type"_s, u"ack"_s}, {u"room"_s, kGeneral}});
    server.send(syncFrame(7, {tombstoneFrame(5, 6), deletedFrame(6, 5), messageFrame(7, u"seven"_s)}, false));
    QTRY_COMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
    QCOMPARE(texts(), (QStringList{{}, u"seven"_s}));
    const auto tombstone = m_messages->first().at(0).value<ChatMessage>();
    QCOMPARE(tombstone.deletedBy,
             std::optional(DeletedBy{u"ann"_s, u"Ann"_s, u"2026-01-31T12:30:00.000Z"_s}));
    QCOMPARE(tombstone.username, u"Other"_s);
    QVERIFY(m_missing->isEmpty());
    QVERIFY(!server.hasFrame());
}

// ---- people, questions

void TestChatClientRooms::membersFollowPresence()
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

void TestChatClientRooms::membersOfACrowdAreAskedForAgain()
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

void TestChatClientRooms::questionsWaitForTheirTurn()
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

void TestChatClientRooms::membersPastTheCapAreNotTold()
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

void TestChatClientRooms::typingExpires()
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

void TestChatClientRooms::typingIsToldSparingly()
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

void TestChatClientRooms::questionsAreAnswered()
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
    const QJsonObject novelty{
        {u"type"_s, u"novelty"_s}, {u"room"_s, kGeneral}, {u"seq"_s, 8}, {u"id"_s, u"id8"_s}};
    server.answer(question, {{u"type"_s, u"history"_s},
                             {u"room"_s, kGeneral},
                             {u"epoch"_s, u"e1"_s},
                             {u"events"_s, QJsonArray{novelty, messageFrame(9, u"nine"_s)}},
                             {u"more"_s, true}});
    QTRY_COMPARE(history.size(), 1);
    const auto page = history[0].at(1).value<HistoryPage>();
    QCOMPARE(page.messages.size(), 1);
    QCOMPARE(page.messages.first().text, u"nine"_s);
    QCOMPARE(page.first, std::optional<quint64>(8));
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
    server.answer(list, {{u"type"_s, u"rooms"_s}, {u"rooms"_s, QJsonArray{}}, {u"more"_s, true}});
    const QJsonObject next = server.expect(u"rooms"_s);
    QCOMPARE(next.value(u"prefix"_s), u"ge"_s);
    QCOMPARE(next.value(u"after"_s), list.value(u"after"_s));
    server.answer(
        next, {{u"type"_s, u"rooms"_s},
               {u"rooms"_s, QJsonArray{QJsonObject{{u"name"_s, kGeneral}, {u"count"_s, 3}, {u"seq"_s, 9}}}},
               {u"more"_s, false}});
    QTRY_COMPARE(rooms.size(), 1);
    QCOMPARE(rooms[0].at(0).value<QList<RoomSummary>>(), (QList<RoomSummary>{{kGeneral, 3, 9}}));

    directory.requestRooms();
    server.answer(server.expect(u"rooms"_s), errorFrame(u"rate_limited"_s, 50));
    QTRY_COMPARE(refused.size(), 1);
}

void TestChatClientRooms::questionsWithoutConnectionAreRefused()
{
    QSignalSpy refused(m_client.get(), &ChatClient::requestRefused);
    m_client->directory().requestRooms();
    QCOMPARE(refused.size(), 1);
}

void TestChatClientRooms::questionsThatTheConnectionTakesAlongAreRefused()
{
    ScriptedServer server;
    enterWithRate(server, 10, 10);
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

void TestChatClientRooms::questionsKeepToTheAnnouncedRate()
{
    ScriptedServer server;
    enterWithRate(server, 50, 10);
    // Of the burst of nine the first ping has taken one.
    m_client->directory().requestRooms();
    m_client->directory().requestMembers(kGeneral);
    (void)server.expect(u"rooms"_s);
    const int pings = server.pings();
    m_client->ping();
    QTRY_VERIFY(server.pings() > pings);
    QVERIFY(!server.hasFrame());
    m_steady += 1s;
    QVERIFY(!server.expect(u"who"_s).isEmpty());
}

void TestChatClientRooms::rawFrameGoesAsItIs()
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

PARLOR_TEST_WITHIN(QCoreApplication, TestChatClientRooms)
#include "tst_chatclient_rooms.moc"
