// SPDX-License-Identifier: MIT
// A connection to a real redis-server: answers in order, what it says of each fault, and that it comes back.
#include "server/engine/redis/connection.h"
#include "tests/support/redisprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/wire.h"

#include <QSignalSpy>
#include <QStandardPaths>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <array>
#include <csignal>

using namespace parlor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using redis::Connection;
using redis::Reply;
using test::RedisProcess;

namespace {

Connection::Options optionsFor(const QString &url)
{
    Connection::Options options;
    options.address = *redis::parseAddress(url.toStdString());
    options.firstPause = 10ms;
    options.longestPause = 20ms;
    return options;
}

QString text(const Reply &reply)
{
    return QString::fromUtf8(reply.text().data(), static_cast<qsizetype>(reply.text().size()));
}

} // namespace

class TestRedisConnection : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void answersComeInOrder();
    void whatIsNotUpAnswersAtOnce();
    void messagesArePushed();
    void comesBack();
    void silenceEndsIt();
    void faults_data();
    void faults();
    void wrongPassword();
    void replica();
    void certificateDecides();
};

void TestRedisConnection::initTestCase()
{
    if (QStandardPaths::findExecutable(u"redis-server"_s).isEmpty())
        QSKIP("redis-server is not installed");
}

void TestRedisConnection::answersComeInOrder()
{
    RedisProcess server;
    QVERIFY(server.start());
    Connection connection(optionsFor(server.url()));
    QSignalSpy up(&connection, &Connection::up);
    connection.open();
    QTRY_COMPARE(up.size(), 1);
    QStringList answers;
    const auto note = [&answers](Connection::Outcome, const Reply &reply) {
        answers.append(reply.integer() ? QString::number(*reply.integer()) : text(reply));
    };
    const std::string binary("a\0b\r\n", 5);
    connection.send({"SET", "k", binary}, note);
    connection.send({"STRLEN", "k"}, note);
    connection.send({"GET", "k"}, note);
    connection.send({"NONSENSE"}, note);
    QTRY_COMPARE(answers.size(), 4);
    QCOMPARE(answers[0], u"OK"_s);
    QCOMPARE(answers[1], u"5"_s);
    QCOMPARE(answers[2], QString::fromStdString(binary));
    QVERIFY(answers[3].startsWith(u"ERR unknown command"_s));
    QCOMPARE(server.command({u"INFO"_s, u"clients"_s}).count(u"connected_clients:2"_s), 1); // and redis-cli
}

void TestRedisConnection::whatIsNotUpAnswersAtOnce()
{
    RedisProcess server;
    QVERIFY(server.start());
    Connection connection(optionsFor(server.url()));
    int down = 0;
    const auto count = [&down](Connection::Outcome outcome, const Reply &reply) {
        down += outcome == Connection::Outcome::LinkDown && reply.isNil() ? 1 : 0;
    };
    connection.send({"PING"}, count);
    QCOMPARE(down, 1);
    connection.open();
    QTRY_VERIFY(connection.isUp());
    connection.send({"BLPOP", "nothing", "0"}, count);
    QTest::qWait(20);
    server.kill();
    QTRY_COMPARE(down, 2);
    connection.close();
    QVERIFY(!connection.isUp());
}

void TestRedisConnection::messagesArePushed()
{
    RedisProcess server;
    QVERIFY(server.start());
    auto options = optionsFor(server.url());
    options.silence = 40ms; // so that it asks for life in between
    Connection connection(options);
    QStringList pushed;
    connect(&connection, &Connection::pushed, this, [&pushed](const Reply &reply) {
        pushed.append(text(reply[0]) + u' ' + text(reply[1]) + u' ' + text(reply[2]));
    });
    const std::array<std::string_view, 2> subscribe{"SUBSCRIBE", "channel"};
    connect(&connection, &Connection::up, this, [&] { connection.sendPush(subscribe); });
    QSignalSpy down(&connection, &Connection::down);
    connection.open();
    QTRY_COMPARE(pushed, QStringList{u"subscribe channel "_s});
    QTest::qWait(100);
    QCOMPARE(server.command({u"PUBLISH"_s, u"channel"_s, u"hello"_s}), u"1"_s);
    QTRY_COMPARE(pushed.size(), 2);
    QCOMPARE(pushed.last(), u"message channel hello"_s);
    QCOMPARE(down.size(), 0);
}

void TestRedisConnection::comesBack()
{
    RedisProcess server;
    QVERIFY(server.start());
    Connection connection(optionsFor(server.url()));
    QSignalSpy up(&connection, &Connection::up);
    QSignalSpy down(&connection, &Connection::down);
    connection.open();
    QTRY_COMPARE(up.size(), 1);
    server.command({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"normal"_s});
    QTRY_COMPARE(up.size(), 2);
    server.kill();
    QTRY_VERIFY(down.size() >= 3); // it goes on trying
    QVERIFY(server.start());
    QTRY_COMPARE(up.size(), 3);
}

void TestRedisConnection::silenceEndsIt()
{
    RedisProcess server;
    QVERIFY(server.start());
    auto options = optionsFor(server.url());
    options.silence = 100ms;
    Connection connection(options);
    QSignalSpy down(&connection, &Connection::down);
    connection.open();
    QTRY_VERIFY(connection.isUp());
    QTest::qWait(300); // alive, and nobody says anything
    QCOMPARE(down.size(), 0);
    server.signal(SIGSTOP);
    QTRY_COMPARE(down.size(), 1);
    QVERIFY2(down.last().first().toString().contains(u"silent"_s),
             qUtf8Printable(down.last().first().toString()));
    server.signal(SIGCONT);
    QTRY_VERIFY(connection.isUp());
}

void TestRedisConnection::faults_data()
{
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("says");
    QTest::newRow("HTTP") << QByteArray("HTTP/1.1 400 Bad Request\r\n\r\n")
                          << u"does not speak the protocol"_s;
    QTest::newRow("ends") << QByteArray() << u"closed"_s;
    QTest::newRow("too old") << QByteArray("$23\r\nredis_version:5.0.14\r\n\r\n\r\n")
                             << u"it is version 5.0.14, and Parlor needs 6.2 or later"_s;
    QTest::newRow("cluster") << QByteArray("$20\r\nredis_mode:cluster\r\n\r\n") << u"it is in cluster mode"_s;
    QTest::newRow("may not") << QByteArray("-NOPERM this user has no permissions to run 'info'\r\n")
                             << u"docs/operating.md lists"_s;
    QTest::newRow("wants a password")
        << QByteArray("-NOAUTH Authentication required.\r\n") << u"it wants a password"_s;
    QTest::newRow("loading") << QByteArray("-LOADING Redis is loading the dataset in memory\r\n")
                             << u"LOADING"_s;
}

void TestRedisConnection::faults()
{
    QFETCH(QByteArray, answer);
    QFETCH(QString, says);
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, this, [&] {
        QTcpSocket *socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket, answer] {
            socket->write(answer);
            if (answer.isEmpty())
                socket->disconnectFromHost();
        });
    });
    Connection connection(optionsFor(u"redis://127.0.0.1:%1"_s.arg(server.serverPort())));
    QSignalSpy down(&connection, &Connection::down);
    connection.open();
    QTRY_VERIFY(!down.isEmpty());
    const QString why = down.first().first().toString();
    QVERIFY2(why.contains(says), qUtf8Printable(why));
    QVERIFY2(why.startsWith(u"Redis at redis://127.0.0.1:"_s), qUtf8Printable(why));
    QVERIFY(!connection.isUp());
}

void TestRedisConnection::wrongPassword()
{
    RedisProcess server({u"--requirepass"_s, u"right"_s});
    QVERIFY(server.start());
    auto options = optionsFor(server.url());
    for (const char *password : {"", "wrong"}) {
        options.address.password = password;
        Connection connection(options);
        QSignalSpy down(&connection, &Connection::down);
        connection.open();
        QTRY_VERIFY(!down.isEmpty());
        const QString why = down.first().first().toString();
        QVERIFY2(why.contains(u"password"_s) && !why.contains(u"right"_s), qUtf8Printable(why));
    }
    options.address.password = "right";
    options.address.database = 3;
    Connection connection(options);
    connection.open();
    QTRY_VERIFY(connection.isUp());
}

/// At the start, and where it becomes one.
void TestRedisConnection::replica()
{
    RedisProcess server;
    QVERIFY(server.start());
    Connection connection(optionsFor(server.url()));
    QSignalSpy down(&connection, &Connection::down);
    connection.open();
    QTRY_VERIFY(connection.isUp());
    QCOMPARE(server.command({u"REPLICAOF"_s, u"127.0.0.1"_s, u"1"_s}), u"OK"_s);
    int lost = 0;
    connection.send({"SET", "k", "v"}, [&lost](Connection::Outcome outcome, const Reply &) {
        lost += outcome == Connection::Outcome::LinkDown ? 1 : 0;
    });
    QTRY_COMPARE(lost, 1);
    QTRY_VERIFY(down.size() > 2); // it tries again, and is not let in
    for (const auto &each : down)
        QVERIFY2(each.first().toString().contains(u"it is a replica, which takes no messages"_s),
                 qUtf8Printable(each.first().toString()));
    QCOMPARE(server.command({u"REPLICAOF"_s, u"NO"_s, u"ONE"_s}), u"OK"_s);
    QTRY_VERIFY(connection.isUp());
}

void TestRedisConnection::certificateDecides()
{
    const QString key = test::TestCertificate::key();
    const QString certificate = test::TestCertificate::certificate();
    QVERIFY(!certificate.isEmpty());
    const quint16 port = RedisProcess::freePort();
    RedisProcess server({u"--tls-port"_s, QString::number(port), u"--tls-cert-file"_s, certificate,
                         u"--tls-key-file"_s, key, u"--tls-ca-cert-file"_s, certificate,
                         u"--tls-auth-clients"_s, u"no"_s});
    QVERIFY(server.start());
    auto options = optionsFor(u"rediss://localhost:%1"_s.arg(port));
    {
        Connection connection(options);
        QSignalSpy down(&connection, &Connection::down);
        connection.open();
        QTRY_VERIFY(!down.isEmpty());
        const QString why = down.first().first().toString();
        QVERIFY2(why.contains(u"not trusted"_s) && why.contains(u"--redis-ca-file"_s), qUtf8Printable(why));
    }
    {
        auto plain = options;
        plain.address.kind = redis::Address::Kind::Tcp;
        Connection connection(plain);
        QSignalSpy down(&connection, &Connection::down);
        connection.open();
        QTRY_VERIFY(!down.isEmpty());
        const QString why = down.first().first().toString();
        QVERIFY2(why.contains(u"write the address as rediss://"_s), qUtf8Printable(why));
    }
    options.tls.addCaCertificates(certificate);
    Connection connection(options);
    connection.open();
    QTRY_VERIFY(connection.isUp());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestRedisConnection)
#include "tst_redisconnection.moc"
