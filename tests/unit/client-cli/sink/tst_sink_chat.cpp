// SPDX-License-Identifier: MIT
#include "client-cli/sink/chat.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace parlor::cli::sink;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Keeps what it is sent, frame by frame.
class FakePeer final : public Peer
{
public:
    void send(std::string_view own, std::string_view shared) override
    {
        m_bytes.append(own).append(shared);
        ++sends;
    }
    /// The frames since the last call, each as its type, and of messages with number and content.
    QString take()
    {
        QStringList found;
        std::string_view rest = m_bytes;
        while (rest.size() >= 2) {
            std::size_t size = static_cast<unsigned char>(rest[1]);
            std::size_t begin = 2;
            if (size == 126) {
                size = static_cast<std::size_t>(static_cast<unsigned char>(rest[2]) << 8 |
                                                static_cast<unsigned char>(rest[3]));
                begin = 4;
            }
            last = QJsonDocument::fromJson(QByteArray(rest.data() + begin, static_cast<qsizetype>(size)))
                       .object();
            QString text = last[u"type"].toString();
            if (text == u"message")
                text += u' ' % QString::number(last[u"seq"].toInteger()) % u' ' % last[u"content"].toString();
            else if (text == u"ack" && last.contains(u"seq"))
                text += u' ' % QString::number(last[u"seq"].toInteger());
            else if (text == u"sync" || text == u"error")
                text += u' ' % (text == u"sync" ? QString::number(last[u"seq"].toInteger())
                                                : last[u"code"].toString());
            found.append(text);
            rest.remove_prefix(begin + size);
        }
        m_bytes.clear();
        return found.join(u", "_s);
    }

    QJsonObject last;
    int sends = 0;

private:
    std::string m_bytes;
};

struct Someone
{
    explicit Someone(bool isV2 = true)
        : client(peer, isV2)
    {
    }
    FakePeer peer;
    Client client;
};

} // namespace

/// The chat that a load meets, without sockets.
class TestSinkChat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void v2();
    void v1();
    void ofTwoDialects();
    void lateJoinerIsNotOwed();
    void oneSendATurn();
    void delays();
    void faultsAreToldAsTheyAreDone();
    void faultsBeginAfterTheJoin();
    void heldUntilItsTimeIsOver();
    void whoHasGoneGetsNothing();
    void errors();

private:
    void say(Someone &who, const QString &text, Time at = 0s)
    {
        m_chat->take(who.client, text.toStdString(), at);
    }
    void join(Someone &who, Time at = 0s, const QString &room = u"r"_s)
    {
        m_chat->welcome(who.client);
        say(who, u"{\"type\":\"join\",\"rid\":1,\"room\":\"%1\"}"_s.arg(room), at);
        m_chat->flush(at);
        static_cast<void>(who.peer.take());
    }
    void publish(Someone &who, const QString &content, Time at = 0s)
    {
        say(who,
            u"{\"type\":\"message\",\"rid\":7,\"room\":\"r\",\"cid\":\"c\",\"content\":\"%1\"}"_s.arg(
                content),
            at);
    }
    void begin(const SinkOptions &options)
    {
        m_options = options;
        m_counts = {};
        m_chat = std::make_unique<Chat>(m_options, "host", m_counts, m_log);
    }

    SinkOptions m_options;
    SinkCounts m_counts;
    FaultLog m_log;
    std::unique_ptr<Chat> m_chat;
};

void TestSinkChat::init()
{
    begin({.afterJoin = 0ms});
}

void TestSinkChat::v2()
{
    Someone a;
    m_chat->welcome(a.client);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"connection"_s);
    QCOMPARE(a.peer.last[u"hostname"].toString(), u"host"_s);
    QCOMPARE(a.peer.last[u"protocol"].toString(), u"parlor.v2"_s);
    const QString chat = a.peer.last[u"chat"].toString();
    say(a, u"{\"type\":\"join\",\"rid\":1,\"room\":\"r\",\"history\":0}"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"ack, room_users, sync 0"_s);
    QVERIFY(chat.startsWith(a.peer.last[u"epoch"].toString()));
    publish(a, u"hi"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"ack 1, message 1 hi"_s);
    say(a, u"{\"type\":\"leave\",\"rid\":2,\"room\":\"r\"}"_s);
    publish(a, u"again"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"ack, error not_in_room"_s);
    QCOMPARE(m_counts.published, 1U);
    QCOMPARE(m_counts.deliveries, 1U);
    QCOMPARE(m_counts.refused, 1U);
    m_chat->part(a.client);
}

void TestSinkChat::v1()
{
    Someone a(false);
    m_chat->welcome(a.client);
    say(a, u"{\"type\":\"message\",\"content\":\"hi\"}"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"connection, message 0 hi, room_users, message 1 hi"_s);
    say(a, u"{\"type\":\"join\",\"room\":\"other\"}"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"room_users"_s);
    QCOMPARE(a.client.memberships.size(), 1U);
    QCOMPARE(a.client.memberships.front()->room->name, std::string("other"));
    m_chat->part(a.client);
}

void TestSinkChat::ofTwoDialects()
{
    Someone a;
    Someone b(false);
    join(a);
    join(b);
    publish(a, u"hi"_s);
    m_chat->flush(0s);
    QCOMPARE(b.peer.take(), u"message 1 hi"_s);
    QCOMPARE(b.peer.last[u"sender"].toString().toStdString(), a.client.id);
    m_chat->part(a.client);
    m_chat->part(b.client);
}

void TestSinkChat::lateJoinerIsNotOwed()
{
    Someone a;
    Someone b;
    join(a);
    publish(a, u"before"_s);
    m_chat->welcome(b.client);
    say(b, u"{\"type\":\"join\",\"rid\":1,\"room\":\"r\"}"_s);
    publish(a, u"after"_s);
    m_chat->flush(0s);
    QCOMPARE(b.peer.take(), u"connection, ack, room_users, sync 1, message 2 after"_s);
    QCOMPARE(a.peer.take(), u"ack 1, ack 2, message 1 before, message 2 after"_s);
    QCOMPARE(m_counts.deliveries, 3U);
    m_chat->part(a.client);
    m_chat->part(b.client);
}

void TestSinkChat::oneSendATurn()
{
    Someone a;
    Someone b;
    join(a);
    join(b);
    a.peer.sends = b.peer.sends = 0;
    QVERIFY(!m_chat->isPending());
    for (int i = 0; i < 100; ++i)
        publish(a, u"x"_s);
    QVERIFY(m_chat->isPending());
    m_chat->flush(0s);
    QVERIFY(!m_chat->isPending());
    QCOMPARE(a.peer.sends, 1);
    QCOMPARE(b.peer.sends, 1);
    QCOMPARE(m_counts.deliveries, 200U);
    m_chat->part(a.client);
    m_chat->part(b.client);
}

void TestSinkChat::delays()
{
    begin({.delay = 50ms});
    Someone a;
    Someone b;
    join(a);
    publish(a, u"hi"_s, 10ms);
    m_chat->flush(10ms);
    QCOMPARE(a.peer.take(), u"ack 1"_s);
    QCOMPARE(m_chat->nextDue(), std::optional<Time>(60ms));
    join(b, 20ms); // it came after what is still on its way
    m_chat->flush(59ms);
    QCOMPARE(a.peer.take(), QString());
    m_chat->flush(60ms);
    QCOMPARE(a.peer.take(), u"message 1 hi"_s);
    QCOMPARE(b.peer.take(), QString());
    QCOMPARE(m_chat->nextDue(), std::nullopt);
    m_chat->part(a.client);
    m_chat->part(b.client);
}

void TestSinkChat::faultsAreToldAsTheyAreDone()
{
    begin({.planned = {
               {Fault::Drop, 1, 1}, {Fault::Double, 1, 2}, {Fault::Reorder, 2, 1}, {Fault::Corrupt, 2, 2}}});
    Someone a;
    Someone b;
    join(a);
    join(b);
    for (const QString &each : {u"one"_s, u"two"_s, u"three"_s})
        publish(a, each);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"ack 1, ack 2, ack 3, message 3 three, message 2 two"_s);
    QCOMPARE(b.peer.take(), u"message 1 one, message 1 one, message 2 twX, message 3 three"_s);
    QCOMPARE(m_counts.faults, (std::array<std::uint64_t, kFaults>{1, 1, 1, 1}));
    QCOMPARE(m_counts.deliveries, 6U);
    m_chat->part(a.client);
    m_chat->part(b.client);
}

void TestSinkChat::faultsBeginAfterTheJoin()
{
    begin({.shares = {1, 0, 0, 0}, .afterJoin = 500ms});
    Someone a;
    join(a, 1s);
    publish(a, u"early"_s);
    m_chat->flush(1499ms);
    QCOMPARE(a.peer.take(), u"ack 1, message 1 early"_s);
    publish(a, u"late"_s);
    m_chat->flush(1500ms);
    QCOMPARE(a.peer.take(), u"ack 2"_s);
    QCOMPARE(m_counts.of(Fault::Drop), 1U);
    m_chat->part(a.client);
}

void TestSinkChat::heldUntilItsTimeIsOver()
{
    begin({.planned = {{Fault::Reorder, 1, 1}, {Fault::Reorder, 3, 1}}});
    Someone a;
    join(a);
    publish(a, u"one"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"ack 1"_s);
    publish(a, u"two"_s);
    publish(a, u"three"_s);
    m_chat->flush(100ms); // the first hold is over, and another one begins
    QCOMPARE(a.peer.take(), u"ack 2, ack 3, message 2 two, message 1 one"_s);
    m_chat->flush(Chat::kHold);
    QCOMPARE(a.peer.take(), QString());
    m_chat->flush(Chat::kHold + 100ms);
    QCOMPARE(a.peer.take(), u"message 3 three"_s);
    QCOMPARE(m_counts.of(Fault::Reorder), 1U);
    QCOMPARE(m_counts.deliveries, 3U);
    m_chat->part(a.client);
}

void TestSinkChat::whoHasGoneGetsNothing()
{
    begin({.planned = {{Fault::Reorder, 1, 2}}, .delay = 10ms});
    Someone a;
    join(a);
    {
        Someone b;
        join(b);
        publish(b, u"one"_s);
        m_chat->flush(10ms);
        QCOMPARE(b.peer.take(), u"ack 1"_s);
        publish(b, u"two"_s, 10ms);
        m_chat->part(b.client);
    }
    m_chat->flush(5s);
    QCOMPARE(a.peer.take(), u"message 1 one, message 2 two"_s);
    QCOMPARE(m_counts.of(Fault::Reorder), 0U);
    m_chat->part(a.client);
}

void TestSinkChat::errors()
{
    Someone a;
    join(a);
    for (const QString &each :
         {u"nonsense"_s, u"{\"type\":\"history\",\"rid\":1,\"room\":\"r\"}"_s, u"{\"type\":\"fly\"}"_s,
          u"{\"type\":\"join\",\"room\":\"no such name!\"}"_s, u"{\"type\":\"leave\",\"room\":\"x\"}"_s,
          u"{\"type\":\"message\",\"room\":\"r\",\"cid\":\"\",\"content\":\"x\"}"_s})
        say(a, each);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"error bad_request, error unknown_type, error unknown_type, error room_invalid, "
                            "error not_in_room, error bad_request"_s);
    say(a, u"{\"type\":\"ping\",\"rid\":3,\"t\":1}"_s);
    m_chat->flush(0s);
    QCOMPARE(a.peer.take(), u"pong"_s);
    m_chat->part(a.client);
}

PARLOR_TEST(TestSinkChat)
#include "tst_sink_chat.moc"
