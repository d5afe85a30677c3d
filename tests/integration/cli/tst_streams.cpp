// SPDX-License-Identifier: MIT
#include "tests/support/rawsocket.h"
#include "tests/support/serverprocess.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QProcess>
#include <QTest>

using namespace parlor::test;
using namespace Qt::StringLiterals;

namespace {

struct Ended
{
    int exitCode = -1;
    QString errors;
};

/// Runs a program of ours with a shell's redirections.
Ended run(const QString &program, const QStringList &arguments, const QString &redirections)
{
    QProcess process;
    process.start(u"/bin/sh"_s, QStringList{u"-c"_s, u"exec \"$0\" \"$@\" "_s + redirections,
                                            qEnvironmentVariable("PARLOR_TEST_BIN") % u'/' % program} +
                                    arguments);
    process.closeWriteChannel();
    if (!process.waitForFinished(static_cast<int>(kPatience.count())))
        return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
            QString::fromUtf8(process.readAllStandardError())};
}

} // namespace

/// Standard streams that are closed, or cannot be written.
class TestStreams : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void closedForAChat_data();
    void closedForAChat();
    void closedForAReport();
    void closedForAServer();
    void fullDisk_data();
    void fullDisk();
};

void TestStreams::closedForAChat_data()
{
    QTest::addColumn<QString>("redirections");
    QTest::newRow("stdin") << u"<&-"_s;
    QTest::newRow("stdout") << u">&-"_s;
    QTest::newRow("stderr") << u"2>&-"_s;
    QTest::newRow("all") << u"<&- >&- 2>&-"_s;
}

void TestStreams::closedForAChat()
{
    QFETCH(const QString, redirections);
    ServerProcess server({.program = u"parlor-server"_s});
    PARLOR_EXPECT(server.start());
    const Ended ended = run(u"parlor-cli"_s, {u"chat"_s, u"localhost:%1"_s.arg(server.port())}, redirections);
    QVERIFY2(ended.exitCode == 0, qPrintable(ended.errors));
    PARLOR_EXPECT(server.stop());
}

void TestStreams::closedForAReport()
{
    const Ended ended = run(u"parlor-cli"_s, {u"doctor"_s, u"-c"_s, u"1"_s}, u">&-"_s);
    QCOMPARE(ended.exitCode, 4);
    QCOMPARE(ended.errors, u"parlor-cli doctor: cannot write to standard output: Bad file descriptor\n"_s);
}

void TestStreams::closedForAServer()
{
    // The shell closes them, and the server's arguments follow.
    ServerProcess server({.program = u"parlor-server"_s, .closedStreams = u"<&- >&-"_s});
    PARLOR_EXPECT(server.start());
    for (const int descriptor : {0, 1})
        QCOMPARE(QFile::symLinkTarget(u"/proc/%1/fd/%2"_s.arg(server.pid()).arg(descriptor)), u"/dev/null"_s);
    PARLOR_EXPECT(server.stop());
}

void TestStreams::fullDisk_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    const auto row = [](const QString &program, const QStringList &arguments) {
        QTest::newRow(qPrintable(program + u' ' + arguments.join(u' '))) << program << arguments;
    };
    for (const QString &flag : {u"--help"_s, u"--version"_s, u"--print-config"_s, u"--check-config"_s})
        row(u"parlor-server"_s, {flag});
    for (const QString &flag : {u"--help"_s, u"--version"_s})
        row(u"parlor-cli"_s, {flag});
    for (const QString &subcommand : {u"chat"_s, u"load"_s, u"probe"_s})
        row(u"parlor-cli"_s, {subcommand, u"--help"_s});
    row(u"parlor-cli"_s, {u"probe"_s, u"localhost:1"_s, u"-n"_s, u"1"_s});
}

void TestStreams::fullDisk()
{
    QFETCH(const QString, program);
    QFETCH(const QStringList, arguments);
    const Ended ended = run(program, arguments, u">/dev/full"_s);
    // What `probe` says is a report, and 1 would be one of its results.
    QCOMPARE(ended.exitCode, arguments.contains(u"localhost:1"_s) ? 4 : 1);
    QCOMPARE(ended.errors, program + u": cannot write to standard output: No space left on device\n"_s);
}

PARLOR_TEST_WITHIN(QCoreApplication, TestStreams)
#include "tst_streams.moc"
