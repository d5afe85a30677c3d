// SPDX-License-Identifier: MIT
#include "chatclienttest.h"

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

QJsonObject errorFrame(const QString &code, int retryMs)
{
    QJsonObject frame{{u"type"_s, u"error"_s},
                      {u"code"_s, code},
                      {u"message"_s, QString(u"text of "_s + code)},
                      {u"retryable"_s, retryMs > 0}};
    if (retryMs > 0)
        frame.insert(u"retry_ms"_s, retryMs);
    return frame;
}

void ChatClientTest::init()
{
    m_options = ClientOptions{};
    m_options.backoff = {1ms, 1ms};
    m_options.clock.wall = [this] { return m_wall; };
    makeClient();
}

void ChatClientTest::makeClient()
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

void ChatClientTest::connectTo(ScriptedServer &server)
{
    m_client->connectToServer(server.url(), {u"alice"_s, {}, {}});
    QVERIFY(server.authenticate());
    QTRY_VERIFY(m_client->isReady());
}

void ChatClientTest::enter(ScriptedServer &server)
{
    m_client->rooms().join(kGeneral);
    connectTo(server);
    for (const QString &room : m_client->rooms().rooms())
        QVERIFY(server.join(room));
    QTRY_COMPARE(m_client->rooms().phase(kGeneral), RoomPhase::Ready);
}

void ChatClientTest::enterWithRate(ScriptedServer &server, int rate, int burst)
{
    m_steady = {};
    m_options.clock.steady = [this] { return m_steady; };
    makeClient();
    server.setTerm(u"limits"_s, QJsonObject{{u"frame"_s, 65536},
                                            {u"content"_s, 4000},
                                            {u"rooms"_s, 32},
                                            {u"rate"_s, rate},
                                            {u"burst"_s, burst}});
    enter(server);
}

void ChatClientTest::comeBack(ScriptedServer &server, bool resumed, const QString &clientId)
{
    const int before = server.connections();
    server.drop();
    QTRY_COMPARE(server.connections(), before + 1);
    QVERIFY(server.authenticate(resumed, clientId));
}

QStringList ChatClientTest::texts() const
{
    QStringList texts;
    for (const auto &each : *m_messages)
        texts.append(each.at(0).value<ChatMessage>().text);
    return texts;
}

std::optional<OutboxState> ChatClientTest::stateOf(const QString &cid) const
{
    const auto entry = m_outbox->find(cid);
    return entry ? std::optional(entry->state) : std::nullopt;
}
