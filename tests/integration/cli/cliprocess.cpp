// SPDX-License-Identifier: MIT
#include "cliprocess.h"

#include "tests/support/rawsocket.h"

#include <QTest>

#include <csignal>
#include <unistd.h>

namespace parlor::test {

CliProcess::CliProcess(const QStringList &arguments, const QString &subcommand, const QString &outputFile)
{
    if (!outputFile.isEmpty())
        m_process.setStandardOutputFile(outputFile);
    QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_process,
                     [this] { m_output += m_process.readAllStandardOutput(); });
    QObject::connect(&m_process, &QProcess::readyReadStandardError, &m_process,
                     [this] { m_errors += m_process.readAllStandardError(); });
    m_process.start(qEnvironmentVariable("PARLOR_TEST_BIN") % QStringLiteral("/parlor-cli"),
                    (subcommand.isEmpty() ? QStringList() : QStringList{subcommand}) + arguments);
}

CliProcess::~CliProcess()
{
    m_process.kill();
    m_process.waitForFinished(static_cast<int>(kPatience.count()));
}

void CliProcess::signal(int number)
{
    if (m_process.processId() > 0)
        ::kill(static_cast<pid_t>(m_process.processId()), number);
}

Problem CliProcess::says(const QString &text)
{
    return waitFor(m_output, text);
}

Problem CliProcess::reports(const QString &text)
{
    return waitFor(m_errors, text);
}

Problem CliProcess::waitFor(const QByteArray &in, const QString &text)
{
    const QByteArray wanted = text.toUtf8();
    if (QTest::qWaitFor([&in, &wanted] { return in.contains(wanted); }, static_cast<int>(kPatience.count())))
        return {};
    return QStringLiteral("'%1' did not come; stdout:\n%2\nstderr:\n%3").arg(text, output(), errors());
}

int CliProcess::exitCode()
{
    const bool ended = QTest::qWaitFor([this] { return m_process.state() == QProcess::NotRunning; },
                                       static_cast<int>(kPatience.count()));
    if (!ended)
        return -1;
    return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
}

QStringList CliProcess::outputLines() const
{
    return output().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

} // namespace parlor::test
