// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "roundrobin.h"
#include "tests/support/rawchat.h"
#include "tests/support/rawsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"
#include "tests/support/tokenissuer.h"

#include <QHostInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTest>

#include <csignal>
#include <memory>
#include <sys/stat.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

QString script(const QString &name)
{
    return qEnvironmentVariable("PARLOR_TEST_SOURCE") % u"/tests/support/"_s % name;
}

void addDialects()
{
    QTest::addColumn<QString>("dialect");
    QTest::newRow("v1") << u"v1"_s;
    QTest::newRow("v2") << u"v2"_s;
}

qint64 number(const QJsonObject &run, QStringView part, QStringView key)
{
    return run[part][key].toInteger(-1);
}

/// The counters of what must not be.
QString faultsOf(const QJsonObject &run)
{
    QStringList found;
    for (const char *key : {"lost", "doubled", "reordered", "corrupt", "unexpected"})
        found.append(
            u"%1 %2"_s.arg(QLatin1String(key)).arg(run[u"deliveries"][QLatin1String(key)].toInteger(-1)));
    return found.join(u", "_s);
}

const QString kNoFaults = u"lost 0, doubled 0, reordered 0, corrupt 0, unexpected 0"_s;

} // namespace

/// `parlor-cli load` against right, wrong, slow, absent and foreign servers.
class TestLoad : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();

    void faultless_data() { addDialects(); }
    void faultless();
    void tutorialServer();
    void everyFaultIsCounted_data() { addDialects(); }
    void everyFaultIsCounted();
    void serverDies_data() { addDialects(); }
    void serverDies();
    void silentUsersAreMissed();
    void lostConnectionsComeBack_data() { addDialects(); }
    void lostConnectionsComeBack();
    void refusedIsNotLost_data() { addDialects(); }
    void refusedIsNotLost();
    void serversThatShareNothing_data();
    void serversThatShareNothing();
    void serversOfACopiedStore_data();
    void serversOfACopiedStore();
    void serverIsReplaced_data() { addDialects(); }
    void serverIsReplaced();
    void roomsOfItsOwn();
    void deletionsBehindASignIn();
    void namedRoomsAreSaidBefore();
    void liveLineTellsOfUnanswered_data() { addDialects(); }
    void liveLineTellsOfUnanswered();
    void liveLineTellsOfRefused_data() { addDialects(); }
    void liveLineTellsOfRefused();
    void stalledServerShowsInTheLatency();
    void nobodyListens();
    void serverWithoutV2();
    void planBeginsWithoutUsers();
    void oneAddressOfTheNameRefuses();
    void resultIntoAPipe();
    void reportCannotBeWritten();
    void thresholdFails();
    void interrupted();
    void wrongUsage_data();
    void wrongUsage();

private:
    [[nodiscard]] static std::unique_ptr<ServerProcess> parlorServer(const QStringList &arguments = {});
    [[nodiscard]] static std::unique_ptr<ServerProcess> faultyServer(const QStringList &arguments);
    [[nodiscard]] static QJsonObject faultsSaid(const ServerProcess &server);

    bool m_hasPython = false;
};

std::unique_ptr<ServerProcess> TestLoad::parlorServer(const QStringList &arguments)
{
    return std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s, .arguments = QStringList{u"--store"_s, u"memory"_s} + arguments});
}

std::unique_ptr<ServerProcess> TestLoad::faultyServer(const QStringList &arguments)
{
    return std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = script(u"faulty_server.py"_s), .arguments = arguments});
}

QJsonObject TestLoad::faultsSaid(const ServerProcess &server)
{
    const QString text = server.errorText();
    const QString json = text.mid(text.indexOf(u"faults {"_s) + 7).section(u'\n', 0, 0);
    return QJsonDocument::fromJson(json.toUtf8()).object();
}

void TestLoad::initTestCase()
{
    QProcess python;
    python.start(u"/usr/bin/python3"_s, {u"-c"_s, u"import websockets"_s});
    m_hasPython = python.waitForFinished(static_cast<int>(kPatience.count())) && python.exitCode() == 0;
}

#define NEEDS_PYTHON()                                    \
    do {                                                  \
        if (!m_hasPython)                                 \
            QSKIP("python3-websockets is not installed"); \
    } while (false)

void TestLoad::faultless()
{
    QFETCH(QString, dialect);
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(),
                     {u"--dialect"_s, dialect, u"--stages"_s, u"500ms:20,1s:20,1500ms:0"_s, u"--rate"_s,
                      u"5/s"_s, u"--size"_s, u"36-1000"_s, u"--threshold"_s, u"connect_success rate==1"_s});
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(number(run, u"deliveries", u"expected") > 1000);
    QCOMPARE(number(run, u"deliveries", u"received"), number(run, u"deliveries", u"expected"));
    // 40 seconds of users at 5/s, less what falls into their joins, which a busy machine makes longer.
    QVERIFY(number(run, u"messages", u"sent") > 100);
    QCOMPARE(number(run, u"messages", u"sent"), number(run, u"messages", u"planned"));
    QCOMPARE(number(run, u"messages", u"answered"), number(run, u"messages", u"sent"));
    QCOMPARE(number(run, u"connections", u"joined"), 20);
    QCOMPARE(number(run, u"connections", u"lost"), 0);
    QCOMPARE(run[u"connections"][u"hosts"].toObject().size(), 1);
    QVERIFY2(load.report().startsWith(u"PASS  "_s), qPrintable(load.report()));
    PARLOR_EXPECT(server->stop());
}

void TestLoad::tutorialServer()
{
    NEEDS_PYTHON();
    ServerProcess server({.program = script(u"tutorial_server.py"_s)});
    PARLOR_EXPECT(server.start());
    LoadProcess load(server.port(),
                     {u"--dialect"_s, u"v1"_s, u"--stages"_s, u"1s:20,2s:20,1s:0"_s, u"--rate"_s, u"2/s"_s,
                      u"--quiet"_s, u"--rooms"_s, u"general,support,random"_s});
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(number(run, u"deliveries", u"expected") > 400);
    QCOMPARE(number(run, u"connections", u"joined"), 20);
    QCOMPARE(load.errors().count(u'\n'), 1); // of the rooms
    PARLOR_EXPECT(server.stop());
}

void TestLoad::everyFaultIsCounted()
{
    NEEDS_PYTHON();
    QFETCH(QString, dialect);
    // The faults begin when all are there, and end early enough that each can be noticed.
    const auto server = faultyServer({u"--from"_s, u"60"_s, u"--until"_s, u"120"_s, u"--every"_s, u"7"_s});
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(),
                     {u"--dialect"_s, dialect, u"--stages"_s, u"0s:12,2500ms:12"_s, u"--rate"_s, u"8/s"_s,
                      u"--drain"_s, u"1s"_s, u"--rooms"_s, u"general,support,random"_s});
    PARLOR_EXPECT(load.endsWith(98));
    PARLOR_EXPECT(server->stop());
    const QJsonObject done = faultsSaid(*server);
    const auto did = [&done](QStringView what) { return done[what].toInteger(); };
    QVERIFY2(did(u"dropped") > 3 && did(u"doubled") > 3 && did(u"reordered") > 3 && did(u"corrupt") > 3,
             qPrintable(server->errorText()));
    QCOMPARE(faultsOf(load.json()),
             u"lost %1, doubled %2, reordered %3, corrupt %4, unexpected 0"_s.arg(did(u"dropped"))
                 .arg(did(u"doubled"))
                 .arg(did(u"reordered"))
                 .arg(did(u"corrupt")));
    QVERIFY2(load.report().startsWith(u"FAIL  "_s), qPrintable(load.report()));
    QCOMPARE(load.json()[u"verdict"].toString(), u"incorrect"_s);
}

void TestLoad::serverDies()
{
    QFETCH(QString, dialect);
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(),
                     {u"--dialect"_s, dialect, u"--stages"_s, u"0s:10,4s:10"_s, u"--rate"_s, u"10/s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    server->signal(SIGKILL);
    PARLOR_EXPECT(load.endsWith(97));
    const QJsonObject run = load.json();
    QVERIFY2(load.report().startsWith(u"INCOMPLETE  "_s), qPrintable(load.report()));
    QVERIFY2(load.report().contains(u"answered: connections were lost"_s), qPrintable(load.report()));
    QVERIFY2(!load.report().contains(u"WARNING"_s),
             qPrintable(load.report())); // the generator is not to blame
    QCOMPARE(run[u"verdict"].toString(), u"incomplete"_s);
    QVERIFY(number(run, u"messages", u"not_member") > 100);
    QCOMPARE(number(run, u"messages", u"planned"),
             number(run, u"messages", u"sent") + number(run, u"messages", u"not_member"));
    QCOMPARE(number(run, u"connections", u"absent_users"), 10);
}

void TestLoad::silentUsersAreMissed()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:3,3s:3"_s, u"--rate"_s, u"0/s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    server->signal(SIGKILL);
    PARLOR_EXPECT(load.endsWith(97));
    QVERIFY2(load.report().startsWith(u"INCOMPLETE  3 users were not in the room at the end"_s),
             qPrintable(load.report()));
}

void TestLoad::lostConnectionsComeBack()
{
    NEEDS_PYTHON();
    QFETCH(QString, dialect);
    const auto server = faultyServer({u"--kick"_s, u"20"_s});
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--dialect"_s, dialect, u"--stages"_s, u"0s:9,2500ms:9"_s, u"--rate"_s,
                                      u"8/s"_s, u"--rooms"_s, u"general,support,random"_s});
    PARLOR_EXPECT(load.endsWith(97)); // what the kicked had to say meanwhile was not said
    PARLOR_EXPECT(server->stop());
    const qint64 kicked = faultsSaid(*server)[u"kicked"].toInteger();
    const QJsonObject run = load.json();
    QVERIFY(kicked > 1);
    QCOMPARE(number(run, u"connections", u"lost"), kicked);
    QCOMPARE(run[u"connections"][u"close_codes"][u"4103"].toInteger(), kicked);
    QVERIFY(number(run, u"connections", u"reconnects") > 0);
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(number(run, u"messages", u"abandoned") >= kicked); // the server closed instead of answering
}

void TestLoad::refusedIsNotLost()
{
    QFETCH(QString, dialect);
    const auto server = parlorServer({u"--rate"_s, u"2"_s, u"--burst"_s, u"3"_s});
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(),
                     {u"--dialect"_s, dialect, u"--stages"_s, u"0s:6,2s:6"_s, u"--rate"_s, u"20/s"_s});
    PARLOR_EXPECT(load.endsWith(97));
    QVERIFY2(load.report().contains(u"answered: the server refused messages"_s), qPrintable(load.report()));
    const QJsonObject run = load.json();
    QVERIFY(number(run, u"messages", u"rejected") > 0);
    QVERIFY(number(run, u"deliveries", u"expected") > 0);
    QCOMPARE(faultsOf(run), kNoFaults);
    PARLOR_EXPECT(server->stop());
}

void TestLoad::serversThatShareNothing_data()
{
    QTest::addColumn<QString>("dialect");
    QTest::addColumn<QString>("stages");
    QTest::addColumn<QString>("rooms");
    QTest::addColumn<QString>("rate");
    QTest::newRow("v1") << u"v1"_s << u"500ms:12,1s:12"_s << u"3"_s << u"5/s"_s;
    QTest::newRow("v2") << u"v2"_s << u"500ms:12,1s:12"_s << u"3"_s << u"5/s"_s;
    QTest::newRow("v2, all at once") << u"v2"_s << u"0s:12,1500ms:12"_s << u"1"_s << u"5/s"_s;
    // Were users dealt to rooms in turn, each room would be on one of the two servers.
    QTest::newRow("v2, as many rooms as servers") << u"v2"_s << u"500ms:12,1s:12"_s << u"2"_s << u"5/s"_s;
    QTest::newRow("v1, as many rooms as servers") << u"v1"_s << u"500ms:12,1s:12"_s << u"2"_s << u"5/s"_s;
    QTest::newRow("v2, nobody speaks") << u"v2"_s << u"500ms:12,3s:12"_s << u"3"_s << u"0/s"_s;
    QTest::newRow("v2, all at once, nobody speaks") << u"v2"_s << u"0s:2,4s:2"_s << u"1"_s << u"0/s"_s;
}

void TestLoad::serversThatShareNothing()
{
    QFETCH(QString, dialect);
    QFETCH(QString, stages);
    QFETCH(QString, rooms);
    QFETCH(QString, rate);
    const auto one = parlorServer();
    const auto two = parlorServer();
    PARLOR_EXPECT(one->start());
    PARLOR_EXPECT(two->start());
    RoundRobin balancer({one->port(), two->port()});
    LoadProcess load(balancer.port(), {u"--dialect"_s, dialect, u"--stages"_s, stages, u"--rooms"_s, rooms,
                                       u"--rate"_s, rate, u"--drain"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(98));
    const QJsonObject run = load.json();
    QCOMPARE(run[u"verdict"].toString(), u"incorrect"_s);
    const QJsonArray splits = run[u"splits"].toArray();
    QCOMPARE(splits.size(), rooms.toInt());
    for (const QJsonValue &split : splits) {
        QCOMPARE(split[u"groups"].toArray().size(), 2);
        for (const QJsonValue &group : split[u"groups"].toArray()) {
            QVERIFY(group[u"users"].toInt() > 0);
            QCOMPARE(group[u"servers"].toObject().keys(), run[u"connections"][u"hosts"].toObject().keys());
            QCOMPARE(group[u"epochs"].toArray().size(), dialect == u"v2"_s ? 1 : 0);
        }
    }
    if (rate != u"0/s"_s) // half of all, about
        QVERIFY2(number(run, u"deliveries", u"lost") * 3 > number(run, u"deliveries", u"received"),
                 qPrintable(load.report()));
    QVERIFY2(load.report().contains(u"the chat is split: users of "_s) &&
                 load.report().contains(u"do not share the rooms' messages"_s),
             qPrintable(load.report()));
}

void TestLoad::serversOfACopiedStore_data()
{
    QTest::addColumn<QString>("stages");
    QTest::addColumn<QString>("rate");
    QTest::newRow("users speak") << u"500ms:12,1s:12"_s << u"5/s"_s;
    QTest::newRow("nobody speaks") << u"500ms:12,3s:12"_s << u"0/s"_s; // the names of the chats tell
}

void TestLoad::serversOfACopiedStore()
{
    QFETCH(QString, stages);
    QFETCH(QString, rate);
    QTemporaryDir folder;
    const QString first = folder.filePath(u"one.db"_s);
    const QString second = folder.filePath(u"two.db"_s);
    const auto server = [](const QString &file) {
        return std::make_unique<ServerProcess>(ServerProcess::Settings{
            .program = u"parlor-server"_s, .arguments = {u"--store"_s, u"sqlite:"_s + file}});
    };
    auto one = server(first);
    PARLOR_EXPECT(one->start());
    LoadProcess before(one->port(), {u"--stages"_s, u"0s:2,500ms:2"_s, u"--rate"_s, u"5/s"_s});
    PARLOR_EXPECT(before.endsWith(0));
    PARLOR_EXPECT(one->stop());
    QVERIFY(QFile::copy(first, second));
    one = server(first);
    const auto two = server(second);
    PARLOR_EXPECT(one->start());
    PARLOR_EXPECT(two->start());
    RoundRobin balancer({one->port(), two->port()});
    LoadProcess load(balancer.port(), {u"--stages"_s, stages, u"--rooms"_s, u"1"_s, u"--rate"_s, rate,
                                       u"--drain"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(98));
    if (rate != u"0/s"_s)
        QVERIFY2(number(load.json(), u"deliveries", u"lost") * 3 >
                     number(load.json(), u"deliveries", u"received"),
                 qPrintable(load.report()));
    QVERIFY2(load.report().contains(u"the chat is split: users of 1 of 1 room did"_s),
             qPrintable(load.report()));
}

void TestLoad::serverIsReplaced()
{
    QFETCH(QString, dialect);
    const auto one = parlorServer();
    const auto two = parlorServer();
    PARLOR_EXPECT(one->start());
    PARLOR_EXPECT(two->start());
    RoundRobin balancer({one->port()});
    LoadProcess load(balancer.port(), {u"--dialect"_s, dialect, u"--stages"_s, u"0s:12,4s:12"_s, u"--rate"_s,
                                       u"5/s"_s, u"--drain"_s, u"20s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    balancer.setServers({two->port()});
    one->kill(); // a memory server that begins anew: everybody moves on
    PARLOR_EXPECT(load.endsWith(97));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(run[u"splits"].toArray().isEmpty());
    QVERIFY(number(run, u"connections", u"reconnects") > 0);
    QVERIFY2(load.errors().contains(u"connections lost 12  joined again "_s), qPrintable(load.errors()));
}

/// All users have one token. What somebody deletes meanwhile is owed to them like a message.
void TestLoad::deletionsBehindASignIn()
{
    const TokenIssuer issuer;
    ServerProcess server({.program = u"parlor-server"_s, .arguments = issuer.arguments()});
    PARLOR_EXPECT(server.start());
    const QStringList arguments{u"--stages"_s, u"0s:3,2s:3"_s, u"--rate"_s,
                                u"5/s"_s,      u"--rooms"_s,   u"general"_s};
    LoadProcess stranger(server.port(), arguments);
    PARLOR_EXPECT(stranger.endsWith(3));
    QVERIFY2(stranger.report().contains(u"the server asks for a token; give one with --token-file"_s),
             qPrintable(stranger.report()));

    LoadProcess late(server.port(), arguments + QStringList{u"--token-file"_s,
                                                            issuer.tokenFile(u"late"_s, {{u"exp"_s, 1}})});
    PARLOR_EXPECT(late.endsWith(3));
    QVERIFY2(late.report().contains(u"HTTP 401"_s) &&
                 late.report().contains(u"probe --token-file FILE says"_s),
             qPrintable(late.report()));

    RawChat ann;
    PARLOR_EXPECT(ann.open(server.port(), Dialect::V2));
    QVERIFY2(ann.authenticate({{u"token"_s, QString::fromLatin1(issuer.token(u"ann"_s))}}),
             qPrintable(ann.why()));
    QVERIFY(ann.send({{u"type"_s, u"join"_s}, {u"room"_s, u"general"_s}}) && ann.nextOf(u"sync"_s));
    LoadProcess load(server.port(),
                     arguments + QStringList{u"--token-file"_s, issuer.tokenFile(u"loader"_s)});
    const auto heard = ann.nextOf(u"message"_s);
    QVERIFY2(heard, qPrintable(ann.why()));
    for (int i = 0; i < 3; ++i) {
        QVERIFY(ann.send({{u"type"_s, u"message"_s},
                          {u"room"_s, u"general"_s},
                          {u"content"_s, u"to be deleted"_s},
                          {u"cid"_s, QString::number(i)}}));
        std::optional<QJsonObject> own;
        do {
            own = ann.nextOf(u"message"_s);
            QVERIFY2(own, qPrintable(ann.why()));
        } while ((*own)[u"user"_s] != u"ann"_s);
        QVERIFY(ann.send({{u"type"_s, u"delete"_s},
                          {u"room"_s, u"general"_s},
                          {u"seq"_s, (*own)[u"seq"_s]},
                          {u"id"_s, (*own)[u"id"_s]}}));
        QVERIFY2(ann.nextOf(u"deleted"_s), qPrintable(ann.why()));
    }
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QCOMPARE(number(run, u"messages", u"answered"), number(run, u"messages", u"sent"));
    QCOMPARE(number(run, u"connections", u"joined"), 3);
}

void TestLoad::roomsOfItsOwn()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:6,500ms:6"_s, u"--rate"_s, u"5/s"_s, u"--quiet"_s});
    PARLOR_EXPECT(load.endsWith(0));
    QCOMPARE(load.json()[u"parameters"][u"rooms"].toArray(),
             (QJsonArray{u"load-1"_s, u"load-2"_s, u"load-3"_s}));
    QCOMPARE(load.errors(), QString());
    LoadProcess alone(server->port(), {u"--stages"_s, u"0s:3,500ms:3"_s, u"--rate"_s, u"5/s"_s});
    PARLOR_EXPECT(alone.endsWith(0));
    QVERIFY2(alone.report().contains(u"WARNING: in 3 rooms there were never two users at once"_s),
             qPrintable(alone.report()));
}

void TestLoad::namedRoomsAreSaidBefore()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:2,500ms:2"_s, u"--rate"_s, u"5/s"_s, u"--rooms"_s,
                                      u"load-1,general,support"_s});
    PARLOR_EXPECT(load.endsWith(0));
    QVERIFY2(
        load.errors().startsWith(u"parlor-cli: load sends its messages (~P1:...) to general, support: people "
                                 "in these rooms see them, and they stay there"_s),
        qPrintable(load.errors()));
}

void TestLoad::liveLineTellsOfUnanswered()
{
    QFETCH(QString, dialect);
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--dialect"_s, dialect, u"--stages"_s, u"0s:12,5s:12"_s, u"--rate"_s,
                                      u"8/s"_s, u"--drain"_s, u"20s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    server->signal(SIGSTOP);
    const Problem waited = load.waitForStatusLines(3);
    server->signal(SIGCONT);
    PARLOR_EXPECT(waited);
    PARLOR_EXPECT(load.endsWith(0));
    const QString stalled = load.errors().section(u'\n', 2, 2);
    const auto unanswered = QRegularExpression(u"unanswered ([0-9]+)"_s).match(stalled);
    QVERIFY2(unanswered.hasMatch() && unanswered.captured(1).toInt() > 60, qPrintable(load.errors()));
}

void TestLoad::liveLineTellsOfRefused()
{
    QFETCH(QString, dialect);
    const auto server = parlorServer({u"--rate"_s, u"2"_s, u"--burst"_s, u"3"_s});
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--dialect"_s, dialect, u"--stages"_s, u"0s:6,1500ms:6,2s:0"_s,
                                      u"--rate"_s, u"20/s"_s, u"--rooms"_s, u"1"_s});
    PARLOR_EXPECT(load.endsWith(97));
    const QString last = load.errors().trimmed().section(u'\n', -1);
    const auto refused = QRegularExpression(u"refused ([0-9]+) \\(rate_limited\\)"_s).match(last);
    QVERIFY2(refused.hasMatch() && refused.captured(1).toInt() > 20, qPrintable(load.errors()));
    QVERIFY(refused.captured(1).toInt() <= number(load.json(), u"messages", u"rejected"));
    QCOMPARE(load.json()[u"refusals"].toObject().keys(), QStringList{u"rate_limited"_s});
    QVERIFY2(load.report().contains(u"the server answered with an error: rate_limited"_s),
             qPrintable(load.report()));
}

void TestLoad::stalledServerShowsInTheLatency()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:20,5s:20"_s, u"--rate"_s, u"8/s"_s, u"--rooms"_s,
                                      u"4"_s, u"--drain"_s, u"20s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    server->signal(SIGSTOP);
    const Problem waited = load.waitForStatusLines(3); // at least a second between two lines of three
    server->signal(SIGCONT);
    PARLOR_EXPECT(waited);
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    const QJsonValue latency = run[u"histograms"][u"delivery_latency"];
    // Messages of a whole second waited, in a run of five: far more than one of a hundred. An open model
    // shows it.
    QVERIFY2(latency[u"p99_us"].toInteger() > 500'000, qPrintable(load.report()));
    QVERIFY2(latency[u"p50_us"].toInteger() * 5 < latency[u"p99_us"].toInteger(), qPrintable(load.report()));
    // The schedule did not stall with the server.
    QCOMPARE(number(run, u"messages", u"sent") + number(run, u"messages", u"not_member"),
             number(run, u"messages", u"planned"));
    QVERIFY2(run[u"histograms"][u"send_lag"][u"max_us"].toInteger() * 2 < latency[u"p99_us"].toInteger(),
             qPrintable(load.report()));
    PARLOR_EXPECT(server->stop());
}

void TestLoad::nobodyListens()
{
    QTcpServer occupied; // a port that nobody else gets meanwhile
    QVERIFY(occupied.listen(QHostAddress::LocalHost));
    const std::uint16_t port = occupied.serverPort();
    occupied.close();
    LoadProcess load(port, {u"--stages"_s, u"0s:3,1m:3"_s, u"--connect-timeout"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(3));
    QVERIFY2(load.report().startsWith(u"FAIL  nobody ever joined"_s), qPrintable(load.report()));
    QVERIFY2(load.report().contains(u"connect: Connection refused"_s), qPrintable(load.report()));
    QCOMPARE(load.json()[u"verdict"].toString(), u"never_reached"_s);
}

void TestLoad::serverWithoutV2()
{
    NEEDS_PYTHON();
    ServerProcess server({.program = script(u"tutorial_server.py"_s)});
    PARLOR_EXPECT(server.start());
    LoadProcess load(server.port(), {u"--stages"_s, u"0s:3,1m:3"_s, u"--connect-timeout"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(3));
    QVERIFY2(load.report().contains(u"does not speak parlor.v2; try --dialect v1"_s),
             qPrintable(load.report()));
}

void TestLoad::planBeginsWithoutUsers()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"1s:0,0s:3,1s:3"_s, u"--rate"_s, u"5/s"_s,
                                      u"--connect-timeout"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(0));
    QCOMPARE(number(load.json(), u"connections", u"joined"), 3);
    PARLOR_EXPECT(server->stop());
}

void TestLoad::oneAddressOfTheNameRefuses()
{
    const QHostInfo host = QHostInfo::fromName(u"localhost"_s);
    if (host.addresses().size() < 2)
        QSKIP("localhost has one address only");
    const auto server = parlorServer(); // on 127.0.0.1
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:10,1s:10"_s, u"--rate"_s, u"5/s"_s},
                     u"localhost"_s);
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(number(run, u"connections", u"attempts"), 10);
    QCOMPARE(number(run, u"connections", u"joined"), 10);
    QVERIFY2(run[u"errors"].toObject().isEmpty(), qPrintable(load.report()));
    PARLOR_EXPECT(server->stop());
}

void TestLoad::resultIntoAPipe()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    QTemporaryDir folder;
    const QString name = folder.filePath(u"pipe"_s);
    QCOMPARE(::mkfifo(name.toLocal8Bit().constData(), 0600), 0);
    QProcess reader;
    reader.start(u"cat"_s, {name});
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:2,500ms:2"_s, u"--rate"_s, u"5/s"_s},
                     u"127.0.0.1"_s, name);
    PARLOR_EXPECT(load.endsWith(0));
    QTRY_COMPARE_WITH_TIMEOUT(reader.state(), QProcess::NotRunning, static_cast<int>(kPatience.count()));
    const QJsonObject run = QJsonDocument::fromJson(reader.readAllStandardOutput()).object();
    QCOMPARE(run[u"verdict"].toString(), u"passed"_s);
    PARLOR_EXPECT(server->stop());
}

void TestLoad::reportCannotBeWritten()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    QProcess cli;
    cli.setStandardOutputFile(u"/dev/full"_s);
    cli.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s,
              {u"load"_s, u"127.0.0.1:%1"_s.arg(server->port()), u"--stages"_s, u"0s:2,500ms:2"_s,
               u"--rate"_s, u"5/s"_s, u"--quiet"_s});
    QVERIFY(cli.waitForFinished(static_cast<int>(kPatience.count())));
    QCOMPARE(cli.readAllStandardError(),
             QByteArray("parlor-cli: cannot write to standard output: No space left on device\n"));
    QCOMPARE(cli.exitCode(), 4);
    PARLOR_EXPECT(server->stop());
}

void TestLoad::thresholdFails()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(),
                     {u"--stages"_s, u"0s:5,1s:5"_s, u"--rate"_s, u"5/s"_s, u"--threshold"_s,
                      u"deliveries_lost count==0"_s, u"--threshold"_s, u"delivery_latency p(50)<1us"_s});
    PARLOR_EXPECT(load.endsWith(99));
    QVERIFY2(load.report().startsWith(u"FAIL  1 of 2 thresholds not met"_s), qPrintable(load.report()));
    const QJsonArray thresholds = load.json()[u"thresholds"].toArray();
    QCOMPARE(thresholds.size(), 2);
    QCOMPARE(thresholds[0][u"passed"].toBool(), true);
    QCOMPARE(thresholds[1][u"passed"].toBool(true), false);
}

void TestLoad::interrupted()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:10,10m:10"_s, u"--rate"_s, u"5/s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    load.signal(SIGINT);
    PARLOR_EXPECT(load.endsWith(105));
    QVERIFY2(load.report().startsWith(u"STOPPED  "_s), qPrintable(load.report()));
    const QJsonObject run = load.json();
    QCOMPARE(run[u"verdict"].toString(), u"interrupted"_s);
    QCOMPARE(faultsOf(run), kNoFaults); // it still waited for what was owed
    QVERIFY(number(run, u"deliveries", u"received") > 0);
    PARLOR_EXPECT(server->stop());
}

void TestLoad::wrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("why");
    QTest::newRow("no URL") << QStringList{} << u"URL"_s;
    QTest::newRow("no TLS") << QStringList{u"ws://127.0.0.1"_s, u"--insecure"_s}
                            << u"--insecure: only wss:// has certificates"_s;
    QTest::newRow("no certificate") << QStringList{u"wss://127.0.0.1"_s, u"--ca-file"_s, u"/nowhere.pem"_s}
                                    << u"/nowhere.pem"_s;
    QTest::newRow("no sense together")
        << QStringList{u"localhost"_s, u"--stages"_s, u"1s:1"_s, u"--arrival"_s, u"1/s"_s}
        << u"--arrival: users come at a rate, or as the stages say"_s;
    QTest::newRow("preset") << QStringList{u"localhost"_s, u"--preset"_s, u"smok"_s}
                            << u"there is no 'smok'; there are seed, "_s;
    QTest::newRow("print what") << QStringList{u"--print-scenario"_s} << u"name it with --preset"_s;
    QTest::newRow("baseline") << QStringList{u"localhost"_s, u"--baseline"_s, u"x.json"_s}
                              << u"--baseline is for the page"_s;
    QTest::newRow("no baseline") << QStringList{u"localhost"_s, u"--baseline"_s, u"/nowhere.json"_s,
                                                u"--html"_s, u"/dev/null"_s}
                                 << u"--baseline: /nowhere.json"_s;
    QTest::newRow("tui") << QStringList{u"localhost"_s, u"--tui"_s, u"yes"_s} << u"auto, on or off"_s;
    QTest::newRow("one file for two")
        << QStringList{u"localhost"_s, u"--out"_s, u"/dev/null"_s, u"--html"_s, u"/dev/null"_s}
        << u"--html: /dev/null is the file of --out, too"_s;
    QTest::newRow("http") << QStringList{u"http://127.0.0.1"_s} << u"use ws:// instead"_s;
    QTest::newRow("stages") << QStringList{u"localhost"_s, u"--stages"_s, u"30s"_s} << u"stage 1, '30s'"_s;
    QTest::newRow("rate") << QStringList{u"localhost"_s, u"--rate"_s, u"5"_s} << u"--rate: '5' is no rate"_s;
    QTest::newRow("size") << QStringList{u"localhost"_s, u"--size"_s, u"5"_s}
                          << u"--size: '5' is out of range"_s;
    QTest::newRow("rooms") << QStringList{u"localhost"_s, u"--rooms"_s, u"a b"_s} << u"--rooms:"_s;
    QTest::newRow("dialect") << QStringList{u"localhost"_s, u"--dialect"_s, u"v3"_s}
                             << u"neither v1 nor v2"_s;
    QTest::newRow("drain") << QStringList{u"localhost"_s, u"--drain"_s, u"5"_s}
                           << u"--drain: '5' is no time"_s;
    QTest::newRow("threshold") << QStringList{u"localhost"_s, u"--threshold"_s, u"deliveries_lost rate<1"_s}
                               << u"column 17: deliveries_lost has count"_s;
    QTest::newRow("out") << QStringList{u"localhost"_s, u"--out"_s, u"/nowhere/run.json"_s}
                         << u"cannot write /nowhere/run.json"_s;
    QTest::newRow("too many") << QStringList{u"localhost"_s, u"--stages"_s, u"1s:1000000"_s}
                              << u"descriptors"_s;
    QTest::newRow("unknown option") << QStringList{u"localhost"_s, u"--vus"_s, u"5"_s} << u"--vus"_s;
}

void TestLoad::wrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, why);
    QProcess cli;
    cli.start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s, QStringList{u"load"_s} + arguments);
    QVERIFY(cli.waitForFinished(static_cast<int>(kPatience.count())));
    const QString said = QString::fromUtf8(cli.readAllStandardError());
    QCOMPARE(cli.exitCode(), 2);
    QVERIFY2(said.contains(why), qPrintable(said));
    QCOMPARE(cli.readAllStandardOutput(), QByteArray());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoad)
#include "tst_load.moc"
