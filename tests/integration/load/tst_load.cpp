// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "loadrow.h"
#include "roundrobin.h"
#include "sinkprocess.h"
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
#include <functional>
#include <memory>
#include <sys/stat.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

} // namespace

/// `parlor-cli load` against right, wrong, slow, absent and foreign servers.
class TestLoad : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanup() { m_rows.erase(QTest::currentDataTag()); }

    void faultless_data();
    void faultless();
    void tutorialServer();
    void everyFaultIsCounted_data();
    void everyFaultIsCounted();
    void serverDies_data();
    void serverDies();
    void silentUsersAreMissed();
    void lostConnectionsComeBack_data();
    void lostConnectionsComeBack();
    void refusedIsNotLost_data();
    void refusedIsNotLost();
    void serversThatShareNothing_data();
    void serversThatShareNothing();
    void slowServerBehindABalancer();
    void serversOfACopiedStore_data();
    void serversOfACopiedStore();
    void serverIsReplaced_data();
    void serverIsReplaced();
    void roomsOfItsOwn();
    void deletionsBehindASignIn();
    void namedRoomsAreSaidBefore();
    void stalledServer_data();
    void stalledServer();
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
    [[nodiscard]] static std::unique_ptr<ServerProcess> memoryServer() { return parlorServer(); }
    [[nodiscard]] static std::unique_ptr<ServerProcess> faultyServer(const QStringList &arguments);
    [[nodiscard]] static QJsonObject faultsSaid(const ServerProcess &server);

    using NewServer = std::function<std::unique_ptr<ServerProcess>()>;
    /// A row for each dialect, with a server of its own.
    void beginInBothDialects(const NewServer &server, const QStringList &arguments);
    /// A row with two servers behind a load balancer. Its run begins once all rows have theirs: the balancer
    /// does nothing while a server starts.
    void startTwoServers(const char *name, const NewServer &one = &TestLoad::memoryServer,
                         const NewServer &two = &TestLoad::memoryServer);
    [[nodiscard]] LoadRow &row() { return m_rows[QTest::currentDataTag()]; }

    bool m_hasPython = false;
    QTemporaryDir m_folder;
    LoadRows m_rows;
};

std::unique_ptr<ServerProcess> TestLoad::parlorServer(const QStringList &arguments)
{
    return std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s, .arguments = QStringList{u"--store"_s, u"memory"_s} + arguments});
}

std::unique_ptr<ServerProcess> TestLoad::faultyServer(const QStringList &arguments)
{
    return std::make_unique<ServerProcess>(
        ServerProcess::Settings{.program = serverScript(u"faulty_server.py"_s), .arguments = arguments});
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

void TestLoad::beginInBothDialects(const NewServer &server, const QStringList &arguments)
{
    QTest::addColumn<QString>("dialect");
    for (const char *dialect : {"v1", "v2"}) {
        QTest::newRow(dialect) << QString::fromLatin1(dialect);
        LoadRow &begun = m_rows[dialect] = {.server = server()};
        begun.problem = begun.server->start();
        begun.load = std::make_unique<LoadProcess>(
            begun.server->port(), QStringList{u"--dialect"_s, QString::fromLatin1(dialect)} + arguments);
    }
}

void TestLoad::startTwoServers(const char *name, const NewServer &one, const NewServer &two)
{
    LoadRow &begun = m_rows[name] = {.server = one(), .other = two()};
    for (ServerProcess *server : {begun.server.get(), begun.other.get()})
        begun.problem += server->start();
    begun.balancer =
        std::make_unique<RoundRobin>(QList<std::uint16_t>{begun.server->port(), begun.other->port()});
}

#define NEEDS_PYTHON()                                    \
    do {                                                  \
        if (!m_hasPython)                                 \
            QSKIP("python3-websockets is not installed"); \
    } while (false)

void TestLoad::faultless_data()
{
    beginInBothDialects(&TestLoad::memoryServer,
                        {u"--stages"_s, u"500ms:20,1s:20,1500ms:0"_s, u"--rate"_s, u"5/s"_s, u"--size"_s,
                         u"36-1000"_s, u"--threshold"_s, u"connect_success rate==1"_s});
}

void TestLoad::faultless()
{
    PARLOR_EXPECT(row().problem);
    const auto &server = row().server;
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(countIn(run, u"deliveries", u"expected") > 1000);
    QCOMPARE(countIn(run, u"deliveries", u"received"), countIn(run, u"deliveries", u"expected"));
    // 40 seconds of users at 5/s, less what falls into their joins, which a busy machine makes longer.
    QVERIFY(countIn(run, u"messages", u"sent") > 100);
    QCOMPARE(countIn(run, u"messages", u"sent"), countIn(run, u"messages", u"planned"));
    QCOMPARE(countIn(run, u"messages", u"answered"), countIn(run, u"messages", u"sent"));
    QCOMPARE(countIn(run, u"connections", u"joined"), 20);
    QCOMPARE(countIn(run, u"connections", u"lost"), 0);
    QCOMPARE(run[u"connections"][u"hosts"].toObject().size(), 1);
    QVERIFY2(load.report().startsWith(u"PASS  "_s), qPrintable(load.report()));
    PARLOR_EXPECT(server->stop());
}

void TestLoad::tutorialServer()
{
    NEEDS_PYTHON();
    ServerProcess server({.program = serverScript(u"tutorial_server.py"_s)});
    PARLOR_EXPECT(server.start());
    LoadProcess load(server.port(),
                     {u"--dialect"_s, u"v1"_s, u"--stages"_s, u"500ms:20,1s:20,500ms:0"_s, u"--rate"_s,
                      u"4/s"_s, u"--quiet"_s, u"--rooms"_s, u"general,support,random"_s});
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(countIn(run, u"deliveries", u"expected") > 400);
    QCOMPARE(countIn(run, u"connections", u"joined"), 20);
    QCOMPARE(load.errors().count(u'\n'), 1); // of the rooms
    PARLOR_EXPECT(server.stop());
}

void TestLoad::everyFaultIsCounted_data()
{
    // The faults begin when all are there, and end early enough that each can be noticed.
    beginInBothDialects(
        [] {
            return faultyServer({u"--from"_s, u"60"_s, u"--until"_s, u"120"_s, u"--every"_s, u"7"_s});
        },
        {u"--stages"_s, u"0s:12,2500ms:12"_s, u"--rate"_s, u"8/s"_s, u"--drain"_s, u"1s"_s, u"--rooms"_s,
         u"general,support,random"_s});
}

void TestLoad::everyFaultIsCounted()
{
    NEEDS_PYTHON();
    PARLOR_EXPECT(row().problem);
    const auto &server = row().server;
    LoadProcess &load = *row().load;
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

void TestLoad::serverDies_data()
{
    beginInBothDialects(&TestLoad::memoryServer, {u"--stages"_s, u"0s:10,4s:10"_s, u"--rate"_s, u"10/s"_s});
    for (auto &[name, begun] : m_rows) {
        begun.problem += begun.load->waitForStatusLines(1);
        begun.server->signal(SIGKILL);
    }
}

void TestLoad::serverDies()
{
    PARLOR_EXPECT(row().problem);
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(97));
    const QJsonObject run = load.json();
    QVERIFY2(load.report().startsWith(u"INCOMPLETE  "_s), qPrintable(load.report()));
    QVERIFY2(load.report().simplified().contains(u"answered; connections were lost"_s),
             qPrintable(load.report()));
    QVERIFY2(!load.report().contains(u"WARNING"_s),
             qPrintable(load.report())); // the generator is not to blame
    QCOMPARE(run[u"verdict"].toString(), u"incomplete"_s);
    QVERIFY(countIn(run, u"messages", u"not_member") > 100);
    QCOMPARE(countIn(run, u"messages", u"planned"),
             countIn(run, u"messages", u"sent") + countIn(run, u"messages", u"not_member"));
    QCOMPARE(countIn(run, u"connections", u"absent_users"), 10);
}

void TestLoad::silentUsersAreMissed()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"0s:3,2s:3"_s, u"--rate"_s, u"0/s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(1));
    server->signal(SIGKILL);
    PARLOR_EXPECT(load.endsWith(97));
    QVERIFY2(load.report().startsWith(u"INCOMPLETE  3 users were not in the room at the end"_s),
             qPrintable(load.report()));
}

void TestLoad::lostConnectionsComeBack_data()
{
    beginInBothDialects(
        [] {
            return faultyServer({u"--kick"_s, u"20"_s});
        },
        {u"--stages"_s, u"0s:9,2500ms:9"_s, u"--rate"_s, u"8/s"_s, u"--rooms"_s,
         u"general,support,random"_s});
}

void TestLoad::lostConnectionsComeBack()
{
    NEEDS_PYTHON();
    PARLOR_EXPECT(row().problem);
    const auto &server = row().server;
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(97)); // what the kicked had to say meanwhile was not said
    PARLOR_EXPECT(server->stop());
    const qint64 kicked = faultsSaid(*server)[u"kicked"].toInteger();
    const QJsonObject run = load.json();
    QVERIFY(kicked > 1);
    QCOMPARE(countIn(run, u"connections", u"lost"), kicked);
    QCOMPARE(run[u"connections"][u"close_codes"][u"4103"].toInteger(), kicked);
    QVERIFY(countIn(run, u"connections", u"reconnects") > 0);
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(countIn(run, u"messages", u"abandoned") >= kicked); // the server closed instead of answering
}

void TestLoad::refusedIsNotLost_data()
{
    beginInBothDialects(
        [] {
            return parlorServer({u"--rate"_s, u"2"_s, u"--burst"_s, u"3"_s});
        },
        {u"--stages"_s, u"0s:6,1500ms:6,2s:0"_s, u"--rate"_s, u"20/s"_s, u"--rooms"_s, u"1"_s});
}

void TestLoad::refusedIsNotLost()
{
    PARLOR_EXPECT(row().problem);
    const auto &server = row().server;
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(97));
    QVERIFY2(load.report().simplified().contains(u"answered; the server refused messages"_s),
             qPrintable(load.report()));
    const QJsonObject run = load.json();
    QVERIFY(countIn(run, u"deliveries", u"expected") > 0);
    QCOMPARE(faultsOf(run), kNoFaults);
    // The live line told of it.
    const QString last = load.errors().trimmed().section(u'\n', -1);
    const auto refused = QRegularExpression(u"refused ([0-9]+) \\(rate_limited\\)"_s).match(last);
    QVERIFY2(refused.hasMatch() && refused.captured(1).toInt() > 20, qPrintable(load.errors()));
    QVERIFY(refused.captured(1).toInt() <= countIn(load.json(), u"messages", u"rejected"));
    QCOMPARE(load.json()[u"refusals"].toObject().keys(), QStringList{u"rate_limited"_s});
    QVERIFY2(load.report().simplified().contains(u"the server answered with an error: rate_limited"_s),
             qPrintable(load.report()));
    PARLOR_EXPECT(server->stop());
}

void TestLoad::serversThatShareNothing_data()
{
    QTest::addColumn<QString>("dialect");
    QTest::addColumn<QString>("rooms");
    QTest::addColumn<QString>("rate");
    std::map<QByteArray, QStringList> arguments;
    const auto add = [&](const char *name, const QString &dialect, const QString &stages,
                         const QString &rooms, const QString &rate) {
        QTest::newRow(name) << dialect << rooms << rate;
        startTwoServers(name);
        arguments[name] = {u"--dialect"_s, dialect,     u"--stages"_s, stages,       u"--rooms"_s,
                           rooms,          u"--rate"_s, rate,          u"--drain"_s, u"300ms"_s};
    };
    add("v1", u"v1"_s, u"500ms:12,1s:12"_s, u"3"_s, u"5/s"_s);
    add("v2", u"v2"_s, u"500ms:12,1s:12"_s, u"3"_s, u"5/s"_s);
    add("v2, all at once", u"v2"_s, u"0s:12,1500ms:12"_s, u"1"_s, u"5/s"_s);
    // Were users dealt to rooms in turn, each room would be on one of the two servers.
    add("v2, as many rooms as servers", u"v2"_s, u"500ms:12,1s:12"_s, u"2"_s, u"5/s"_s);
    add("v1, as many rooms as servers", u"v1"_s, u"500ms:12,1s:12"_s, u"2"_s, u"5/s"_s);
    add("v2, nobody speaks", u"v2"_s, u"500ms:12,3s:12"_s, u"3"_s, u"0/s"_s);
    add("v2, all at once, nobody speaks", u"v2"_s, u"0s:2,4s:2"_s, u"1"_s, u"0/s"_s);
    for (auto &[name, begun] : m_rows)
        begun.load = std::make_unique<LoadProcess>(begun.balancer->port(), arguments[name]);
}

void TestLoad::serversThatShareNothing()
{
    QFETCH(QString, dialect);
    QFETCH(QString, rooms);
    QFETCH(QString, rate);
    PARLOR_EXPECT(row().problem);
    LoadProcess &load = *row().load;
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
        QVERIFY2(countIn(run, u"deliveries", u"lost") * 3 > countIn(run, u"deliveries", u"received"),
                 qPrintable(load.report()));
    QVERIFY2(load.report().contains(u"the chat is split: users of "_s) &&
                 load.report().contains(u"do not share the rooms' messages"_s),
             qPrintable(load.report()));
}

void TestLoad::slowServerBehindABalancer()
{
    SinkProcess slow({u"--delay"_s, u"50ms"_s});
    const auto fast = parlorServer({u"--hostname"_s, u"fast"_s});
    PARLOR_EXPECT(slow.start());
    PARLOR_EXPECT(fast->start());
    RoundRobin balancer({fast->port(), slow.port()});
    LoadProcess load(balancer.port(), {u"--stages"_s, u"0s:12,2s:12"_s, u"--rooms"_s, u"1"_s, u"--rate"_s,
                                       u"5/s"_s, u"--drain"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(98)); // the two share nothing
    const QJsonObject run = load.json();
    const QJsonObject hosts = run[u"connections"][u"host_delivery_latency"].toObject();
    QCOMPARE(hosts.keys(), run[u"connections"][u"hosts"].toObject().keys());
    QCOMPARE(hosts.size(), 2);
    qint64 deliveries = 0;
    for (auto host = hosts.begin(); host != hosts.end(); ++host) {
        deliveries += host.value()[u"count"].toInteger();
        QVERIFY(host.value()[u"count"].toInteger() > 0);
        if (host.key() != u"fast"_s)
            QVERIFY(host.value()[u"min_us"].toInteger() >= 50'000);
        else
            QVERIFY(host.value()[u"min_us"].toInteger() < 50'000);
    }
    QCOMPARE(deliveries, run[u"histograms"][u"delivery_latency"][u"count"].toInteger());
    QVERIFY2(load.report().contains(u"\nDelivery by host "_s), qPrintable(load.report()));
}

void TestLoad::serversOfACopiedStore_data()
{
    QTest::addColumn<QString>("rate");
    QTest::newRow("users speak") << u"5/s"_s;
    QTest::newRow("nobody speaks") << u"0/s"_s; // the names of the chats tell
    const auto serverOf = [this](const QString &copy) {
        return [file = m_folder.filePath(copy)] {
            return std::make_unique<ServerProcess>(ServerProcess::Settings{
                .program = u"parlor-server"_s, .arguments = {u"--store"_s, u"sqlite:"_s + file}});
        };
    };
    const auto one = serverOf(u"0.db"_s)();
    Problem problem = one->start();
    LoadProcess before(one->port(), {u"--stages"_s, u"0s:2,500ms:2"_s, u"--rate"_s, u"5/s"_s});
    problem += before.endsWith(0);
    problem += one->stop();
    for (const char *copy : {"1.db", "2.db", "3.db", "4.db"})
        QFile::copy(m_folder.filePath(u"0.db"_s), m_folder.filePath(QLatin1String(copy)));
    startTwoServers("users speak", serverOf(u"1.db"_s), serverOf(u"2.db"_s));
    startTwoServers("nobody speaks", serverOf(u"3.db"_s), serverOf(u"4.db"_s));
    for (auto &[name, begun] : m_rows) {
        begun.problem += problem;
        begun.load = std::make_unique<LoadProcess>(
            begun.balancer->port(),
            QStringList{u"--stages"_s, name == "users speak" ? u"500ms:12,1s:12"_s : u"500ms:12,3s:12"_s,
                        u"--rooms"_s, u"1"_s, u"--rate"_s, name == "users speak" ? u"5/s"_s : u"0/s"_s,
                        u"--drain"_s, u"300ms"_s});
    }
}

void TestLoad::serversOfACopiedStore()
{
    QFETCH(QString, rate);
    PARLOR_EXPECT(row().problem);
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(98));
    if (rate != u"0/s"_s)
        QVERIFY2(countIn(load.json(), u"deliveries", u"lost") * 3 >
                     countIn(load.json(), u"deliveries", u"received"),
                 qPrintable(load.report()));
    QVERIFY2(load.report().contains(u"the chat is split: users of 1 of 1 room did"_s),
             qPrintable(load.report()));
}

void TestLoad::serverIsReplaced_data()
{
    QTest::addColumn<QString>("dialect");
    for (const char *dialect : {"v1", "v2"}) {
        QTest::newRow(dialect) << QString::fromLatin1(dialect);
        startTwoServers(dialect);
    }
    for (auto &[dialect, begun] : m_rows) {
        begun.balancer->setServers({begun.server->port()});
        begun.load = std::make_unique<LoadProcess>(begun.balancer->port(),
                                                   QStringList{u"--dialect"_s, QString::fromLatin1(dialect),
                                                               u"--stages"_s, u"0s:12,4s:12"_s, u"--rate"_s,
                                                               u"5/s"_s, u"--drain"_s, u"20s"_s});
    }
    for (auto &[name, begun] : m_rows) {
        begun.problem += begun.load->waitForStatusLines(1);
        begun.balancer->setServers({begun.other->port()});
        begun.server->kill(); // a memory server that begins anew: everybody moves on
    }
}

void TestLoad::serverIsReplaced()
{
    PARLOR_EXPECT(row().problem);
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(97));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(run[u"splits"].toArray().isEmpty());
    QVERIFY(countIn(run, u"connections", u"reconnects") > 0);
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
    LoadProcess late(server.port(), arguments + QStringList{u"--token-file"_s,
                                                            issuer.tokenFile(u"late"_s, {{u"exp"_s, 1}})});
    PARLOR_EXPECT(stranger.endsWith(3));
    QVERIFY2(
        stranger.report().simplified().contains(u"the server asks for a token; give one with --token-file"_s),
        qPrintable(stranger.report()));
    PARLOR_EXPECT(late.endsWith(3));
    QVERIFY2(late.report().contains(u"HTTP 401"_s) &&
                 late.report().simplified().contains(u"probe --token-file FILE says"_s),
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
    QCOMPARE(countIn(run, u"messages", u"answered"), countIn(run, u"messages", u"sent"));
    QCOMPARE(countIn(run, u"connections", u"joined"), 3);
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

void TestLoad::stalledServer_data()
{
    beginInBothDialects(&TestLoad::memoryServer, {u"--stages"_s, u"0s:20,5s:20"_s, u"--rate"_s, u"8/s"_s,
                                                  u"--rooms"_s, u"4"_s, u"--drain"_s, u"20s"_s});
    for (auto &[name, begun] : m_rows) {
        begun.problem += begun.load->waitForStatusLines(1);
        begun.server->signal(SIGSTOP);
    }
    for (auto &[name, begun] : m_rows) {
        begun.problem += begun.load->waitForStatusLines(3); // at least a second between two lines of three
        begun.server->signal(SIGCONT);
    }
}

void TestLoad::stalledServer()
{
    PARLOR_EXPECT(row().problem);
    const auto &server = row().server;
    LoadProcess &load = *row().load;
    PARLOR_EXPECT(load.endsWith(0));
    const QString stalled = load.errors().section(u'\n', 2, 2);
    const auto unanswered = QRegularExpression(u"unanswered ([0-9]+)"_s).match(stalled);
    QVERIFY2(unanswered.hasMatch() && unanswered.captured(1).toInt() > 60, qPrintable(load.errors()));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    const QJsonValue latency = run[u"histograms"][u"delivery_latency"];
    // Messages of a whole second waited, in a run of five: far more than one of a hundred. An open model
    // shows it.
    QVERIFY2(latency[u"p99_us"].toInteger() > 500'000, qPrintable(load.report()));
    QVERIFY2(latency[u"p50_us"].toInteger() * 5 < latency[u"p99_us"].toInteger(), qPrintable(load.report()));
    // The schedule did not stall with the server.
    QCOMPARE(countIn(run, u"messages", u"sent") + countIn(run, u"messages", u"not_member"),
             countIn(run, u"messages", u"planned"));
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
    ServerProcess server({.program = serverScript(u"tutorial_server.py"_s)});
    PARLOR_EXPECT(server.start());
    LoadProcess load(server.port(), {u"--stages"_s, u"0s:3,1m:3"_s, u"--connect-timeout"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(3));
    QVERIFY2(load.report().simplified().contains(u"does not speak parlor.v2; try --dialect v1"_s),
             qPrintable(load.report()));
}

void TestLoad::planBeginsWithoutUsers()
{
    const auto server = parlorServer();
    PARLOR_EXPECT(server->start());
    LoadProcess load(server->port(), {u"--stages"_s, u"1s:0,0s:3,500ms:3"_s, u"--rate"_s, u"5/s"_s,
                                      u"--connect-timeout"_s, u"300ms"_s});
    PARLOR_EXPECT(load.endsWith(0));
    QCOMPARE(countIn(load.json(), u"connections", u"joined"), 3);
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
    QCOMPARE(countIn(run, u"connections", u"attempts"), 10);
    QCOMPARE(countIn(run, u"connections", u"joined"), 10);
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
             QByteArray("parlor-cli load: cannot write to standard output: No space left on device\n"));
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
    QVERIFY2(load.report().startsWith(u"INTERRUPTED  "_s), qPrintable(load.report()));
    const QJsonObject run = load.json();
    QCOMPARE(run[u"verdict"].toString(), u"interrupted"_s);
    QCOMPARE(faultsOf(run), kNoFaults); // it still waited for what was owed
    QVERIFY(countIn(run, u"deliveries", u"received") > 0);
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
        << QStringList{u"localhost"_s, u"--out"_s, u"x.json"_s, u"--html"_s, u"x.json"_s}
        << u"--html: x.json is the file of --out, too"_s;
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
