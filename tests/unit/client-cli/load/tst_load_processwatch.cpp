// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/processwatch.h"
#include "tests/support/testclass.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <limits>
#include <unistd.h>

using namespace parlor::cli::load;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr std::uint64_t kPid = 4711;

/// A folder as /proc, with one process in it.
class FakeProc
{
public:
    void write(const QString &name, std::uint64_t user, std::uint64_t system, std::uint64_t begun, int pages,
               const QString &state = u"S"_s)
    {
        QDir(m_folder.path()).mkpath(u"4711"_s);
        put(u"stat"_s,
            u"4711 (%1) %2 1 1 1 0 -1 4194560 100 0 0 0 %3 %4 7 8 20 0 4 0 %5 1000 200\n"_s.arg(name, state)
                .arg(user)
                .arg(system)
                .arg(begun));
        put(u"statm"_s, u"9000 %1 10 1 0 50 0\n"_s.arg(pages));
    }
    void end() { QDir(m_folder.path() + u"/4711"_s).removeRecursively(); }
    [[nodiscard]] std::string path() const { return m_folder.path().toStdString(); }

private:
    void put(const QString &name, const QString &content)
    {
        QFile file(m_folder.path() + u"/4711/"_s + name);
        if (file.open(QIODevice::WriteOnly))
            file.write(content.toUtf8());
    }
    QTemporaryDir m_folder;
};

double ticksPerSecond()
{
    return static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace

class TestLoadProcessWatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parses_data();
    void parses();
    void cpuAndMemory();
    void aShortSecondHasTheLastOnesCpu();
    void processThatEnds_data();
    void processThatEnds();
    void processThatIsNotThere();
    void itself();

private:
    std::chrono::steady_clock::time_point m_now{};
};

void TestLoadProcessWatch::parses_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("name"); // empty: it is refused
    const QByteArray rest = " S 1 1 1 0 -1 4194560 100 0 0 0 30 12 7 8 20 0 4 0 5000 1000 200\n";
    QTest::newRow("usual") << "1 (server)" + rest << QByteArray("server");
    QTest::newRow("blank") << "1 (a b)" + rest << QByteArray("a b");
    QTest::newRow("parenthesis") << "1 (a) R 1 (b)" + rest << QByteArray("a) R 1 (b");
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("cut") << QByteArray("1 (server) S 1 1 1 0") << QByteArray();
    QTest::newRow("no name") << "1 server" + rest << QByteArray();
    QTest::newRow("turned round") << "1 )server(" + rest << QByteArray();
    QTest::newRow("no number") << QByteArray(
                                      "1 (s) S 1 1 1 0 -1 4194560 100 0 0 0 x 12 7 8 20 0 4 0 5000 1\n")
                               << QByteArray();
    QTest::newRow("too large") << QByteArray(
                                      "1 (s) S 1 1 1 0 -1 4194560 100 0 0 0 99999999999999999999999 12 7 "
                                      "8 20 0 4 0 5000 1\n")
                               << QByteArray();
}

void TestLoadProcessWatch::parses()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, name);
    const auto stat = parseProcessStat(line.toStdString());
    QCOMPARE(stat.has_value(), !name.isEmpty());
    if (stat)
        QCOMPARE(*stat, (ProcessStat{.name = name.toStdString(), .state = 'S', .ticks = 42, .begun = 5000}));
}

void TestLoadProcessWatch::cpuAndMemory()
{
    FakeProc proc;
    proc.write(u"server"_s, 1000, 500, 77, 10);
    const auto opened = ProcessWatch::open(kPid, proc.path(), [this] { return m_now; });
    QVERIFY(opened);
    ProcessWatch &watch = **opened;

    // Half a core, in user and in kernel mode.
    const auto half = static_cast<std::uint64_t>(ticksPerSecond() / 4);
    proc.write(u"server"_s, 1000 + half, 500 + half, 77, 20);
    m_now += 1s;
    Second second;
    watch.fill(second);
    QCOMPARE(second.watchedCpu, static_cast<double>(2 * half) / ticksPerSecond());
    QCOMPARE(second.watchedMemory, 20U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));

    // Nothing, for three seconds.
    proc.write(u"server"_s, 1000 + half, 500 + half, 77, 5);
    m_now += 3s;
    watch.fill(second);
    QCOMPARE(second.watchedCpu, 0.0);
    const WatchedProcess &result = watch.result();
    QCOMPARE(result.pid, kPid);
    QCOMPARE(result.name, "server");
    QCOMPARE(result.peakCpu, static_cast<double>(2 * half) / ticksPerSecond());
    QCOMPARE(result.meanCpu, result.peakCpu / 4);
    QCOMPARE(result.peakMemory, 20U * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    QVERIFY(!result.hasEnded);
}

void TestLoadProcessWatch::aShortSecondHasTheLastOnesCpu()
{
    FakeProc proc;
    proc.write(u"server"_s, 0, 0, 77, 10);
    const auto opened = ProcessWatch::open(kPid, proc.path(), [this] { return m_now; });
    QVERIFY(opened);
    const auto core = static_cast<std::uint64_t>(ticksPerSecond());
    proc.write(u"server"_s, core, 0, 77, 10);
    m_now += 1s;
    Second second;
    (*opened)->fill(second);
    // One tick in a millisecond is no ten cores.
    proc.write(u"server"_s, core + 1, 0, 77, 10);
    m_now += 1ms;
    Second last;
    (*opened)->fill(last);
    QCOMPARE(last.watchedCpu, 1.0);
    QCOMPARE((*opened)->result().peakCpu, 1.0);
}

void TestLoadProcessWatch::processThatEnds_data()
{
    QTest::addColumn<int>("how");
    QTest::newRow("it is gone") << 0;
    QTest::newRow("nobody asked for its exit code") << 1;
    QTest::newRow("another one has its PID") << 2;
}

void TestLoadProcessWatch::processThatEnds()
{
    QFETCH(int, how);
    FakeProc proc;
    proc.write(u"server"_s, 10, 0, 77, 10);
    const auto opened = ProcessWatch::open(kPid, proc.path(), [this] { return m_now; });
    QVERIFY(opened);
    if (how == 0)
        proc.end();
    else
        proc.write(u"server"_s, 11, 0, how == 2 ? 99 : 77, 10, how == 1 ? u"Z"_s : u"S"_s);
    m_now += 1s;
    Second second;
    (*opened)->fill(second);
    QVERIFY((*opened)->result().hasEnded);
    QCOMPARE(second.watchedCpu, 0.0);
    QCOMPARE(second.watchedMemory, 0U);
    // It does not come back.
    proc.write(u"server"_s, 12, 0, 77, 10);
    (*opened)->fill(second);
    QCOMPARE(second.watchedMemory, 0U);
}

void TestLoadProcessWatch::processThatIsNotThere()
{
    FakeProc proc;
    for (const std::uint64_t pid : {std::uint64_t(1), std::numeric_limits<std::uint64_t>::max()}) {
        const auto opened = ProcessWatch::open(pid, proc.path());
        QVERIFY(!opened);
        QVERIFY(opened.error().text.find("there is no process " + std::to_string(pid)) != std::string::npos);
    }
    proc.write(u"server"_s, 10, 0, 77, 10, u"Z"_s);
    QVERIFY(!ProcessWatch::open(kPid, proc.path()));
}

void TestLoadProcessWatch::itself()
{
    const auto opened = ProcessWatch::open(static_cast<std::uint64_t>(::getpid()));
    QVERIFY(opened);
    Second second;
    (*opened)->fill(second);
    QVERIFY(second.watchedMemory > 1'000'000);
    QVERIFY(!(*opened)->result().name.empty());
}

PARLOR_TEST(TestLoadProcessWatch)
#include "tst_load_processwatch.moc"
