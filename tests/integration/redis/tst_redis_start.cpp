// SPDX-License-Identifier: MIT
// A Redis that cannot be used at the start: the server waits where that may help; else it ends, and its one
// line says what to do.
#include "tests/integration/redis/rediscase.h"
#include "tests/support/httpexchange.h"
#include "tests/support/testclass.h"
#include "tests/support/wire.h"

#include <QFile>
#include <QTemporaryFile>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class RedisStartTest : public RedisCase
{
    Q_OBJECT
private Q_SLOTS:
    void nobodyThere_data();
    void nobodyThere();
    void comesLater();
    void stopsWhileItWaits();
    void comesLaterAndRefuses();
    void isNone_data();
    void isNone();
    void refusesTheServer_data();
    void refusesTheServer();
    void replica();
    void loading();
    void certificates();
    void passwordFile();
    void storeBesideRedis();

private:
    /// The server ends with this code, and with one line that says all of these.
    [[nodiscard]] static Problem fails(const QStringList &arguments, const QStringList &says, int code = 1);
    /// The server waits for the Redis at this address, says all of these in one line, and can be stopped.
    [[nodiscard]] static Problem waits(const QString &url, const QStringList &says);
};

Problem RedisStartTest::fails(const QStringList &arguments, const QStringList &says, int code)
{
    const Ended ended = run(arguments);
    if (ended.code != code || ended.said.count(u'\n') != 1 || !ended.said.startsWith(u"parlor-server: "_s) ||
        ended.said.contains(u"s3cret"_s))
        return u"exit code %1: %2"_s.arg(ended.code).arg(ended.said);
    for (const QString &each : says) {
        if (!ended.said.contains(each))
            return u"it does not say \"%1\": %2"_s.arg(each, ended.said);
    }
    return {};
}

Problem RedisStartTest::waits(const QString &url, const QStringList &says)
{
    const auto waiting = server(url);
    if (const Problem problem = waiting->start(); !problem.isEmpty())
        return problem;
    const HttpReply ready = exchange(waiting->port(), getRequest("/ready"));
    const Problem ended = waiting->stop();
    if (!ended.isEmpty() || ready.status != 503 || !ready.body.contains("starting"))
        return u"it does not wait: /ready says %1; %2"_s.arg(ready.status).arg(waiting->errorText());
    for (const QString &line : waiting->errorText().split(u'\n')) {
        if (std::ranges::all_of(says, [&line](const QString &each) { return line.contains(each); }))
            return {};
    }
    return u"it does not say %1: %2"_s.arg(says.join(u", "_s), waiting->errorText());
}

void RedisStartTest::nobodyThere_data()
{
    QTest::addColumn<QString>("url");
    QTest::newRow("port") << u"redis://127.0.0.1:%1"_s.arg(RedisProcess::freePort());
    QTest::newRow("port with TLS") << u"rediss://127.0.0.1:%1"_s.arg(RedisProcess::freePort());
    QTest::newRow("socket") << u"unix:/nowhere/redis.sock"_s;
}

void RedisStartTest::nobodyThere()
{
    QFETCH(const QString, url);
    PARLOR_EXPECT(
        waits(url, {u"Redis at "_s + url, u"cannot be reached"_s, u"start it, or correct the address"_s}));
}

/// Health checks are answered meanwhile, clients are sent elsewhere, and once Redis is there they are let in.
void RedisStartTest::comesLater()
{
    RedisProcess redis;
    const auto waiting = server(redis.url());
    PARLOR_EXPECT(waiting->start());
    const auto status = [&waiting](const QByteArray &path) {
        return exchange(waiting->port(), getRequest(path)).status;
    };
    QCOMPARE(status("/health"), 200);
    const HttpReply ready = exchange(waiting->port(), getRequest("/ready"));
    QCOMPARE(ready.status, 503);
    QCOMPARE(ready.body, QByteArray(R"({"status":"starting"})"));
    QCOMPARE(metric(*waiting, "parlor_redis_up"), 0.0);
    QCOMPARE(metric(*waiting, "parlor_ready"), 0.0);
    RawWebSocket early;
    QVERIFY(!early.open(waiting->port()).isEmpty());
    QCOMPARE(metric(*waiting, "parlor_handshakes_total{result=\"starting\"}"), 1.0);

    QVERIFY(redis.start());
    QTRY_COMPARE_WITH_TIMEOUT(status("/ready"), 200, 20'000);
    RawChat chat;
    PARLOR_EXPECT(join(chat, waiting->port(), u"general"_s));
    QCOMPARE(publish(chat, u"general"_s, u"c1"_s).value(u"type"_s), u"ack"_s);
    QTRY_COMPARE(metric(*waiting, "parlor_delivery_seconds_count"), 1.0);
    PARLOR_EXPECT(waiting->stop());
}

void RedisStartTest::stopsWhileItWaits()
{
    PARLOR_EXPECT(waits(u"unix:/nowhere/redis.sock"_s, {u"there is no such socket"_s}));
}

/// What a later answer of Redis shows to be wrong ends the server as an early one does.
void RedisStartTest::comesLaterAndRefuses()
{
    RedisProcess redis({u"--requirepass"_s, u"do-not-log-right"_s});
    const auto waiting = server(redis.url());
    PARLOR_EXPECT(waiting->start());
    QVERIFY(redis.start());
    QVERIFY(waiting->waitForEnd());
    QVERIFY2(waiting->errorText().contains(u"it wants a password"_s), qPrintable(waiting->errorText()));
    QVERIFY(!waiting->judgeEnd().isEmpty());
}

void RedisStartTest::isNone_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("says");
    QTest::newRow("not a Redis") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n")
                                 << u"does not speak the protocol of Redis"_s;
    QTest::newRow("announces an answer of 17 GB")
        << QByteArray("*2147483647\r\n:1\r\n") << u"does not speak the protocol of Redis"_s;
    QTest::newRow("too old") << QByteArray("$22\r\nredis_version:6.0.16\r\n\r\n")
                             << u"it is version 6.0.16, and Parlor needs 6.2 or later"_s;
    QTest::newRow("cluster") << QByteArray("$20\r\nredis_mode:cluster\r\n\r\n") << u"it is in cluster mode"_s;
}

void RedisStartTest::isNone()
{
    QFETCH(const QByteArray, answer);
    QFETCH(const QString, says);
    FakeRedis fake;
    QVERIFY(fake.start(answer));
    PARLOR_EXPECT(fails({u"--redis"_s, fake.url()}, {says}));
}

void RedisStartTest::refusesTheServer_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("userInfo");
    QTest::addColumn<QString>("says");
    const QStringList password{u"--requirepass"_s, u"do-not-log-right"_s};
    QTest::newRow("no password") << password << QString() << u"it wants a password"_s;
    QTest::newRow("wrong password") << password << u":do-not-log-s3cret@"_s
                                    << u"it does not accept the user and the password"_s;
    QTest::newRow("unknown user") << QStringList() << u"stranger:do-not-log-s3cret@"_s
                                  << u"it does not accept the user and the password"_s;
    QTest::newRow("may do nothing") << QStringList() << u"poor:do-not-log-s3cret@"_s
                                    << u"docs/operating.md lists"_s;
    QTest::newRow("out of memory") << QStringList{u"--maxmemory"_s, u"1"_s} << QString()
                                   << u"its memory is full (maxmemory)"_s;
}

void RedisStartTest::refusesTheServer()
{
    QFETCH(const QStringList, options);
    QFETCH(const QString, userInfo);
    QFETCH(const QString, says);
    RedisProcess redis(options, true);
    QVERIFY(redis.start());
    redis.command({u"ACL"_s, u"SETUSER"_s, u"poor"_s, u"on"_s, u">do-not-log-s3cret"_s});
    const QString url = redis.tcpUrl().replace(u"redis://"_s, u"redis://"_s + userInfo);
    QTemporaryFile file; // with a password in a flag the server warns first
    QVERIFY(file.open() && file.write("redis = \"" + url.toUtf8() + "\"\n") > 0 && file.flush());
    PARLOR_EXPECT(fails({u"--config"_s, file.fileName()}, {u"Redis at "_s + redis.tcpUrl(), says}));
}

void RedisStartTest::replica()
{
    RedisProcess redis({u"--replicaof"_s, u"127.0.0.1 %1"_s.arg(RedisProcess::freePort())});
    QVERIFY(redis.start());
    PARLOR_EXPECT(
        waits(redis.url(), {u"it is a replica, which takes no messages; give the address of the primary"_s}));
}

void RedisStartTest::loading()
{
    FakeRedis fake;
    QVERIFY(fake.start("-LOADING Redis is loading the dataset in memory\r\n"));
    const auto waiting = server(fake.url());
    PARLOR_EXPECT(waiting->start());
    QTRY_VERIFY(waiting->errorText().contains(u"it is still reading its file; wait"_s));
    PARLOR_EXPECT(waiting->stop());
}

void RedisStartTest::certificates()
{
    const QTemporaryDir folder;
    const QString other = folder.filePath(u"other.pem"_s);
    QVERIFY(makeCertificate(other, folder.filePath(u"key.pem"_s)));
    const QString port = QString::number(RedisProcess::freePort());
    RedisProcess redis({u"--tls-port"_s, port, u"--tls-cert-file"_s, TestCertificate::certificate(),
                        u"--tls-key-file"_s, TestCertificate::key(), u"--tls-ca-cert-file"_s,
                        TestCertificate::certificate(), u"--tls-auth-clients"_s, u"no"_s});
    QVERIFY(redis.start());
    const QString url = u"rediss://localhost:"_s + port;
    const QStringList says{u"its certificate is not trusted"_s, u"--redis-ca-file"_s};
    PARLOR_EXPECT(fails({u"--redis"_s, url}, says));
    PARLOR_EXPECT(fails({u"--redis"_s, url, u"--redis-ca-file"_s, other}, says));
    PARLOR_EXPECT(fails({u"--redis"_s, url, u"--redis-ca-file"_s, TestCertificate::key()},
                        {u"cannot be read, or holds no certificate"_s}));
    PARLOR_EXPECT(
        waits(u"redis://localhost:"_s + port, {u"if it speaks TLS, write the address as rediss://"_s}));
    const auto trusting = server(url, {u"--redis-ca-file"_s, TestCertificate::certificate()});
    PARLOR_EXPECT(trusting->start());
    PARLOR_EXPECT(trusting->stop());
}

void RedisStartTest::passwordFile()
{
    RedisProcess redis({u"--requirepass"_s, u"do-not-log-the s3cret"_s});
    QVERIFY(redis.start());
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"password"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("do-not-log-the s3cret\n");
    file.close();
    const QStringList password{u"--redis-password-file"_s, file.fileName()};
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther));
    PARLOR_EXPECT(fails(QStringList{u"--redis"_s, redis.url()} + password,
                        {u"the password file "_s + file.fileName() + u" is open to other users"_s}));
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    const auto trusted = server(redis.url(), password + QStringList{u"--log-level"_s, u"debug"_s});
    PARLOR_EXPECT(trusted->start());
    QVERIFY2(!trusted->errorText().contains(u"s3cret"_s), qPrintable(trusted->errorText()));
    QVERIFY2(trusted->errorText().contains(u"messages are kept in "_s + redis.url()),
             qPrintable(trusted->errorText()));
    PARLOR_EXPECT(trusted->stop());
}

void RedisStartTest::storeBesideRedis()
{
    PARLOR_EXPECT(
        fails({u"--redis"_s, u"redis://:do-not-log-s3cret@localhost"_s, u"--store"_s, u"sqlite:/x.db"_s},
              {u"store: messages are kept in one place, and redis is given too"_s}, 2));
}

PARLOR_TEST_WITHIN(QCoreApplication, RedisStartTest)
#include "tst_redis_start.moc"
