// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>
#include <QTest>

#include <csignal>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

/// The load of each run here, dealt to threads and processes in different ways.
const QStringList kLoad{u"--stages"_s, u"0s:24,2s:24"_s, u"--rate"_s, u"10/s"_s,
                        u"--rooms"_s,  u"5"_s,           u"--seed"_s, u"7"_s};

QString wrongDeliveries(const QJsonObject &run)
{
    QStringList found;
    for (const char *key : {"lost", "doubled", "reordered", "corrupt", "unexpected"})
        found.append(
            u"%1 %2"_s.arg(QLatin1String(key)).arg(run[u"deliveries"][QLatin1String(key)].toInteger(-1)));
    return found.join(u", "_s);
}

const QString kNoneWrong = u"lost 0, doubled 0, reordered 0, corrupt 0, unexpected 0"_s;

qint64 countIn(const QJsonObject &run, QStringView part, QStringView key)
{
    return run[part][key].toInteger(-1);
}

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
    void initTestCase() { PARLOR_EXPECT(m_server.start()); }
    void sameTotals_data();
    void sameTotals();
    void tiedRoomsAreOneThread();
    void processIsKilled();
    void interruptReachesAllOnce();
    void secondInterruptDoesNotWait();
    void processThatHangsIsNotWaitedFor();
    void processThatHangsIsGivenUp();
    void childrenEndWithTheirParent();

private:
    ServerProcess m_server{
        {.program = u"parlor-server"_s,
         .arguments = {u"--store"_s, u"memory"_s, u"--rate"_s, u"1000"_s, u"--burst"_s, u"1000"_s}}};
};

void TestLoadThreads::sameTotals_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("threads");
    QTest::newRow("one thread") << QStringList{} << 1;
    QTest::newRow("two threads") << QStringList{u"--threads"_s, u"2"_s} << 2;
    QTest::newRow("two processes") << QStringList{u"--processes"_s, u"2"_s} << 2;
    QTest::newRow("two processes of two threads")
        << QStringList{u"--processes"_s, u"2"_s, u"--threads"_s, u"2"_s} << 4;
}

void TestLoadThreads::sameTotals()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, threads);
    LoadProcess load(m_server.port(), kLoad + arguments);
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(wrongDeliveries(run), kNoneWrong);
    QCOMPARE(dueIn(run), 480); // 24 users, 10 a second, 2 seconds
    QCOMPARE(countIn(run, u"messages", u"answered"), countIn(run, u"messages", u"planned"));
    QCOMPARE(countIn(run, u"connections", u"joined"), 24);
    QVERIFY(countIn(run, u"deliveries", u"received") > 1000); // rooms of 4 or 5
    QCOMPARE(countIn(run, u"deliveries", u"received"), countIn(run, u"deliveries", u"expected"));
    QCOMPARE(run[u"generator"][u"threads"].toArray().size(), threads);
}

void TestLoadThreads::tiedRoomsAreOneThread()
{
    LoadProcess load(m_server.port(), {u"--stages"_s, u"0s:4,500ms:4"_s, u"--rooms"_s, u"2"_s,
                                       u"--rooms-per-user"_s, u"2"_s, u"--threads"_s, u"2"_s});
    PARLOR_EXPECT(load.endsWith(0));
    QVERIFY2(load.report().contains(u"1 of 2 threads"_s), qPrintable(load.report()));
}

void TestLoadThreads::processIsKilled()
{
    LoadProcess load(m_server.port(), {u"--stages"_s, u"0s:24,4s:24"_s, u"--rooms"_s, u"4"_s, u"--rate"_s,
                                       u"10/s"_s, u"--processes"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QList<pid_t> children = childrenOf(load.processId());
    QCOMPARE(children.size(), 2);
    ::kill(children.last(), SIGKILL);
    PARLOR_EXPECT(load.endsWith(97)); // incomplete
    const QJsonObject run = load.json();
    QCOMPARE(wrongDeliveries(run), kNoneWrong); // of those who are left
    QVERIFY2(load.report().contains(u"process 2 of 2 ended by signal 9"_s), qPrintable(load.report()));
    QCOMPARE(countIn(run, u"connections", u"absent_users"), 12);
}

void TestLoadThreads::interruptReachesAllOnce()
{
    LoadProcess load(m_server.port(), {u"--stages"_s, u"0s:24,1m:24"_s, u"--rooms"_s, u"4"_s, u"--rate"_s,
                                       u"10/s"_s, u"--processes"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    for (const pid_t child : childrenOf(load.processId()))
        ::kill(child, SIGINT); // as a terminal does
    load.signal(SIGINT);
    PARLOR_EXPECT(load.endsWith(105));
    const QJsonObject run = load.json();
    QCOMPARE(wrongDeliveries(run), kNoneWrong); // they waited for what they were owed
    QVERIFY(countIn(run, u"deliveries", u"received") > 0);
    QCOMPARE(countIn(run, u"messages", u"answered"), countIn(run, u"messages", u"sent"));
}

void TestLoadThreads::secondInterruptDoesNotWait()
{
    LoadProcess load(m_server.port(), {u"--stages"_s, u"0s:24,1m:24"_s, u"--rooms"_s, u"4"_s, u"--rate"_s,
                                       u"10/s"_s, u"--drain"_s, u"10m"_s, u"--threads"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    m_server.signal(SIGSTOP);
    QTest::qWait(300); // something is under way then
    load.signal(SIGINT);
    PARLOR_EXPECT(load.waitForStatusLines(4));
    load.signal(SIGINT);
    const Problem end = load.endsWith(105);
    m_server.signal(SIGCONT);
    PARLOR_EXPECT(end);
}

void TestLoadThreads::processThatHangsIsNotWaitedFor()
{
    LoadProcess load(m_server.port(),
                     {u"--stages"_s, u"0s:8,1m:8"_s, u"--rooms"_s, u"4"_s, u"--processes"_s, u"2"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QList<pid_t> children = childrenOf(load.processId());
    QCOMPARE(children.size(), 2);
    ::kill(children.first(), SIGSTOP);
    load.signal(SIGINT);
    PARLOR_EXPECT(load.waitForStatusLines(4)); // rows come without it
    load.signal(SIGINT);
    PARLOR_EXPECT(load.endsWith(105));
    QVERIFY2(load.report().contains(u"Not all parts of the run ended"_s), qPrintable(load.report()));
    QTRY_VERIFY(!isRunning(children.first()));
}

void TestLoadThreads::processThatHangsIsGivenUp()
{
    LoadProcess load(m_server.port(), {u"--stages"_s, u"0s:8,3s:8"_s, u"--rooms"_s, u"4"_s, u"--processes"_s,
                                       u"2"_s, u"--drain"_s, u"100ms"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QList<pid_t> children = childrenOf(load.processId());
    QCOMPARE(children.size(), 2);
    ::kill(children.first(), SIGSTOP);
    PARLOR_EXPECT(load.endsWith(97)); // incomplete
    QVERIFY2(load.report().contains(u"Not all parts of the run ended"_s), qPrintable(load.report()));
    QCOMPARE(countIn(load.json(), u"connections", u"absent_users"), 4);
    QTRY_VERIFY(!isRunning(children.first()));
}

void TestLoadThreads::childrenEndWithTheirParent()
{
    LoadProcess load(m_server.port(),
                     {u"--stages"_s, u"0s:8,1m:8"_s, u"--rooms"_s, u"4"_s, u"--processes"_s, u"3"_s});
    PARLOR_EXPECT(load.waitForStatusLines(2));
    const QList<pid_t> children = childrenOf(load.processId());
    QCOMPARE(children.size(), 3);
    load.signal(SIGKILL);
    for (const pid_t child : children)
        QTRY_VERIFY(!isRunning(child));
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadThreads)
#include "tst_load_threads.moc"
