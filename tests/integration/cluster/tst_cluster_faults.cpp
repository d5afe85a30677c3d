// SPDX-License-Identifier: MIT
// Three servers behind HAProxy under load, through one fault each: `parlor-cli load` accounts for every
// message at every receiver. It has no outbox and no positions: what falls due while a user is away, or is
// refused, is not said again, and what a user missed is excused. Travellers, who have positions, owe nobody
// that.
#include "tests/integration/cluster/cluster.h"
#include "tests/integration/cluster/traveller.h"
#include "tests/integration/load/loadprocess.h"
#include "tests/support/testclass.h"

#include <QJsonArray>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <functional>

using namespace parlor::test;
using namespace Qt::StringLiterals;

class ClusterFaultsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void nobodyNotices_data();
    void nobodyNotices();
    void movesAreSpread();
};

namespace {

using Fault = Problem (*)(Cluster &, LoadProcess &);

/// The load's status lines, one a second, are the clock of these tests.
constexpr int kBefore = 2;

Problem kill(Cluster &cluster, LoadProcess &)
{
    cluster.server(0).kill();
    return {};
}

Problem replaceAll(Cluster &cluster, LoadProcess &)
{
    for (std::size_t i = 0; i < Cluster::kServers; ++i) {
        if (Problem problem = cluster.server(i).stop(SIGTERM); !problem.isEmpty())
            return problem;
        if (Problem problem = cluster.startServer(i); !problem.isEmpty())
            return problem;
        if (!QTest::qWaitFor([&] { return cluster.serversUp() == qsizetype(Cluster::kServers); }, 20'000))
            return u"HAProxy does not take the server back"_s;
    }
    return {};
}

Problem restartRedis(Cluster &cluster, LoadProcess &)
{
    cluster.redis().command({u"SHUTDOWN"_s});
    cluster.redis().kill();
    return cluster.redis().start() ? Problem() : u"Redis does not start again"_s;
}

Problem stopRedis(Cluster &cluster, LoadProcess &load)
{
    cluster.redis().signal(SIGSTOP);
    Problem problem = load.waitForStatusLines(kBefore + 3);
    cluster.redis().signal(SIGCONT);
    return problem;
}

Problem cutSubscribers(Cluster &cluster, LoadProcess &)
{
    cluster.redis().command({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"pubsub"_s});
    return {};
}

Problem cutCommands(Cluster &cluster, LoadProcess &)
{
    cluster.redis().command({u"CLIENT"_s, u"KILL"_s, u"TYPE"_s, u"normal"_s});
    return {};
}

Problem forgetScripts(Cluster &cluster, LoadProcess &)
{
    cluster.redis().command({u"SCRIPT"_s, u"FLUSH"_s});
    return {};
}

qint64 number(const QJsonObject &run, QStringView part, QStringView key)
{
    return run[part][key].toInteger(-1);
}

} // namespace

void ClusterFaultsTest::initTestCase()
{
    if (!Cluster::isInstalled())
        QSKIP("redis-server or haproxy is not installed");
}

void ClusterFaultsTest::nobodyNotices_data()
{
    QTest::addColumn<std::function<Problem(Cluster &, LoadProcess &)>>("fault");
    QTest::addColumn<bool>("isComplete"); // nobody is away, and nothing is refused
    const auto row = [](const char *name, Fault fault, bool isComplete) {
        QTest::newRow(name) << std::function<Problem(Cluster &, LoadProcess &)>(fault) << isComplete;
    };
    row("a server is killed", kill, false);
    row("all servers are replaced", replaceAll, false);
    row("Redis is restarted", restartRedis, false);
    row("Redis stops for 3 s", stopRedis, false);
    row("Redis ends the connections of commands", cutCommands, false);
    row("Redis ends those that hear of messages", cutSubscribers, true);
    row("Redis forgets the scripts", forgetScripts, true);
}

void ClusterFaultsTest::nobodyNotices()
{
    using FaultFunction = std::function<Problem(Cluster &, LoadProcess &)>;
    QFETCH(const FaultFunction, fault);
    QFETCH(const bool, isComplete);
    constexpr int kTravellers = 9;
    constexpr qint64 kLongestWaitMs = 5'000;
    Cluster cluster({u"--drain-delay"_s, u"1s"_s, u"--drain-timeout"_s, u"5s"_s});
    PARLOR_EXPECT(cluster.start());
    std::vector<std::unique_ptr<Traveller>> travellers;
    for (int i = 0; i < kTravellers; ++i)
        travellers.push_back(std::make_unique<Traveller>(cluster.port(), u"load-%1"_s.arg(i % 3 + 1)));
    LoadProcess load(cluster.port(),
                     {u"--stages"_s, u"1s:45,9s:45"_s, u"--rate"_s, u"2/s"_s, u"--rooms"_s, u"3"_s,
                      u"--drain"_s, u"10s"_s, u"--threshold"_s, u"delivery_latency max<5s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(kBefore));
    PARLOR_EXPECT(fault(cluster, load));
    const Problem complete = load.endsWith(0);
    const Problem ended = isComplete || complete.isEmpty() ? complete : load.endsWith(97);
    qint64 longestWaitMs = 0;
    qint64 moves = 0;
    QStringList problems;
    for (const auto &each : travellers) {
        each->stop();
        longestWaitMs = std::max(longestWaitMs, each->longestWaitMs());
        moves += each->moves();
        problems += each->problems();
        if (each->messages() == 0)
            problems += u"a traveller hears nothing"_s;
    }
    const QJsonObject run = load.json();
    qInfo("%s: %lld deliveries, lost %lld, doubled %lld, reordered %lld; of %lld messages %lld refused, %lld "
          "not "
          "said; longest wait of a user %lld ms, of a traveller %lld ms in %lld moves; %lld connections lost",
          QTest::currentDataTag(), number(run, u"deliveries", u"received"),
          number(run, u"deliveries", u"lost"), number(run, u"deliveries", u"doubled"),
          number(run, u"deliveries", u"reordered"), number(run, u"messages", u"planned"),
          number(run, u"messages", u"rejected"), number(run, u"messages", u"not_member"),
          run[u"histograms"][u"delivery_latency"][u"max_us"].toInteger(-1) / 1000, longestWaitMs, moves,
          number(run, u"connections", u"lost"));
    PARLOR_EXPECT(ended);
    for (const char *key : {"lost", "doubled", "reordered", "corrupt", "unexpected"})
        QVERIFY2(number(run, u"deliveries", QString::fromLatin1(key)) == 0, qPrintable(load.report()));
    QCOMPARE(number(run, u"messages", u"unanswered"), 0);
    QVERIFY2(run[u"splits"].toArray().isEmpty(), qPrintable(load.report()));
    for (const QJsonValue &each : run[u"thresholds"].toArray())
        QVERIFY2(each[u"passed"].toBool(), qPrintable(load.report()));
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join(u'\n')));
    QVERIFY2(longestWaitMs < kLongestWaitMs, qPrintable(u"%1 ms"_s.arg(longestWaitMs)));
}

/// A server's clients come to the others no faster than it closes their connections: 20 ms apart.
void ClusterFaultsTest::movesAreSpread()
{
    constexpr int kMost = 60; // connections a second
    Cluster cluster({u"--drain-timeout"_s, u"10s"_s});
    PARLOR_EXPECT(cluster.start());
    LoadProcess load(cluster.port(), {u"--stages"_s, u"8s:300,8s:300"_s, u"--rate"_s, u"0.1/s"_s,
                                      u"--rooms"_s, u"10"_s, u"--drain"_s, u"10s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(9));
    const int before = cluster.takePeakOfConnections();
    PARLOR_EXPECT(cluster.server(0).stop(SIGTERM));
    PARLOR_EXPECT(load.endsWith(97)); // what falls due while a user is away is not said
    QVERIFY2(number(load.json(), u"connections", u"reconnects") >= 90, qPrintable(load.report()));
    QCOMPARE(number(load.json(), u"deliveries", u"lost"), 0);
    const int peak = cluster.takePeakOfConnections();
    qInfo("%d connections a second at most, %d while users came", peak, before);
    QVERIFY2(peak <= kMost, qPrintable(u"%1 connections in a second"_s.arg(peak)));
}

PARLOR_TEST_WITHIN(QCoreApplication, ClusterFaultsTest)
#include "tst_cluster_faults.moc"
