// SPDX-License-Identifier: MIT
#include "loadprocess.h"
#include "sinkprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <sched.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

/// While it lives, this process and those that it starts have one CPU.
class OneCpu
{
public:
    OneCpu()
    {
        ::sched_getaffinity(0, sizeof(m_before), &m_before);
        cpu_set_t one;
        CPU_ZERO(&one);
        for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
            if (CPU_ISSET(cpu, &m_before))
                CPU_SET(cpu, &one);
        }
        ::sched_setaffinity(0, sizeof(one), &one);
    }
    ~OneCpu() { ::sched_setaffinity(0, sizeof(m_before), &m_before); }
    OneCpu(const OneCpu &) = delete;
    OneCpu &operator=(const OneCpu &) = delete;

private:
    cpu_set_t m_before{};
};

/// Of the process now; -1: it is not there.
qint64 residentKiB(qint64 pid)
{
    QFile file(u"/proc/%1/status"_s.arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.simplified().split(' ').value(1).toLongLong();
    }
    return -1;
}

/// A column of the run's seconds.
QList<double> column(const QJsonObject &run, QStringView name)
{
    QList<double> values;
    for (const QJsonValue &each : run[u"seconds"][name].toArray())
        values.append(each.toDouble());
    return values;
}

} // namespace

/// What the load generator promises of itself, against a sink. These need a machine with little else to do.
class TestLoadAcceptance : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void usersFollowTheLine();
    void moreThanOneCpuCanDoIsSaid();
    void memoryStaysFlat();
};

/// The tutorial's stages, each shorter: up, hold, up, hold, down.
void TestLoadAcceptance::usersFollowTheLine()
{
    const QList<std::pair<double, double>> corners{{0, 0}, {8, 16}, {10, 16}, {18, 32}, {20, 32}, {28, 0}};
    const auto line = [&corners](double second) {
        for (qsizetype i = 1; i < corners.size(); ++i) {
            const auto [begin, from] = corners[i - 1];
            const auto [end, to] = corners[i];
            if (second <= end)
                return from + (to - from) * (second - begin) / (end - begin);
        }
        return 0.;
    };
    SinkProcess sink({});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(), {u"--stages"_s, u"8s:16,2s:16,8s:32,2s:32,8s:0"_s, u"--rate"_s, u"10/s"_s});
    PARLOR_EXPECT(load.endsWith(0));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    const QList<double> ends = column(run, u"end_us");
    const QList<double> members = column(run, u"members");
    QVERIFY(ends.size() >= 28 && ends.size() == members.size());
    for (qsizetype i = 0; i < ends.size(); ++i) {
        const double wanted = line(ends[i] / 1e6);
        // Users are whole ones: the line lies between two of them. And one may be on its way.
        QVERIFY2(
            std::abs(members[i] - wanted) < 2,
            qPrintable(u"%1 users at %2 s, and not %3"_s.arg(members[i]).arg(ends[i] / 1e6).arg(wanted)));
    }
    QVERIFY(countIn(run, u"messages", u"planned") > 4000); // 464 seconds of users, less their joins
    QVERIFY(countIn(run, u"messages", u"sent") >= 0.999 * countIn(run, u"messages", u"planned"));
}

/// Two million deliveries a second are planned, of threads that share one CPU with the sink.
void TestLoadAcceptance::moreThanOneCpuCanDoIsSaid()
{
    const OneCpu one;
    SinkProcess sink({});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(),
                     {u"--users"_s, u"200"_s, u"--rooms"_s, u"4"_s, u"--threads"_s, u"4"_s, u"--rate"_s,
                      u"200/s"_s, u"--duration"_s, u"2s"_s, u"--drain"_s, u"10m"_s, u"--strict"_s});
    PARLOR_EXPECT(load.endsWith(97));
    const QJsonObject run = load.json();
    QCOMPARE(faultsOf(run), kNoFaults);
    QVERIFY(run[u"generator"][u"limited"].toBool());
    QVERIFY(!run[u"generator"][u"limits"].toArray().isEmpty());
    QVERIFY2(load.report().contains(u"the generator did not keep up"_s), qPrintable(load.report()));
}

/// Only the figures of each second are kept, a few KiB: 20,000 deliveries a second leave nothing else.
void TestLoadAcceptance::memoryStaysFlat()
{
    SinkProcess sink({u"--gather"_s, u"10ms"_s});
    PARLOR_EXPECT(sink.start());
    LoadProcess load(sink.port(), {u"--users"_s, u"100"_s, u"--rooms"_s, u"1"_s, u"--rate"_s, u"2/s"_s,
                                   u"--duration"_s, u"62s"_s});
    PARLOR_EXPECT(load.waitForStatusLines(30));
    const qint64 before = residentKiB(load.processId());
    QVERIFY(before > 0);
    PARLOR_EXPECT(load.waitForStatusLines(60));
    const qint64 growth = residentKiB(load.processId()) - before;
    QVERIFY2(growth < 1024, qPrintable(u"%1 KiB more than %2"_s.arg(growth).arg(before)));
    PARLOR_EXPECT(load.endsWith(0));
    QVERIFY(countIn(load.json(), u"deliveries", u"received") > 1'000'000);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestLoadAcceptance)
#include "tst_load_acceptance.moc"
