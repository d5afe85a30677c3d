// SPDX-License-Identifier: MIT
#include "client-cli/chat/statusreporter.h"
#include "shared/client/memoryoutbox.h"
#include "tests/support/testclass.h"
#include "tests/unit/shared/client/scriptedserver.h"

#include <QSignalSpy>
#include <QTest>

using namespace parlor;
using namespace parlor::cli;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What a person at a terminal is told, and what not: a real client, against a server that the test plays.
class TestStatusReporter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void init();
    void aShortLossIsNotTold_data();
    void aShortLossIsNotTold();
    void aLongerLossIsToldFromItsBeginning();
    void aLastingEndIsToldAtOnce();
    void whatToDoAfterAnEnd_data();
    void whatToDoAfterAnEnd();
    void whatIsDoneToUs_data();
    void whatIsDoneToUs();
    void slowModeIsTold();
    void aScriptIsToldAtOnce();
    void aForkedHistory_data();
    void aForkedHistory();
    void serversThatDoNotReachEachOther();

private:
    /// In general, where one message was said; and nothing told yet.
    void enter(std::chrono::milliseconds quietLoss);
    void comeBack();
    static void send(ScriptedServer &server, const QString &type, QJsonObject fields)
    {
        fields[u"type"_s] = type;
        server.send(fields);
    }

    ClientOptions m_options;
    std::unique_ptr<ScriptedServer> m_server;
    std::unique_ptr<MemoryOutbox> m_outbox;
    std::unique_ptr<ChatClient> m_client;
    std::unique_ptr<StatusReporter> m_reporter;
    QStringList m_told;
};

void TestStatusReporter::init()
{
    m_options = {};
    m_options.backoff = {1ms, 1ms};
}

void TestStatusReporter::enter(std::chrono::milliseconds quietLoss)
{
    m_reporter.reset();
    m_client.reset();
    m_server = std::make_unique<ScriptedServer>();
    m_outbox = std::make_unique<MemoryOutbox>();
    m_client = std::make_unique<ChatClient>(m_options, *m_outbox);
    m_reporter = std::make_unique<StatusReporter>(
        *m_client, [this](const QString &text) { m_told.append(text); }, quietLoss);
    m_client->rooms().join(u"general"_s);
    m_client->connectToServer(m_server->url(), {u"alice"_s, {}, {}});
    QVERIFY(m_server->authenticate());
    QVERIFY(m_server->join(u"general"_s));
    QTRY_VERIFY(m_told.contains(u"joined #general"_s));
    m_server->send(messageFrame(1, u"one"_s));
    QTRY_COMPARE(m_client->rooms().position(u"general"_s)->seq, 1U);
    m_told.clear();
}

void TestStatusReporter::comeBack()
{
    QVERIFY(m_server->authenticate(true));
    QVERIFY(m_server->join(u"general"_s, 1));
    QTRY_COMPARE(m_client->rooms().phase(u"general"_s), RoomPhase::Ready);
}

void TestStatusReporter::aShortLossIsNotTold_data()
{
    QTest::addColumn<quint16>("code"); // 0: the server dies
    QTest::newRow("shutdown") << quint16(4200);
    QTest::newRow("rebalance") << quint16(4203);
    QTest::newRow("dies") << quint16(0);
}

void TestStatusReporter::aShortLossIsNotTold()
{
    QFETCH(quint16, code);
    enter(1h);
    for (int i = 0; i < 2; ++i) {
        m_client->outgoing().send(u"general"_s, u"under way"_s);
        QVERIFY(!m_server->expect(u"message"_s).isEmpty());
        send(*m_server, u"reconnect"_s, {{u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, 1}});
        if (code == 0)
            m_server->drop();
        else
            m_server->close(code);
        QTRY_VERIFY(m_reporter->isQuiet());
        m_client->outgoing().send(u"general"_s, u"written meanwhile"_s);
        comeBack();
        QVERIFY(!m_reporter->isQuiet());
        for (const auto &text : {u"under way"_s, u"written meanwhile"_s}) {
            const QJsonObject message = m_server->expect(u"message"_s);
            QCOMPARE(message[u"content"_s].toString(), text);
            m_server->acknowledge(message, 1);
        }
        QTRY_VERIFY(m_outbox->entries().isEmpty());
        QVERIFY2(m_told.isEmpty(), qPrintable(m_told.join(u"; "_s)));
    }
}

void TestStatusReporter::aLongerLossIsToldFromItsBeginning()
{
    m_options.backoff = {1h, 1h, 1.0, 1.0};
    enter(1ms);
    QSignalSpy told(m_reporter.get(), &StatusReporter::lossTold);
    m_server->close(4200);
    QTRY_COMPARE(told.size(), 1);
    QVERIFY(!m_reporter->isQuiet());
    QCOMPARE(m_told.size(), 2);
    QVERIFY2(m_told[0].startsWith(u"connection closed, code 4200"_s), qPrintable(m_told[0]));
    QVERIFY2(m_told[1].startsWith(u"trying again in "_s), qPrintable(m_told[1]));
    m_client->reconnectNow();
    comeBack();
    QVERIFY2(m_told[2].startsWith(u"connecting to "_s), qPrintable(m_told[2]));
    QVERIFY2(m_told[3].startsWith(u"signed in as "_s), qPrintable(m_told[3]));
    QCOMPARE(m_told[4], u"joined #general again"_s);
}

void TestStatusReporter::aLastingEndIsToldAtOnce()
{
    enter(1h);
    m_server->close(4007);
    QTRY_VERIFY(!m_told.isEmpty() && m_told.last() == u"not trying again"_s);
    QVERIFY2(m_told.first().startsWith(u"connection closed, code 4007"_s), qPrintable(m_told.first()));
}

void TestStatusReporter::whatToDoAfterAnEnd_data()
{
    QTest::addColumn<quint16>("code");
    QTest::addColumn<QString>("line");
    const auto row =
        [](quint16 code, const QString &words, const QString &advice) {
            QTest::addRow("%d", code)
                << code
                << u"connection closed, code %1: %2 (reason: the server's words); %3"_s.arg(code).arg(words,
                                                                                                      advice);
        };
    row(4001, u"the credentials were refused"_s, u"get a new token, and connect again with it"_s);
    row(4003, u"not allowed"_s, u"ask the server's operator what you may do there"_s);
    row(4004, u"banned"_s, u"only the server's moderators can end this sooner"_s);
    row(4005, u"removed by a moderator"_s, u"you may connect again"_s);
    row(4008, u"no credentials came in time"_s,
        u"connect again; if that is too late as well, look for what slows the network down"_s);
}

void TestStatusReporter::whatToDoAfterAnEnd()
{
    QFETCH(quint16, code);
    QFETCH(QString, line);
    enter(1h);
    m_server->close(code, u"the server's words"_s);
    QTRY_COMPARE(m_told, (QStringList{line, u"not trying again"_s}));
}

void TestStatusReporter::whatIsDoneToUs_data()
{
    QTest::addColumn<QJsonObject>("notice");
    QTest::addColumn<QStringList>("told");
    QTest::newRow("muted") << QJsonObject{{u"action"_s, u"mute"_s}}
                           << QStringList{u"a moderator muted you in all rooms"_s};
    QTest::newRow("muted here for a while")
        << QJsonObject{{u"action"_s, u"mute"_s},
                       {u"room"_s, u"general"_s},
                       {u"until"_s, 1'767'225'600'000.0},
                       {u"reason"_s, u"en\x1bough"_s}}
        << QStringList{u"a moderator muted you in #general until 2026-01-01 00:00: en\\x1bough"_s};
    QTest::newRow("unmuted") << QJsonObject{{u"action"_s, u"unmute"_s}, {u"room"_s, u"general"_s}}
                             << QStringList{u"you are not muted any more in #general"_s};
    QTest::newRow("something of a later version") << QJsonObject{{u"action"_s, u"praise"_s}} << QStringList{};
}

void TestStatusReporter::whatIsDoneToUs()
{
    QFETCH(QJsonObject, notice);
    QFETCH(QStringList, told);
    enter(1h);
    QSignalSpy heard(m_client.get(), &ChatClient::moderated);
    send(*m_server, u"moderated"_s, notice);
    QTRY_COMPARE(heard.size(), 1);
    QCOMPARE(m_told, told);
}

void TestStatusReporter::slowModeIsTold()
{
    enter(1h);
    m_client->outgoing().send(u"general"_s, u"waits"_s);
    m_server->answer(m_server->expect(u"message"_s), {{u"type"_s, u"error"_s},
                                                      {u"code"_s, u"rate_limited"_s},
                                                      {u"message"_s, u"one message each in 10 s"_s},
                                                      {u"retryable"_s, true},
                                                      {u"retry_ms"_s, 8000}});
    QTRY_COMPARE(m_told.size(), 1);
    QVERIFY2(
        m_told[0].startsWith(u"#general: one message each in 10 s; your message goes out by itself in 8."_s),
        qPrintable(m_told[0]));
}

void TestStatusReporter::aScriptIsToldAtOnce()
{
    enter({});
    send(*m_server, u"reconnect"_s, {{u"reason"_s, u"shutdown"_s}, {u"delay_ms"_s, 1}});
    QTRY_COMPARE(m_told.size(), 1);
    m_server->drop();
    comeBack();
    QVERIFY2(m_told[1].startsWith(u"connection closed, code 1006"_s), qPrintable(m_told[1]));
    QCOMPARE(m_told.last(), u"joined #general again"_s);
}

void TestStatusReporter::aForkedHistory_data()
{
    QTest::addColumn<QString>("reason");
    QTest::addColumn<QString>("why");
    QTest::newRow("diverged") << u"diverged"_s << u"the room's history begins anew"_s;
    QTest::newRow("ahead") << u"ahead"_s << u"the room's history begins anew"_s;
    QTest::newRow("too old") << u"too_old"_s << u"the server no longer has them"_s;
    QTest::newRow("unknown") << u"novelty"_s << u"the server no longer has them"_s;
}

void TestStatusReporter::aForkedHistory()
{
    QFETCH(QString, reason);
    QFETCH(QString, why);
    enter(1h);
    QStringList said;
    connect(&m_client->rooms(), &RoomBook::messageReceived, this,
            [&said](const ChatMessage &message) { said.append(message.id); });
    QJsonObject other = messageFrame(1, u"other"_s);
    other[u"id"_s] = u"fork1"_s;
    m_server->send(syncFrame(1, {other}, false, reason));
    m_server->send(messageFrame(2, u"two"_s));
    QTRY_COMPARE(said, (QStringList{u"fork1"_s, u"id2"_s}));
    QCOMPARE(m_told, QStringList{u"messages may be missing in #general: "_s + why});
}

void TestStatusReporter::serversThatDoNotReachEachOther()
{
    enter(1h);
    for (const QString &cluster : {u"degraded"_s, u"on holiday"_s})
        send(*m_server, u"server_state"_s, {{u"cluster"_s, cluster}});
    m_client->outgoing().send(u"general"_s, u"waits"_s);
    for (int i = 0; i < 3; ++i)
        m_server->answer(m_server->expect(u"message"_s), {{u"type"_s, u"error"_s},
                                                          {u"code"_s, u"unavailable"_s},
                                                          {u"message"_s, u"Redis is away"_s},
                                                          {u"retryable"_s, true},
                                                          {u"retry_ms"_s, 1}});
    const QJsonObject message = m_server->expect(u"message"_s);
    QCOMPARE(m_told, QStringList{u"messages wait until the servers reach each other again"_s});
    send(*m_server, u"server_state"_s, {{u"cluster"_s, u"ok"_s}});
    m_server->acknowledge(message, 2);
    QTRY_VERIFY(m_outbox->entries().isEmpty());
    QCOMPARE(m_told.mid(1), QStringList{u"the servers reach each other again"_s});
}

PARLOR_TEST_WITHIN(QCoreApplication, TestStatusReporter)
#include "tst_statusreporter.moc"
