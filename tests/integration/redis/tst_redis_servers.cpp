// SPDX-License-Identifier: MIT
// Two servers on one Redis are one chat.
#include "tests/integration/redis/rediscase.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class RedisServersTest : public RedisCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void aMessageArrivesAtTheOther();
    void aSessionResumesOnTheOther();
    void anotherPrefixIsAnotherChat();
    void theUserOfTheManualIsEnough();
    void historyIsBounded();
    void replicasDecideWhatIsDurable();

private:
    std::unique_ptr<RedisProcess> m_redis;
    std::unique_ptr<ServerProcess> m_first;
    std::unique_ptr<ServerProcess> m_second;
};

void RedisServersTest::init()
{
    m_redis = std::make_unique<RedisProcess>();
    QVERIFY(m_redis->start());
    m_first = server(m_redis->url());
    m_second = server(m_redis->url());
    PARLOR_EXPECT(m_first->start());
    PARLOR_EXPECT(m_second->start());
}

void RedisServersTest::cleanup()
{
    for (const auto &each : {m_first.get(), m_second.get()})
        PARLOR_EXPECT(each->stop());
    m_redis.reset();
}

void RedisServersTest::aMessageArrivesAtTheOther()
{
    RawChat here;
    RawChat there;
    PARLOR_EXPECT(join(here, m_first->port(), u"general"_s));
    PARLOR_EXPECT(join(there, m_second->port(), u"general"_s));
    PARLOR_EXPECT(here.chats(u"general"_s, u"hello"_s));
    const auto message = there.nextOf(u"message"_s);
    QVERIFY2(message, qPrintable(there.why()));
    QCOMPARE(message->value("content"_L1).toString(), u"hello"_s);
    QCOMPARE(message->value("seq"_L1).toInteger(), 1);
    PARLOR_EXPECT(there.chats(u"general"_s, u"hello yourself"_s));
    const auto answer = here.nextOf(u"message"_s);
    QVERIFY2(answer, qPrintable(here.why()));
    QCOMPARE(answer->value("content"_L1).toString(), u"hello yourself"_s);
    QCOMPARE(answer->value("seq"_L1).toInteger(), 2);

    const auto chat = [](const ServerProcess &of) {
        return exchange(of.port(), getRequest("/health")).json().value("chat"_L1).toString();
    };
    QVERIFY(!chat(*m_first).isEmpty());
    QCOMPARE(chat(*m_first), chat(*m_second));
}

/// So they have one secret, too.
void RedisServersTest::aSessionResumesOnTheOther()
{
    RawChat old;
    PARLOR_EXPECT(old.open(m_first->port(), Dialect::V2));
    const auto session = old.authenticate({{u"username"_s, u"Ann"_s}});
    QVERIFY2(session, qPrintable(old.why()));
    QVERIFY(old.send({{u"type"_s, u"join"_s}, {u"room"_s, u"general"_s}}));
    const auto sync = old.nextOf(u"sync"_s);
    QVERIFY2(sync, qPrintable(old.why()));
    PARLOR_EXPECT(old.chats(u"general"_s, u"seen"_s));
    RawChat other;
    PARLOR_EXPECT(join(other, m_second->port(), u"general"_s));

    RawChat resumed;
    PARLOR_EXPECT(resumed.open(m_second->port(), Dialect::V2));
    const auto ack = resumed.authenticate({{u"resume"_s, session->value("resume"_L1)}});
    QVERIFY2(ack, qPrintable(resumed.why()));
    QVERIFY(ack->value("resumed"_L1).toBool());
    QCOMPARE(ack->value("username"_L1).toString(), u"Ann"_s);
    QCOMPARE(resumed.clientId(), old.clientId());
    PARLOR_EXPECT(old.expectClose(4007));
    PARLOR_EXPECT(other.chats(u"general"_s, u"missed"_s));
    const QJsonObject since{{u"epoch"_s, sync->value("epoch"_L1)}, {u"seq"_s, 0}};
    QVERIFY(resumed.send({{u"type"_s, u"join"_s}, {u"room"_s, u"general"_s}, {u"since"_s, since}}));
    const auto caughtUp = resumed.nextOf(u"sync"_s);
    QVERIFY2(caughtUp, qPrintable(resumed.why()));
    QVERIFY2(caughtUp->value("recovered"_L1).toBool(), qPrintable(toText(*caughtUp)));
    QCOMPARE(caughtUp->value("events"_L1).toArray().size(), 2);
}

void RedisServersTest::anotherPrefixIsAnotherChat()
{
    const auto stranger = server(m_redis->url(), {u"--redis-prefix"_s, u"other:"_s});
    PARLOR_EXPECT(stranger->start());
    RawChat here;
    RawChat there;
    PARLOR_EXPECT(join(here, m_first->port(), u"general"_s));
    PARLOR_EXPECT(join(there, stranger->port(), u"general"_s));
    PARLOR_EXPECT(here.chats(u"general"_s, u"hello"_s));
    PARLOR_EXPECT(there.chats(u"general"_s, u"nobody said anything"_s)); // the first of its room
    for (const QString &key : m_redis->command({u"KEYS"_s, u"*"_s}).split(u'\n'))
        QVERIFY2(key.startsWith(u"parlor:"_s) || key.startsWith(u"other:"_s), qPrintable(key));
}

/// The commands, keys and channels that docs/operating.md lists.
void RedisServersTest::theUserOfTheManualIsEnough()
{
    QFile manual(QDir(qEnvironmentVariable("PARLOR_TEST_SOURCE")).filePath(u"docs/operating.md"_s));
    QVERIFY(manual.open(QIODevice::ReadOnly));
    static const QRegularExpression line(u"^    redis-cli (ACL SETUSER parlor .*)$"_s,
                                         QRegularExpression::MultilineOption);
    const QString command =
        line.match(QString::fromUtf8(manual.readAll())).captured(1).remove(u'\''); // quoted for a shell
    QVERIFY(!command.isEmpty());
    QCOMPARE(m_redis->command(command.split(u' ')), u"OK"_s);
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"password"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.setPermissions(QFile::ReadOwner));
    file.write("PASSWORD");
    file.close();
    m_redis->command({u"ACL"_s, u"LOG"_s, u"RESET"_s});
    const QString url = m_redis->url().replace(u"unix:"_s, u"unix://parlor@"_s);
    const auto limited = server(url, {u"--redis-password-file"_s, file.fileName(),
                                      u"--history-max-messages"_s, u"10"_s, u"--history-max-age"_s, u"1h"_s});
    PARLOR_EXPECT(limited->start());
    RawChat here;
    RawChat there;
    PARLOR_EXPECT(join(here, limited->port(), u"general"_s));
    PARLOR_EXPECT(join(there, m_second->port(), u"general"_s));
    for (int i = 0; i < 200; ++i)
        PARLOR_EXPECT(publishAtLast(here, u"general"_s, QString::number(i)));
    for (const char *request : {"rooms", "history", "who"})
        QVERIFY(here.send({{u"type"_s, QString::fromLatin1(request)}, {u"room"_s, u"general"_s}}));
    QVERIFY2(there.nextOf(u"message"_s), qPrintable(there.why()));
    PARLOR_EXPECT(limited->stop());
    QCOMPARE(m_redis->command({u"ACL"_s, u"LOG"_s}), QString()); // of what was refused
}

void RedisServersTest::historyIsBounded()
{
    const auto short_ = server(m_redis->url(), {u"--history-max-messages"_s, u"100"_s});
    PARLOR_EXPECT(short_->start());
    RawChat chat;
    PARLOR_EXPECT(join(chat, short_->port(), u"general"_s));
    for (int i = 0; i < 400; ++i)
        PARLOR_EXPECT(publishAtLast(chat, u"general"_s, QString::number(i)));
    QTRY_VERIFY(m_redis->command({u"XLEN"_s, u"parlor:{general}:s"_s}).toInt() < 300);
    QVERIFY(m_redis->command({u"XLEN"_s, u"parlor:{general}:s"_s}).toInt() >= 100);
}

void RedisServersTest::replicasDecideWhatIsDurable()
{
    RedisProcess primary({}, true);
    QVERIFY(primary.start());
    RedisProcess replica({u"--replicaof"_s, u"localhost "_s + primary.tcpUrl().section(u':', -1)});
    QVERIFY(replica.start());
    QTRY_VERIFY(primary.command({u"INFO"_s, u"replication"_s}).contains(u"state=online"_s));
    const auto waiting = server(primary.url(), {u"--redis-wait"_s, u"1"_s});
    PARLOR_EXPECT(waiting->start());
    RawChat chat;
    PARLOR_EXPECT(join(chat, waiting->port(), u"general"_s));
    QJsonObject ack = publish(chat, u"general"_s, u"on two"_s);
    QVERIFY2(ack.value("durable"_L1).toBool(), qPrintable(toText(ack) + waiting->errorText()));
    QCOMPARE(replica.command({u"XLEN"_s, u"parlor:{general}:s"_s}), u"1"_s);
    replica.kill();
    ack = publish(chat, u"general"_s, u"on one"_s);
    QCOMPARE(ack.value("type"_L1).toString(), u"ack"_s);
    QVERIFY2(!ack.value("durable"_L1).toBool(true), qPrintable(toText(ack)));
    QTRY_VERIFY(waiting->errorText().contains(u"fewer replicas of Redis than --redis-wait wants"_s));
}

PARLOR_TEST_WITHIN(QCoreApplication, RedisServersTest)
#include "tst_redis_servers.moc"
