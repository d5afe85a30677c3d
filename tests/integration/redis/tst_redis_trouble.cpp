// SPDX-License-Identifier: MIT
// A Redis that stops being usable: messages are refused, one line says what to do, and it recovers by itself.
#include "tests/integration/redis/rediscase.h"
#include "tests/support/testclass.h"
#include "tests/support/wire.h"

#include <QFile>

#include <csignal>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class RedisTroubleTest : public RedisCase
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void wrongPassword();
    void replica();
    void outOfMemory();
    void mayNotPublish();
    void killed();
    void silent();
    void isAnother_data();
    void isAnother();
    void otherCertificate();

private:
    /// A Redis and a server on it, with a client in #general that has said something.
    [[nodiscard]] Problem begin(const QStringList &options = {}, const QString &userInfo = {});
    /// Messages are refused, and the log says this, once.
    [[nodiscard]] Problem isRefused(const QString &says);
    /// Messages are taken again, those that were refused too, and everybody has them.
    [[nodiscard]] Problem recovers();

    std::unique_ptr<RedisProcess> m_redis;
    std::unique_ptr<ServerProcess> m_server;
    std::unique_ptr<RawChat> m_chat;
};

void RedisTroubleTest::init()
{
    m_chat = std::make_unique<RawChat>();
}

void RedisTroubleTest::cleanup()
{
    m_chat.reset();
    m_server.reset();
    m_redis.reset();
}

Problem RedisTroubleTest::begin(const QStringList &options, const QString &userInfo)
{
    m_redis = std::make_unique<RedisProcess>(options, true);
    if (!m_redis->start())
        return u"redis-server does not start"_s;
    m_redis->command(
        {u"ACL"_s, u"SETUSER"_s, u"parlor"_s, u"on"_s, u"~*"_s, u"&*"_s, u"+@all"_s, u">right"_s});
    m_server = server(m_redis->tcpUrl().replace(u"redis://"_s, u"redis://"_s + userInfo));
    if (const Problem problem = m_server->start(); !problem.isEmpty())
        return problem;
    if (const Problem problem = join(*m_chat, m_server->port(), u"general"_s); !problem.isEmpty())
        return problem;
    return publishAtLast(*m_chat, u"general"_s, u"before"_s);
}

Problem RedisTroubleTest::isRefused(const QString &says)
{
    const QJsonObject answer = publish(*m_chat, u"general"_s, u"meanwhile"_s);
    if (answer.value("code"_L1) != u"unavailable"_s || answer.value("retry_ms"_L1).toInt() <= 0)
        return u"instead of a refusal: "_s + toText(answer);
    if (!QTest::qWaitFor([&] { return m_server->errorText().contains(says); }, 10'000))
        return u"the log does not say \"%1\":\n%2"_s.arg(says, m_server->errorText());
    for (int i = 0; i < 5; ++i) {
        if (publish(*m_chat, u"general"_s, u"meanwhile"_s).value("code"_L1) != u"unavailable"_s)
            return u"a later one is not refused"_s;
    }
    const auto times = m_server->errorText().count(says);
    return times == 1 ? Problem() : u"the log says it %1 times:\n%2"_s.arg(times).arg(m_server->errorText());
}

Problem RedisTroubleTest::recovers()
{
    if (const Problem problem = publishAtLast(*m_chat, u"general"_s, u"meanwhile"_s); !problem.isEmpty())
        return problem + m_server->errorText();
    RawChat other;
    if (const Problem problem = join(other, m_server->port(), u"general"_s); !problem.isEmpty())
        return problem;
    if (const Problem problem = publishAtLast(other, u"general"_s, u"after"_s); !problem.isEmpty())
        return problem;
    if (metric(*m_server, "parlor_redis_up") != 1)
        return u"parlor_redis_up is not 1"_s;
    return {};
}

void RedisTroubleTest::wrongPassword()
{
    PARLOR_EXPECT(begin({}, u"parlor:right@"_s));
    m_redis->command({u"ACL"_s, u"SETUSER"_s, u"parlor"_s, u"resetpass"_s, u">other"_s});
    m_redis->command({u"CLIENT"_s, u"KILL"_s, u"USER"_s, u"parlor"_s});
    PARLOR_EXPECT(isRefused(u"it does not accept the user and the password"_s));
    QVERIFY(!m_server->errorText().contains(u"right"_s));
    QCOMPARE(metric(*m_server, "parlor_redis_up"), 0.0);
    m_redis->command({u"ACL"_s, u"SETUSER"_s, u"parlor"_s, u">right"_s});
    PARLOR_EXPECT(recovers());
}

void RedisTroubleTest::replica()
{
    PARLOR_EXPECT(begin());
    m_redis->command({u"REPLICAOF"_s, u"127.0.0.1"_s, QString::number(RedisProcess::freePort())});
    PARLOR_EXPECT(isRefused(u"it is a replica, which takes no messages; give the address of the primary"_s));
    m_redis->command({u"REPLICAOF"_s, u"NO"_s, u"ONE"_s});
    PARLOR_EXPECT(recovers());
}

void RedisTroubleTest::outOfMemory()
{
    PARLOR_EXPECT(begin());
    m_redis->command({u"CONFIG"_s, u"SET"_s, u"maxmemory"_s, u"1"_s});
    PARLOR_EXPECT(isRefused(u"its memory is full (maxmemory)"_s));
    RawChat reader; // what is there can be read
    PARLOR_EXPECT(join(reader, m_server->port(), u"general"_s));
    m_redis->command({u"CONFIG"_s, u"SET"_s, u"maxmemory"_s, u"0"_s});
    PARLOR_EXPECT(recovers());
}

void RedisTroubleTest::mayNotPublish()
{
    PARLOR_EXPECT(begin({}, u"parlor:right@"_s));
    m_redis->command({u"ACL"_s, u"SETUSER"_s, u"parlor"_s, u"-evalsha"_s});
    PARLOR_EXPECT(isRefused(u"docs/operating.md lists"_s));
    m_redis->command({u"ACL"_s, u"SETUSER"_s, u"parlor"_s, u"+evalsha"_s});
    PARLOR_EXPECT(recovers());
}

void RedisTroubleTest::killed()
{
    PARLOR_EXPECT(begin({u"--appendonly"_s, u"yes"_s}));
    m_redis->kill();
    PARLOR_EXPECT(isRefused(u"it cannot be reached"_s));
    QCOMPARE(metric(*m_server, "parlor_redis_up"), 0.0);
    QVERIFY(m_redis->start());
    PARLOR_EXPECT(recovers());
    QVERIFY(metric(*m_server, "parlor_redis_reconnects_total") >= 1);
    QCOMPARE(metric(*m_server, "parlor_redis_diverged_total"), 0.0);
}

void RedisTroubleTest::silent()
{
    PARLOR_EXPECT(begin());
    m_redis->signal(SIGSTOP);
    PARLOR_EXPECT(isRefused(u"it was silent for 4 s"_s));
    m_redis->signal(SIGCONT);
    PARLOR_EXPECT(recovers());
}

void RedisTroubleTest::isAnother_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("says");
    QTest::newRow("not a Redis") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n")
                                 << u"does not speak the protocol of Redis"_s;
    QTest::newRow("too old") << QByteArray("$22\r\nredis_version:6.0.16\r\n\r\n")
                             << u"it is version 6.0.16, and Parlor needs 6.2 or later"_s;
}

void RedisTroubleTest::isAnother()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const QString, says);
    PARLOR_EXPECT(begin({u"--appendonly"_s, u"yes"_s}));
    m_redis->kill();
    {
        FakeRedis fake;
        QVERIFY(fake.start(answer, static_cast<quint16>(m_redis->tcpUrl().section(u':', -1).toUInt())));
        QTRY_VERIFY_WITH_TIMEOUT(fake.connections() >= 6, 20'000); // it tries again and again
        PARLOR_EXPECT(isRefused(says));
    }
    QVERIFY(m_redis->start());
    PARLOR_EXPECT(recovers());
}

void RedisTroubleTest::otherCertificate()
{
    const QTemporaryDir folder;
    const QString certificate = folder.filePath(u"certificate.pem"_s);
    const QString key = folder.filePath(u"key.pem"_s);
    const QString authority = folder.filePath(u"authority.pem"_s);
    QVERIFY(makeCertificate(certificate, key) && QFile::copy(certificate, authority));
    const QString port = QString::number(RedisProcess::freePort());
    m_redis = std::make_unique<RedisProcess>(QStringList{
        u"--tls-port"_s, port, u"--tls-cert-file"_s, certificate, u"--tls-key-file"_s, key,
        u"--tls-ca-cert-file"_s, certificate, u"--tls-auth-clients"_s, u"no"_s, u"--appendonly"_s, u"yes"_s});
    QVERIFY(m_redis->start());
    m_server = server(u"rediss://localhost:"_s + port, {u"--redis-ca-file"_s, authority});
    PARLOR_EXPECT(m_server->start());
    PARLOR_EXPECT(join(*m_chat, m_server->port(), u"general"_s));
    PARLOR_EXPECT(publishAtLast(*m_chat, u"general"_s, u"before"_s));

    m_redis->kill();
    const QString old = folder.filePath(u"old.pem"_s);
    const QString oldKey = folder.filePath(u"oldkey.pem"_s);
    QVERIFY(QFile::copy(certificate, old) && QFile::copy(key, oldKey));
    QVERIFY(makeCertificate(certificate, key));
    QVERIFY(m_redis->start());
    PARLOR_EXPECT(isRefused(u"its certificate is not trusted"_s));
    m_redis->kill();
    for (const auto &[from, to] : {std::pair(old, certificate), std::pair(oldKey, key)})
        QVERIFY(QFile::remove(to) && QFile::copy(from, to));
    QVERIFY(m_redis->start());
    PARLOR_EXPECT(recovers());
}

PARLOR_TEST_WITHIN(QCoreApplication, RedisTroubleTest)
#include "tst_redis_trouble.moc"
