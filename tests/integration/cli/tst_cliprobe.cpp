// SPDX-License-Identifier: MIT
#include "cliprocess.h"
#include "loadbalancer.h"
#include "tests/support/redisprocess.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"
#include "tests/support/wire.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

using namespace parlor::test;
using namespace Qt::StringLiterals;
using Way = LoadBalancer::Way;

/// `parlor-cli probe` against two servers behind HAProxy.
class TestCliProbe : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void spreads_data();
    void spreads();
    void theCookieKeepsTheHost_data();
    void theCookieKeepsTheHost();
    void expectations_data();
    void expectations();
    void hostsThatShareAChat();
    void tls();
    void untrustedTls();
    void someFail();
    void tokens();
    void neverReachable_data();
    void neverReachable();
    void usageErrors_data();
    void usageErrors();
    void interrupted();
    void pageThatNeverEnds_data();
    void pageThatNeverEnds();

private:
    struct Outcome
    {
        int exitCode = -1;
        QJsonObject json;
        QString errors;
    };
    static Outcome probe(const QStringList &arguments);
    static QStringList hosts(const QJsonObject &json);

    ServerProcess m_one{{.program = u"parlor-server"_s, .hostname = u"ws1"_s}};
    ServerProcess m_two{{.program = u"parlor-server"_s, .hostname = u"ws2"_s}};
    LoadBalancer m_balancer;
};

void TestCliProbe::initTestCase()
{
    if (!LoadBalancer::isInstalled())
        QSKIP("haproxy is not installed");
    QProcess unshare;
    unshare.start(u"unshare"_s, u"--user --map-root-user --uts hostname ws1"_s.split(u' '));
    if (!unshare.waitForFinished() || unshare.exitCode() != 0)
        QSKIP("this system gives processes no hostname of their own");
    PARLOR_EXPECT(m_one.start());
    PARLOR_EXPECT(m_two.start());
    PARLOR_EXPECT(m_balancer.start({m_one.port(), m_two.port()}));
}

void TestCliProbe::cleanupTestCase()
{
    for (ServerProcess *each : {&m_one, &m_two}) {
        if (each->isRunning())
            PARLOR_EXPECT(each->stop());
    }
}

TestCliProbe::Outcome TestCliProbe::probe(const QStringList &arguments)
{
    CliProcess cli(arguments + QStringList{u"--json"_s, u"--timeout"_s, u"20s"_s}, u"probe"_s);
    Outcome outcome;
    outcome.exitCode = cli.exitCode();
    outcome.json = QJsonDocument::fromJson(cli.output().toUtf8()).object();
    outcome.errors = u"exit code %1\n"_s.arg(outcome.exitCode) + cli.errors() + cli.output();
    return outcome;
}

QStringList TestCliProbe::hosts(const QJsonObject &json)
{
    QStringList names;
    for (const QJsonValue &each : json[u"hosts"_s].toArray())
        names.append(each[u"hostname"_s].toString());
    names.sort();
    return names;
}

void TestCliProbe::spreads_data()
{
    QTest::addColumn<QStringList>("more");
    QTest::newRow("one after the other") << QStringList{};
    QTest::newRow("six at once") << QStringList{u"--parallel"_s, u"6"_s};
}

void TestCliProbe::spreads()
{
    QFETCH(const QStringList, more);
    const auto [exitCode, json, errors] =
        probe(QStringList{m_balancer.address(Way::RoundRobin), u"-n"_s, u"12"_s, u"--expect"_s, u"spread"_s} +
              more);
    QVERIFY2(exitCode == 1, qPrintable(errors)); // they share nothing
    QCOMPARE(json[u"chats"_s].toArray().size(), 2);
    QCOMPARE(hosts(json), (QStringList{u"ws1"_s, u"ws2"_s}));
    QCOMPARE(json[u"connected"_s].toInt(), 12);
    QCOMPARE(json[u"hosts"_s][0][u"count"_s].toInt(), 6); // round robin halves exactly
    QVERIFY(json[u"hosts"_s][0][u"connect_p50_ms"_s].toDouble() > 0);
    QCOMPARE(json[u"passed"_s], QJsonValue(true));
}

void TestCliProbe::theCookieKeepsTheHost_data()
{
    QTest::addColumn<Way>("way");
    QTest::addColumn<QStringList>("more");
    QTest::addColumn<QString>("setBy");
    QTest::newRow("cookie of the 101") << Way::Cookie << QStringList{} << u"upgrade_cookies"_s;
    QTest::newRow("cookie of the 101, four at once")
        << Way::Cookie << QStringList{u"--parallel"_s, u"4"_s} << u"upgrade_cookies"_s;
    QTest::newRow("cookie of a page") << Way::PageCookie << QStringList{} << u"page_cookies"_s;
}

void TestCliProbe::theCookieKeepsTheHost()
{
    QFETCH(const Way, way);
    QFETCH(const QStringList, more);
    QFETCH(const QString, setBy);
    const auto [exitCode, json, errors] = probe(QStringList{m_balancer.address(way), u"--cookies"_s} + more);
    QVERIFY2(exitCode == (hosts(json).size() == 1 ? 0 : 1), qPrintable(errors));
    QCOMPARE(json[u"connected"_s].toInt(), 20);
    QCOMPARE(json[setBy].toArray(), QJsonArray{u"AWSALB"_s});
    QCOMPARE(json[u"carried_cookie"_s].toInt(), 19);
    // The page, and with it the cookie, may come from another host than the first connection did.
    QVERIFY(json[u"kept_host"_s].toInt() >= (way == Way::PageCookie ? 18 : 19));
    QCOMPARE(hosts(probe({m_balancer.address(way), u"-n"_s, u"4"_s}).json).size(), 2); // without cookies
}

void TestCliProbe::expectations_data()
{
    QTest::addColumn<Way>("way");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("says");
    const QStringList spread{u"--expect"_s, u"spread"_s};
    const QStringList sticky{u"--expect"_s, u"sticky"_s};
    const QStringList cookies{u"--cookies"_s};
    QTest::newRow("spread, round robin") << Way::RoundRobin << spread << 1 << u"PASSED  spread: 2 hosts"_s;
    QTest::newRow("separate chats") << Way::RoundRobin << QStringList() << 1
                                    << u"FAILED  2 hosts, 2 separate chats"_s;
    QTest::newRow("one chat") << Way::Cookie << cookies << 0 << u"1 host, one chat"_s;
    QTest::newRow("spread, cookie carried")
        << Way::Cookie << spread + cookies << 1 << u"FAILED  not spread"_s;
    QTest::newRow("sticky, cookie carried") << Way::Cookie << sticky + cookies << 0 << u"PASSED  sticky"_s;
    QTest::newRow("sticky, cookie not carried") << Way::Cookie << sticky << 1 << u"FAILED  not sticky"_s;
    QTest::newRow("sticky, round robin")
        << Way::RoundRobin << sticky + cookies << 1 << u"No cookie was set"_s;
}

void TestCliProbe::expectations()
{
    QFETCH(const Way, way);
    QFETCH(const QStringList, arguments);
    QFETCH(const int, exitCode);
    QFETCH(const QString, says);
    CliProcess cli(QStringList{m_balancer.address(way), u"-n"_s, u"8"_s} + arguments, u"probe"_s);
    QCOMPARE(cli.exitCode(), exitCode);
    QVERIFY2(cli.output().contains(says), qPrintable(cli.output() + cli.errors()));
    QVERIFY2(cli.output().contains(u"HOST"_s), qPrintable(cli.output()));
}

void TestCliProbe::hostsThatShareAChat()
{
    RedisProcess redis;
    QVERIFY2(redis.start(), "redis-server is not installed, or does not start");
    const auto server = [&redis](const QString &hostname) {
        return ServerProcess::Settings{
            .program = u"parlor-server"_s, .arguments = {u"--redis"_s, redis.url()}, .hostname = hostname};
    };
    ServerProcess one(server(u"ws1"_s));
    ServerProcess two(server(u"ws2"_s));
    PARLOR_EXPECT(one.start());
    PARLOR_EXPECT(two.start());
    LoadBalancer balancer;
    PARLOR_EXPECT(balancer.start({one.port(), two.port()}));
    CliProcess cli({balancer.address(Way::RoundRobin), u"-n"_s, u"8"_s, u"--expect"_s, u"spread"_s},
                   u"probe"_s);
    QVERIFY2(cli.exitCode() == 0, qPrintable(cli.output() + cli.errors()));
    QVERIFY2(cli.output().contains(u"\n2 hosts, one chat\n"_s), qPrintable(cli.output()));
    PARLOR_EXPECT(one.stop());
    PARLOR_EXPECT(two.stop());
}

void TestCliProbe::tls()
{
    const auto [exitCode, json, errors] =
        probe({u"wss://"_s + m_balancer.address(Way::Tls), u"-n"_s, u"5"_s, u"--cookies"_s, u"--expect"_s,
               u"sticky"_s, u"--ca-file"_s, TestCertificate::certificate()});
    QVERIFY2(exitCode == 0, qPrintable(errors));
    QCOMPARE(json[u"kept_host"_s].toInt(), 4);
}

void TestCliProbe::untrustedTls()
{
    const auto [exitCode, json, errors] =
        probe({u"wss://"_s + m_balancer.address(Way::Tls), u"-n"_s, u"1"_s});
    QCOMPARE(exitCode, 3);
    const QString reason = json[u"failures"_s][0][u"reason"_s].toString();
    QVERIFY2(reason.contains(u"no secure connection"_s) && reason.contains(u"certificate SHA-256 "_s),
             qPrintable(reason));
}

void TestCliProbe::someFail()
{
    ServerProcess lonely({.program = u"parlor-server"_s, .arguments = {u"--max-connections"_s, u"1"_s}});
    PARLOR_EXPECT(lonely.start());
    const auto [exitCode, json, errors] =
        probe({u"localhost:%1"_s.arg(lonely.port()), u"-n"_s, u"30"_s, u"--parallel"_s, u"30"_s});
    QVERIFY2(exitCode == 1, qPrintable(errors));
    QVERIFY(json[u"connected"_s].toInt() >= 1);
    QCOMPARE(json[u"connected"_s].toInt() + json[u"failed"_s].toInt(), 30);
    QVERIFY(json[u"failures"_s][0][u"reason"_s].toString().contains(u"HTTP 503"_s));
    PARLOR_EXPECT(lonely.stop());
}

void TestCliProbe::tokens()
{
    const TokenIssuer issuer;
    ServerProcess server({.program = u"parlor-server"_s, .arguments = issuer.arguments()});
    PARLOR_EXPECT(server.start());
    const QStringList address{u"localhost:%1"_s.arg(server.port()), u"-n"_s, u"2"_s};

    const Outcome stranger = probe(address);
    QVERIFY2(stranger.exitCode == 0, qUtf8Printable(stranger.errors));
    QCOMPARE(stranger.json[u"asked_for_token"_s].toInt(), 2);
    CliProcess told(address, u"probe"_s);
    QCOMPARE(told.exitCode(), 0);
    QVERIFY2(told.output().contains(u"Nobody gets in without a token; --token-file FILE"_s),
             qUtf8Printable(told.output()));

    const QString ann = issuer.tokenFile(u"ann"_s, {{u"name"_s, u"Ann"_s}, {u"roles"_s, u"moderator"_s}});
    const Outcome accepted = probe(address + QStringList{u"--token-file"_s, ann});
    QVERIFY2(accepted.exitCode == 0, qUtf8Printable(accepted.errors));
    QCOMPARE(accepted.json[u"signed_in_as"_s].toArray(), QJsonArray{u"Ann, moderator"_s});

    CliProcess refused(address + QStringList{u"--token-file"_s, issuer.tokenFile(u"bob"_s, {{u"exp"_s, 1}})},
                       u"probe"_s);
    QCOMPARE(refused.exitCode(), 3);
    QVERIFY2(refused.output().contains(u"2 failed:"_s) && refused.output().contains(u"refused the token"_s) &&
                 refused.output().contains(u"(token_expired)"_s),
             qUtf8Printable(refused.output()));
}

void TestCliProbe::neverReachable_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("says");
    QTcpServer closed;
    QVERIFY(closed.listen(QHostAddress::LocalHost));
    QTest::newRow("nobody listens") << u"127.0.0.1:%1"_s.arg(closed.serverPort())
                                    << u"refused the connection"_s;
    QTest::newRow("no such path") << u"%1/nothing"_s.arg(m_balancer.address(Way::RoundRobin))
                                  << u"HTTP 404"_s;
    QTest::newRow("no such host") << u"nowhere.invalid"_s << u"was not found"_s;
}

void TestCliProbe::neverReachable()
{
    QFETCH(const QString, address);
    QFETCH(const QString, says);
    CliProcess cli({address, u"-n"_s, u"3"_s, u"--expect"_s, u"sticky"_s}, u"probe"_s);
    QCOMPARE(cli.exitCode(), 3);
    QVERIFY2(cli.output().contains(u"3 failed:"_s) && cli.output().contains(says), qPrintable(cli.output()));
}

void TestCliProbe::usageErrors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("says");
    QTest::newRow("no address") << QStringList{}
                                << u"parlor-cli probe: URL is required; see parlor-cli probe --help"_s;
    QTest::newRow("unknown option") << QStringList{u"--nope"_s} << u"there is no option --nope; see"_s;
    QTest::newRow("two addresses") << QStringList{u"x"_s, u"y"_s} << u"'y' is one argument too many"_s;
    QTest::newRow("http") << QStringList{u"http://x"_s} << u"use ws:// instead"_s;
    QTest::newRow("none") << QStringList{u"x"_s, u"-n"_s, u"0"_s} << u"--count"_s;
    QTest::newRow("none at once") << QStringList{u"x"_s, u"--parallel"_s, u"0"_s} << u"--parallel"_s;
    QTest::newRow("no unit") << QStringList{u"x"_s, u"--timeout"_s, u"5"_s}
                             << u"--timeout: '5' is no time; write a number with its unit: 500ms, 5s"_s;
    QTest::newRow("unknown expectation") << QStringList{u"x"_s, u"--expect"_s, u"luck"_s} << u"--expect"_s;
    QTest::newRow("one cannot be spread")
        << QStringList{u"x"_s, u"-n"_s, u"1"_s, u"--expect"_s, u"spread"_s} << u"-n 2 or more"_s;
    QTest::newRow("no such file") << QStringList{u"wss://x"_s, u"--ca-file"_s, u"/nowhere"_s}
                                  << u"/nowhere"_s;
    QTest::newRow("no certificate") << QStringList{u"wss://x"_s, u"--ca-file"_s, u"/etc/hostname"_s}
                                    << u"no PEM"_s;
}

void TestCliProbe::usageErrors()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, says);
    CliProcess cli(arguments, u"probe"_s);
    QCOMPARE(cli.exitCode(), 2);
    QVERIFY2(cli.errors().contains(says), qPrintable(cli.errors()));
    QVERIFY(cli.output().isEmpty());
}

void TestCliProbe::interrupted()
{
    QTcpServer silent; // accepts, and says nothing
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    CliProcess cli({u"127.0.0.1:%1"_s.arg(silent.serverPort()), u"--timeout"_s, u"60s"_s}, u"probe"_s);
    QTRY_VERIFY(silent.hasPendingConnections());
    cli.signal(SIGINT);
    QCOMPARE(cli.exitCode(), 3);
    QVERIFY(cli.output().contains(u"20 connections to"_s));
}

void TestCliProbe::pageThatNeverEnds_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::newRow("the body drips") << QByteArray("HTTP/1.1 200 OK\r\nSet-Cookie: AWSALB=1\r\n\r\n");
    QTest::newRow("the head drips") << QByteArray("HTTP/1.1 200 OK\r\nX: ");
}

void TestCliProbe::pageThatNeverEnds()
{
    QFETCH(const QByteArray, head);
    // Upgrades are the first server's; anything else gets an answer without an end.
    QTcpServer front;
    QVERIFY(front.listen(QHostAddress::LocalHost));
    connect(&front, &QTcpServer::newConnection, this, [this, &front, &head] {
        QTcpSocket *client = front.nextPendingConnection();
        auto *timer = new QTimer(client);
        connect(client, &QTcpSocket::readyRead, client, [this, client, timer, &head] {
            const QByteArray bytes = client->readAll();
            if (auto *server = client->findChild<QTcpSocket *>()) {
                server->write(bytes);
            } else if (bytes.contains("Sec-WebSocket-Key")) {
                server = new QTcpSocket(client);
                connect(server, &QTcpSocket::readyRead, client,
                        [server, client] { client->write(server->readAll()); });
                server->connectToHost(QHostAddress::LocalHost, m_one.port());
                server->write(bytes);
            } else if (!timer->isActive()) {
                client->write(head);
                connect(timer, &QTimer::timeout, client, [client] { client->write("x"); });
                timer->start(50);
            }
        });
    });
    CliProcess cli({u"127.0.0.1:%1"_s.arg(front.serverPort()), u"-n"_s, u"3"_s, u"--cookies"_s,
                    u"--timeout"_s, u"2s"_s, u"--json"_s},
                   u"probe"_s);
    QCOMPARE(cli.exitCode(), 0);
    const QJsonObject json = QJsonDocument::fromJson(cli.output().toUtf8()).object();
    QCOMPARE(json[u"connected"_s].toInt(), 3);
    QCOMPARE(json[u"page_cookies"_s].toArray().size(), head.contains("AWSALB") ? 1 : 0);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestCliProbe)
#include "tst_cliprobe.moc"
