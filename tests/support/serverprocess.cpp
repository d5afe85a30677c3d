// SPDX-License-Identifier: MIT
#include "tests/support/serverprocess.h"

#include "tests/support/rawsocket.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QRegularExpression>

#include <utility>

#include <unistd.h>

namespace parlor::test {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPollStep{5};
constexpr milliseconds kEndPatience{60'000}; // a sanitized process looks for leaks first

QStringList listenerArguments(Wire wire)
{
    const QString address = QStringLiteral("127.0.0.1:0");
    switch (wire) {
    case Wire::Native:
        return {QStringLiteral("--listen"), address};
    case Wire::Send:
        return {QStringLiteral("--listen"), address, QStringLiteral("--sends"), QStringLiteral("send")};
    case Wire::Qt:
        return {QStringLiteral("--listen"), address, QStringLiteral("--transport"), QStringLiteral("qt")};
    case Wire::Tls:
        break;
    }
    return {QStringLiteral("--listen"),     QStringLiteral("wss://") % address, QStringLiteral("--tls-cert"),
            TestCertificate::certificate(), QStringLiteral("--tls-key"),        TestCertificate::key()};
}

QByteArray readProc(qint64 pid, const char *name)
{
    QFile file(QStringLiteral("/proc/%1/%2").arg(pid).arg(QLatin1String(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

QProcessEnvironment plainEnvironment()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        if (name.startsWith(QLatin1String("PARLOR_")))
            environment.remove(name);
    }
    return environment;
}

ServerProcess::ServerProcess(Settings settings)
    : m_settings(std::move(settings))
{
}

ServerProcess::~ServerProcess()
{
    kill();
}

Problem ServerProcess::start()
{
    const QString folder = qEnvironmentVariable("PARLOR_TEST_BIN");
    if (folder.isEmpty())
        return QStringLiteral("PARLOR_TEST_BIN names no folder: run this test through ctest");
    QString program = QDir(folder).filePath(m_settings.program);
    QStringList arguments = listenerArguments(m_settings.wire) + m_settings.arguments;
    // Nothing is left behind, and nobody's own store is touched.
    if (program.endsWith(QStringLiteral("parlor-server")) && !arguments.contains(QStringLiteral("--store")) &&
        !arguments.contains(QStringLiteral("--redis")))
        arguments += {QStringLiteral("--store"), QStringLiteral("memory")};
    if (m_settings.descriptors) {
        arguments.prepend(program);
        arguments =
            QStringList{QStringLiteral("-c"),
                        QStringLiteral("ulimit -n %1; exec \"$0\" \"$@\"").arg(*m_settings.descriptors)} +
            arguments;
        program = QStringLiteral("/bin/sh");
    }
    if (!m_settings.closedStreams.isEmpty()) {
        arguments = QStringList{QStringLiteral("-c"),
                                QStringLiteral("exec \"$0\" \"$@\" ") + m_settings.closedStreams, program} +
                    arguments;
        program = QStringLiteral("/bin/sh");
    }
    if (m_settings.hostname) {
        arguments = QStringList{QStringLiteral("--user"), QStringLiteral("--map-root-user"),
                                QStringLiteral("--uts"),  QStringLiteral("/bin/sh"),
                                QStringLiteral("-c"),     QStringLiteral("hostname \"$0\" && exec \"$@\""),
                                *m_settings.hostname,     program} +
                    arguments;
        program = QStringLiteral("unshare");
    }
    if (!m_settings.launcher.isEmpty()) {
        arguments = m_settings.launcher.sliced(1) + QStringList{program} + arguments;
        program = m_settings.launcher.first();
    }
    m_process.setProcessEnvironment(plainEnvironment());
    m_process.setStandardErrorFile(m_folder.filePath(QStringLiteral("stderr")));
    m_process.setStandardOutputFile(m_folder.filePath(QStringLiteral("stdout")));
    m_process.setStandardInputFile(QProcess::nullDevice());
    m_process.start(program, arguments);
    static const QRegularExpression listening(QStringLiteral("listening on wss?://127\\.0\\.0\\.1:(\\d+)"));
    const QDeadlineTimer deadline(kPatience);
    while (!deadline.hasExpired() && isRunning()) {
        const auto match = listening.match(errorText());
        if (match.hasMatch()) {
            m_port = match.captured(1).toUShort();
            return {};
        }
        m_process.waitForFinished(static_cast<int>(kPollStep.count()));
    }
    return program % QStringLiteral(" does not listen: ") % m_process.errorString() % QLatin1Char('\n') %
           errorText();
}

bool ServerProcess::isRunning()
{
    return m_process.state() == QProcess::Running ||
           (m_process.state() == QProcess::Starting &&
            m_process.waitForStarted(static_cast<int>(kPatience.count())));
}

void ServerProcess::signal(int number)
{
    if (m_process.processId() > 0)
        ::kill(static_cast<pid_t>(m_process.processId()), number);
}

bool ServerProcess::waitForEnd()
{
    return m_process.state() == QProcess::NotRunning ||
           m_process.waitForFinished(static_cast<int>(kEndPatience.count()));
}

Problem ServerProcess::stop(int signalNumber)
{
    if (m_process.state() == QProcess::NotRunning)
        return QStringLiteral("it had ended before: ") % errorText();
    signal(signalNumber);
    if (!waitForEnd()) {
        const QString said = errorText();
        kill();
        return QStringLiteral("signal %1 did not end it:\n").arg(signalNumber) % said;
    }
    return judgeEnd();
}

Problem ServerProcess::judgeEnd() const
{
    const QString said = errorText();
    static const QRegularExpression report(QStringLiteral("Sanitizer|runtime error:"));
    if (m_process.exitStatus() != QProcess::NormalExit || m_process.exitCode() != 0 ||
        said.contains(report)) {
        return QStringLiteral("exit code %1%2:\n")
                   .arg(m_process.exitCode())
                   .arg(m_process.exitStatus() == QProcess::NormalExit ? QString()
                                                                       : QStringLiteral(" by a crash")) %
               said.right(8000);
    }
    // All secrets of tests begin so, and all JWTs as the second does.
    static const QRegularExpression secret(QStringLiteral("do-not-log-|eyJ[A-Za-z0-9_-]{8,}\\."));
    if (const auto match = secret.match(said); match.hasMatch())
        return QStringLiteral("a secret is in the log: ") % said.mid(match.capturedStart() - 200, 400);
    return {};
}

void ServerProcess::kill()
{
    m_process.kill();
    m_process.waitForFinished(static_cast<int>(kPatience.count()));
}

QString ServerProcess::errorText() const
{
    QFile file(m_folder.filePath(QStringLiteral("stderr")));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

int ServerProcess::openDescriptors() const
{
    const QDir folder(QStringLiteral("/proc/%1/fd").arg(pid()));
    return static_cast<int>(folder.entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot).size());
}

std::int64_t ServerProcess::rssKiB() const
{
    static const QRegularExpression rss(QStringLiteral("VmRSS:\\s+(\\d+) kB"));
    return rss.match(QString::fromLatin1(readProc(pid(), "status"))).captured(1).toLongLong();
}

milliseconds ServerProcess::cpuTime() const
{
    const QByteArray stat = readProc(pid(), "stat"); // proc(5): fields 14 and 15; the name may hold spaces
    const auto fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.size() < 13)
        return {};
    return milliseconds((fields[11].toLongLong() + fields[12].toLongLong()) * 1000 / ::sysconf(_SC_CLK_TCK));
}

} // namespace parlor::test
