// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "loadrow.h"
#include "tests/support/httpexchange.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>
#include <QTest>
#include <QUrl>

#include <csignal>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

/// The load of each run here, dealt to threads and processes in different ways.
const QStringList kLoad{u"--stages"_s, u"0s:24,2s:24"_s, u"--rate"_s, u"10/s"_s,
                        u"--rooms"_s,  u"5"_s,           u"--seed"_s, u"7"_s};

/// What the plan says is due, whether its user was there already or not.
qint64 dueIn(const QJsonObject &run)
{
    return countIn(run, u"messages", u"planned") + countIn(run, u"messages", u"early");
}

QList<pid_t> childrenOf(qint64 pid)
{
    QFile file(u"/proc/%1/task/%1/children"_s.arg(pid));
    QList<pid_t> children;
    if (file.open(QIODevice::ReadOnly)) {
        for (const QByteArray &each : file.readAll().simplified().split(' ')) {
            if (!each.isEmpty())
                children.append(each.toInt());
        }
    }
    return children;
}

/// It is there, and has not ended: one that nobody has waited for yet is a zombie.
bool isRunning(pid_t pid)
{
    QFile file(u"/proc/%1/stat"_s.arg(pid));
    return file.open(QIODevice::ReadOnly) && !file.readAll().contains(") Z ");
}

} // namespace

/// Runs in several threads and processes, against parlor-server.
class TestLoadThreads : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { PARLOR_EXPECT(m_server->start()); }
    void cleanup() { m_rows.erase(QTest::currentDataTag()); }
    void sameTotals_data();
    void sameTotals();
    void tiedRoomsAreOneThread();
    void processIsKilled();
    void interruptReachesAllOnce();
    void secondInterruptDoesNotWait();
    void processesThatHang();
    void childrenEndWithTheirParent();
    void processesAndPrometheus();

private:
    [[nodiscard]] static std::unique_ptr<ServerProcess> newServer();

    std::unique_ptr<ServerProcess> m_server = newServer();
    LoadRows m_rows;
};

std::unique_ptr<ServerProcess> TestLoadThreads::newServer()
{
    return std::make_unique<ServerProcess>(ServerProcess::Settings{
        .program = u"parlor-server"_s,
        .arguments = {u"--store"_s, u"memory"_s, u"--rate"_s, u"1000"_s, u"--burst"_s, u"1000"_s}});
}

void TestLoadThreads::sameTotals_data()
{
    QTest::addColumn<int>("threads");
    const auto row = [this](const char *name, const QStringList &arguments, int threads) {
        QTest::newRow(name) << threads;
        LoadRow &begun = m_rows[name] = {.server = newServer()};
        begun.problem = begun.server->start();
        begun.load = std::make_unique<LoadProcess>(begun.server->port(), kLoad + arguments);
    };
    row("one thread", {}, 1);
    row("two threads", {u"--threads"_s, u"2"_s}, 2);
    row("two processes", {u"--processes"_s, u"2"_s}, 2);
    row("two processes of two threads", {u"--processes"_s, u"2"_s, u"--threads"_s, u"2"_s}, 4);
}

void TestLoadThreads::sameTotals()
{
    QFETCH(int, threads);
    LoadRow &row = m_rows[QTest::currentDataTag()];
    PARLOR_EXPECT(row.problem);
    LoadProcess &load = *row.load;
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QCOMPARE(dueIn(run), 480); // 24 users, 10 a second, 2 seconds
    QCOMPARE(countIn(run, u"messages", u"answered"), countIn(run, u"messages", u"planned"));
    QCOMPARE(countIn(run, u"connections", u"joined"), 24);
    QVERIFY(countIn(run, u"deliveries", u"received") > 1000); // rooms of 4 or 5
    QCOMPARE(countIn(run, u"deliveries", u"received"), countIn(run, u"deliveries", u"expected"));
    QCOMPARE(run[u"generator"][u"threads"].toArray().size(), threads);
}

void TestLoadThreads::tiedRoomsAreOneThread()
{
    LoadProcess load(m_server->port(), {u"--stages"_s, u"0s:4,500ms:4"_s, u"--rooms"_s, u"2"_s,
                                        u"--rooms-per-user"_s, u"2"_s, u"--threads"_s, u"2"_s});
    PARLOR_EXPECT(load.endsWith(0));
    QVERIFY2(load.report().contains(u"1 of 2 threads"_s), qPrintable(load.report()));
}

void TestLoadThreads::processIsKilled()
{
    LoadProcess load(m_server->port(), {u"--stages"_s, u"0s:24,3s:24"_s, u"--rooms"_s, u"4"_s, u"--rate"_s,
                                        u"10/s"_s, u"--processes"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QList<pid_t> children = childrenOf(load.processId());
    QCOMPARE(children.size(), 2);
    ::kill(children.last(), SIGKILL);
    PARLOR_EXPECT(load.endsWith(97)); // incomplete
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults); // of those who are left
    QVERIFY2(load.report().simplified().contains(u"process 2 of 2 ended by signal 9"_s),
             qPrintable(load.report()));
    QCOMPARE(countIn(run, u"connections", u"absent_users"), 12);
}

void TestLoadThreads::interruptReachesAllOnce()
{
    LoadProcess load(m_server->port(), {u"--stages"_s, u"0s:24,1m:24"_s, u"--rooms"_s, u"4"_s, u"--rate"_s,
                                        u"10/s"_s, u"--processes"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    for (const pid_t child : childrenOf(load.processId()))
        ::kill(child, SIGINT); // as a terminal does
    load.signal(SIGINT);
    PARLOR_EXPECT(load.endsWith(105));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults); // they waited for what they were owed
    QVERIFY(countIn(run, u"deliveries", u"received") > 0);
    QCOMPARE(countIn(run, u"messages", u"answered"), countIn(run, u"messages", u"sent"));
}

void TestLoadThreads::secondInterruptDoesNotWait()
{
    LoadProcess load(m_server->port(), {u"--stages"_s, u"0s:24,1m:24"_s, u"--rooms"_s, u"4"_s, u"--rate"_s,
                                        u"10/s"_s, u"--drain"_s, u"10m"_s, u"--threads"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    m_server->signal(SIGSTOP);
    QTest::qWait(300); // something is under way then
    load.signal(SIGINT);
    PARLOR_EXPECT(load.waitForStatusLines(4));
    load.signal(SIGINT);
    const Problem end = load.endsWith(105);
    m_server->signal(SIGCONT);
    PARLOR_EXPECT(end);
}

/// Two runs at the same time, since each takes the program's patience: one that a person ends, and one that
/// goes on without the process until its plan is over.
void TestLoadThreads::processesThatHang()
{
    const auto otherServer = newServer();
    PARLOR_EXPECT(otherServer->start());
    LoadProcess ended(m_server->port(),
                      {u"--stages"_s, u"0s:8,1m:8"_s, u"--rooms"_s, u"4"_s, u"--processes"_s, u"2"_s});
    LoadProcess givenUp(otherServer->port(), {u"--stages"_s, u"0s:8,3s:8"_s, u"--rooms"_s, u"4"_s,
                                              u"--processes"_s, u"2"_s, u"--drain"_s, u"100ms"_s});
    QList<pid_t> hanging;
    for (LoadProcess *load : {&givenUp, &ended}) {
        PARLOR_EXPECT(load->waitForStatusLines(2));
        const QList<pid_t> children = childrenOf(load->processId());
        QCOMPARE(children.size(), 2);
        ::kill(children.first(), SIGSTOP);
        hanging.append(children.first());
    }
    ended.signal(SIGINT);
    PARLOR_EXPECT(ended.waitForStatusLines(4)); // rows come without it
    ended.signal(SIGINT);
    PARLOR_EXPECT(ended.endsWith(105));
    PARLOR_EXPECT(givenUp.endsWith(97)); // incomplete
    for (const LoadProcess *load : {&ended, &givenUp})
        QVERIFY2(load->report().simplified().contains(u"Not all parts of the run ended"_s),
                 qPrintable(load->report()));
    QCOMPARE(countIn(givenUp.json(), u"connections", u"absent_users"), 4);
    for (const pid_t child : hanging)
        QTRY_VERIFY(!isRunning(child));
}

void TestLoadThreads::childrenEndWithTheirParent()
{
    LoadProcess load(m_server->port(),
                     {u"--stages"_s, u"0s:8,1m:8"_s, u"--rooms"_s, u"4"_s, u"--processes"_s, u"3"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QList<pid_t> children = childrenOf(load.processId());
    QCOMPARE(children.size(), 3);
    load.signal(SIGKILL);
    for (const pid_t child : children)
        QTRY_VERIFY(!isRunning(child));
}

/// The run forks before it has the threads that answer Prometheus.
void TestLoadThreads::processesAndPrometheus()
{
    LoadProcess load(m_server->port(), kLoad + QStringList{u"--processes"_s, u"2"_s, u"--prom-listen"_s,
                                                           u"127.0.0.1:0"_s, u"--prom-linger"_s, u"1m"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QUrl address(load.errors().section(u"metrics are at "_s, 1).section(u'\n', 0, 0));
    QTRY_VERIFY_WITH_TIMEOUT(!load.report().isEmpty(), 60'000);
    // The report is there, and the last figures wait until they were fetched twice.
    const QByteArray metrics =
        exchange(static_cast<std::uint16_t>(address.port()), getRequest("/metrics")).body;
    static_cast<void>(exchange(static_cast<std::uint16_t>(address.port()), getRequest("/metrics")));
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(dueIn(run), 480);
    QCOMPARE(faultsOf(run), kNoFaults);
    const QString received = u"\nparlor_load_deliveries_received_total{run_id=\"%1\"} %2\n"_s.arg(
        run[u"id"].toString(), QString::number(countIn(run, u"deliveries", u"received")));
    QVERIFY2(metrics.contains(received.toUtf8()), metrics.constData());
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadThreads)
#include "tst_load_threads.moc"
