// SPDX-License-Identifier: MIT
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <termios.h>
#include <unistd.h>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

const ServerProcess::Settings kServer{.program = u"parlor-server"_s,
                                      .arguments = {u"--store"_s, u"memory"_s}};

struct Outcome
{
    int exitCode = -1;
    QString output;
    QString errors;
};

QJsonObject runIn(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

qint64 receivedIn(const QString &path)
{
    return runIn(path)[u"deliveries"][u"received"].toInteger(-1);
}

/// How many deliveries took so long; by the lowest time of a bucket.
std::map<qint64, qint64> latenciesIn(const QStringList &paths)
{
    std::map<qint64, qint64> counts;
    for (const QString &path : paths) {
        for (const QJsonValue &bucket : runIn(path)[u"histograms"][u"delivery_latency"][u"buckets"].toArray())
            counts[bucket[0].toInteger()] += bucket[1].toInteger();
    }
    return counts;
}

/// The lowest time of the bucket with the value that so many percent do not exceed.
qint64 percentileOf(const std::map<qint64, qint64> &counts, qint64 percent)
{
    qint64 all = 0;
    for (const auto &[low, count] : counts)
        all += count;
    qint64 passed = 0;
    for (const auto &[low, count] : counts) {
        passed += count;
        if (100 * passed >= percent * all)
            return low;
    }
    return -1;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Without the section that names the files.
QString withoutFiles(const QString &report)
{
    static const QRegularExpression kFiles(u"\nFiles\n(  .*\n)+"_s);
    return QString(report).remove(kFiles).trimmed();
}

} // namespace

/// What `load` writes, and what `parlor-cli report` makes of it.
class TestLoadFiles : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reportSaysTheSame();
    void generatorsOfOneLoad();
    void refusals();
    void terminalThatTakesNothing();

private:
    std::unique_ptr<QProcess> started(const QStringList &arguments);
    static Outcome ended(std::unique_ptr<QProcess> process);
    Outcome ran(const QStringList &arguments) { return ended(started(arguments)); }
    QString path(const QString &name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
};

std::unique_ptr<QProcess> TestLoadFiles::started(const QStringList &arguments)
{
    auto process = std::make_unique<QProcess>();
    process->setWorkingDirectory(m_folder.path());
    process->start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s, arguments);
    return process;
}

Outcome TestLoadFiles::ended(std::unique_ptr<QProcess> process)
{
    if (!process->waitForFinished(60'000) || process->exitStatus() != QProcess::NormalExit)
        return {};
    return {process->exitCode(), QString::fromUtf8(process->readAllStandardOutput()),
            QString::fromUtf8(process->readAllStandardError())};
}

void TestLoadFiles::reportSaysTheSame()
{
    ServerProcess server(kServer);
    PARLOR_EXPECT(server.start());
    const Outcome load = ran({u"load"_s,
                              u"127.0.0.1:%1"_s.arg(server.port()),
                              u"--stages"_s,
                              u"0s:6,1s:6,1s:0"_s,
                              u"--rate"_s,
                              u"5/s"_s,
                              u"--quiet"_s,
                              u"--header"_s,
                              u"X-Key: s3cr3t"_s,
                              u"--threshold"_s,
                              u"delivery_latency{phase:hold 6} max<1us"_s,
                              u"--out"_s,
                              u"run.json"_s,
                              u"--csv"_s,
                              u"run.csv"_s,
                              u"--junit"_s,
                              u"run.xml"_s,
                              u"--hgrm"_s,
                              u"run.hgrm"_s,
                              u"--html"_s,
                              u"run.html"_s});
    QVERIFY2(load.exitCode == 99, qPrintable(load.output + load.errors));
    const Outcome again =
        ran({u"report"_s, u"run.json"_s, u"--out"_s, u"again.json"_s, u"--csv"_s, u"again.csv"_s,
             u"--junit"_s, u"again.xml"_s, u"--hgrm"_s, u"again.hgrm"_s, u"--html"_s, u"again.html"_s});
    QVERIFY2(again.exitCode == 99, qPrintable(again.output + again.errors));
    QCOMPARE(withoutFiles(again.output), withoutFiles(load.output));
    for (const QString &ending : {u".json"_s, u".csv"_s, u".xml"_s, u".hgrm"_s, u".html"_s}) {
        const QByteArray first = contentOf(path(u"run"_s + ending));
        QVERIFY2(!first.isEmpty() && !first.contains("s3cr3t"), qPrintable(ending));
        QVERIFY2(first == contentOf(path(u"again"_s + ending)), qPrintable(ending));
    }
    QVERIFY(runIn(path(u"run.json"_s))[u"argv"].toArray().contains(u"X-Key: …"_s));

    const Outcome over = ran({u"report"_s, u"run.json"_s, u"--html"_s, u"./run.json"_s});
    QCOMPARE(over.exitCode, 2);
    QCOMPARE(over.errors,
             u"parlor-cli report: --html: ./run.json would overwrite the file of RUN; name another one\n"_s);
    QFile steering(path(u"steering.json"_s));
    QVERIFY(steering.open(QIODevice::WriteOnly));
    steering.write(contentOf(path(u"run.json"_s)).replace("\"tags\":{", R"("tags":{"a\u001b[31mb":1)"));
    steering.close();
    const Outcome steered = ran({u"report"_s, u"steering.json"_s});
    QCOMPARE(steered.errors,
             u"parlor-cli report: steering.json: parameters.tags.a?[31mb: it must be a text\n"_s);
    PARLOR_EXPECT(server.stop());
}

void TestLoadFiles::generatorsOfOneLoad()
{
    ServerProcess server(kServer);
    PARLOR_EXPECT(server.start());
    const auto generator = [this, &server](const QString &stages, const QString &file) {
        return started({u"load"_s, u"127.0.0.1:%1"_s.arg(server.port()), u"--stages"_s, stages, u"--rooms"_s,
                        u"1"_s, u"--rate"_s, u"5/s"_s, u"--quiet"_s, u"--seed"_s,
                        QString::number(file.size()), u"--out"_s, file});
    };
    auto first = generator(u"3s:5"_s, u"a.json"_s);
    auto second = generator(u"3s:9"_s, u"bb.json"_s);
    const Outcome a = ended(std::move(first));
    const Outcome b = ended(std::move(second));
    QVERIFY2(a.exitCode == 0 && b.exitCode == 0, qPrintable(a.errors + b.errors));
    const Outcome merged = ran({u"report"_s, u"a.json"_s, u"bb.json"_s, u"--out"_s, u"all.json"_s});
    QVERIFY2(merged.exitCode == 0, qPrintable(merged.output + merged.errors));
    QCOMPARE(receivedIn(path(u"all.json"_s)), receivedIn(path(u"a.json"_s)) + receivedIn(path(u"bb.json"_s)));
    QVERIFY2(merged.output.contains(u"up to 14 users in 1 room"_s), qPrintable(merged.output));
    // Each latency is in the sum, and percentiles are of the sum.
    const auto latencies = latenciesIn({path(u"a.json"_s), path(u"bb.json"_s)});
    QVERIFY(latencies == latenciesIn({path(u"all.json"_s)}));
    const QJsonValue all = runIn(path(u"all.json"_s))[u"histograms"][u"delivery_latency"];
    for (const auto &[percent, key] : {std::pair(50, u"p50_us"_s), std::pair(90, u"p90_us"_s)}) {
        const auto low = static_cast<double>(percentileOf(latencies, percent));
        const auto said = static_cast<double>(all[key].toInteger(-1));
        QVERIFY2(said >= low && said <= low * 1.001 + 1,
                 qPrintable(u"%1 is %2 and not %3"_s.arg(key).arg(said).arg(low)));
    }
    // What was merged is a run as any other.
    const Outcome again = ran({u"report"_s, u"all.json"_s});
    QCOMPARE(withoutFiles(again.output), withoutFiles(merged.output));

    const Outcome same = ran({u"report"_s, u"a.json"_s, u"a.json"_s});
    QCOMPARE(same.exitCode, 2);
    QVERIFY2(same.errors.startsWith(
                 u"parlor-cli report: a.json and a.json are no parts of one load: they are the same run"_s),
             qPrintable(same.errors));
    PARLOR_EXPECT(server.stop());
}

void TestLoadFiles::refusals()
{
    QFile other(path(u"other.json"_s));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write("{\"schema_version\": 1}");
    other.close();
    const auto expect = [this](const QStringList &arguments, const QString &why) {
        const Outcome outcome = ran(QStringList{u"report"_s} + arguments);
        QVERIFY2(outcome.exitCode == 2 && outcome.output.isEmpty() && outcome.errors.contains(why),
                 qPrintable(outcome.errors + outcome.output));
    };
    expect({}, u"RUN is required"_s);
    expect({u"none.json"_s}, u"parlor-cli report: none.json: it cannot be read: No such file or directory"_s);
    expect({u"other.json"_s}, u"parlor-cli report: other.json: it has the form 1"_s);
    expect({u"other.json"_s, u"--baseline"_s, u"x"_s}, u"--baseline is for --html"_s);
}

void TestLoadFiles::terminalThatTakesNothing()
{
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    QVERIFY(master >= 0 && ::grantpt(master) == 0 && ::unlockpt(master) == 0);
    const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    QVERIFY(terminal >= 0);
    QCOMPARE(::tcflow(terminal, TCOOFF), 0); // as Ctrl-S does
    ServerProcess server(kServer);
    PARLOR_EXPECT(server.start());
    auto load = std::make_unique<QProcess>();
    load->setChildProcessModifier([terminal] { ::dup2(terminal, STDERR_FILENO); });
    load->start(qEnvironmentVariable("PARLOR_TEST_BIN") % u"/parlor-cli"_s,
                {u"load"_s, u"127.0.0.1:%1"_s.arg(server.port()), u"--stages"_s, u"0s:3,2s:3"_s, u"--rate"_s,
                 u"5/s"_s, u"--tui"_s, u"off"_s, u"--out"_s, path(u"unseen.json"_s)});
    QVERIFY(load->waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(!runIn(path(u"unseen.json"_s)).isEmpty(), 60'000);
    QCOMPARE(load->state(), QProcess::Running); // until it can leave the terminal's line free
    QCOMPARE(::tcflow(terminal, TCOON), 0);
    const Outcome outcome = ended(std::move(load));
    QVERIFY2(outcome.exitCode == 0, qPrintable(outcome.output));
    ::close(terminal);
    ::close(master);
    PARLOR_EXPECT(server.stop());
}

PARLOR_TEST(TestLoadFiles)
#include "tst_load_files.moc"
