// SPDX-License-Identifier: MIT
#include "loadprocess.h"

#include "tests/support/rawsocket.h"

#include <QFile>
#include <QJsonDocument>
#include <QTest>

#include <csignal>

namespace parlor::test {

namespace {

/// A run takes seconds by itself; a machine under load takes more.
constexpr int kEndPatience = 60'000;

} // namespace

LoadProcess::LoadProcess(std::uint16_t port, const QStringList &arguments, const QString &host,
                         const QString &resultFile)
{
    QObject::connect(&m_process, &QProcess::readyReadStandardOutput, &m_process,
                     [this] { m_output += m_process.readAllStandardOutput(); });
    QObject::connect(&m_process, &QProcess::readyReadStandardError, &m_process,
                     [this] { m_errors += m_process.readAllStandardError(); });
    const QStringList all =
        QStringList{QStringLiteral("load"), QStringLiteral("%1:%2").arg(host).arg(port),
                    QStringLiteral("--out"),
                    resultFile.isEmpty() ? m_folder.filePath(QStringLiteral("run.json")) : resultFile} +
        arguments;
    m_process.start(qEnvironmentVariable("PARLOR_TEST_BIN") % QStringLiteral("/parlor-cli"), all);
}

LoadProcess::~LoadProcess()
{
    m_process.kill();
    m_process.waitForFinished(static_cast<int>(kPatience.count()));
}

void LoadProcess::signal(int number)
{
    if (m_process.processId() > 0)
        ::kill(static_cast<pid_t>(m_process.processId()), number);
}

Problem LoadProcess::waitForStatusLines(int count)
{
    const auto came = [this, count] { return m_errors.count('\n') >= count; };
    static_cast<void>(
        QTest::qWaitFor([&] { return came() || m_process.state() == QProcess::NotRunning; }, kEndPatience));
    if (came())
        return {};
    return QStringLiteral("%1 status lines did not come:\n%2").arg(count).arg(errors());
}

Problem LoadProcess::endsWith(int exitCode)
{
    const bool ended =
        QTest::qWaitFor([this] { return m_process.state() == QProcess::NotRunning; }, kEndPatience);
    if (ended && m_process.exitStatus() == QProcess::NormalExit && m_process.exitCode() == exitCode)
        return {};
    return QStringLiteral("exit code %1 (ended: %2), expected %3\n%4\n%5")
        .arg(m_process.exitCode())
        .arg(ended)
        .arg(exitCode)
        .arg(report(), errors());
}

QJsonObject LoadProcess::json() const
{
    QFile file(m_folder.filePath(QStringLiteral("run.json")));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QString serverScript(const QString &name)
{
    return qEnvironmentVariable("PARLOR_TEST_SOURCE") % QStringLiteral("/tests/support/") % name;
}

qint64 countIn(const QJsonObject &run, QStringView part, QStringView key)
{
    return run[part][key].toInteger(-1);
}

QString faultsOf(const QJsonObject &run)
{
    QStringList found;
    for (const char *key : {"lost", "doubled", "reordered", "corrupt", "unexpected"})
        found.append(QStringLiteral("%1 %2")
                         .arg(QLatin1String(key))
                         .arg(run[u"deliveries"][QLatin1String(key)].toInteger(-1)));
    return found.join(QStringLiteral(", "));
}

} // namespace parlor::test
