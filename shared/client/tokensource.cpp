// SPDX-License-Identifier: MIT
#include "shared/client/tokensource.h"

#include "shared/client/fromwire.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>

#include <algorithm>
#include <csignal>
#include <unistd.h>
#include <utility>

namespace parlor {

namespace {

class TokenText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::TokenSource)
};

/// As much as a server reads of one.
constexpr qsizetype kLongestToken = 8 * 1024;
constexpr qsizetype kMostOutput = 64 * 1024;

Error noToken(const QString &why)
{
    return Error{ErrorCode::AuthInvalid, why.toStdString()};
}

/// Text of somebody else's program, for a line of ours.
QString firstLine(const QByteArray &output)
{
    constexpr qsizetype kShown = 200;
    for (const QByteArray &each : output.split('\n')) {
        if (const QByteArray line = each.trimmed(); !line.isEmpty())
            return QString::fromUtf8(line).left(kShown);
    }
    return {};
}

} // namespace

Result<QString> checkedToken(const QByteArray &text)
{
    const QByteArray token = text.trimmed();
    if (token.isEmpty())
        return noToken(TokenText::tr("there is no token in it"));
    if (token.size() > kLongestToken)
        return noToken(
            TokenText::tr("it is longer than %1 KiB, which no token is").arg(kLongestToken / 1024));
    if (!std::all_of(token.begin(), token.end(), [](char each) { return each > ' ' && each < 0x7f; }))
        return noToken(TokenText::tr("a token is one line of letters, digits and signs without spaces"));
    return QString::fromLatin1(token);
}

void TokenFile::read(const Handler &done)
{
    QFile file(m_path);
    const QString name = QDir::toNativeSeparators(m_path);
    if (!file.open(QIODevice::ReadOnly)) {
        done(noToken(tr("cannot read the token file %1: %2").arg(name, file.errorString())));
        return;
    }
    const auto token = checkedToken(file.read(kMostOutput));
    if (token)
        done(*token);
    else
        done(noToken(
            tr("the token file %1 cannot be used: %2").arg(name, fromwire::text(token.error().text))));
}

TokenCommand::TokenCommand(const QString &command, std::chrono::milliseconds timeout, QObject *parent)
    : TokenSource(parent)
    , m_command(command)
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(timeout);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        const double seconds = std::chrono::duration<double>(m_deadline.intervalAsDuration()).count();
        end(noToken(
            tr("the token command printed no token within %1 s; run it yourself to see what it waits for")
                .arg(seconds)));
    });
}

TokenCommand::~TokenCommand()
{
    drop();
}

void TokenCommand::read(const Handler &done)
{
    drop();
    m_done = done;
    m_process = new QProcess(this);
    m_process->setStandardInputFile(QProcess::nullDevice());
    m_process->setChildProcessModifier([] { ::setsid(); }); // what it starts ends with it
    m_said.clear();
    connect(m_process, &QProcess::readyReadStandardOutput, this, [this] {
        if (m_process->bytesAvailable() > kMostOutput)
            end(noToken(
                tr("the token command printed more than %1 KiB; have it print the token and nothing else")
                    .arg(kMostOutput / 1024)));
    });
    connect(m_process, &QProcess::readyReadStandardError, this,
            [this] { m_said += m_process->readAllStandardError().left(kMostOutput - m_said.size()); });
    connect(m_process, &QProcess::finished, this, [this] { end(outcome(*m_process)); });
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            end(noToken(tr("cannot run the token command: %1").arg(m_process->errorString())));
    });
    m_deadline.start();
    m_process->start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), m_command});
}

Result<QString> TokenCommand::outcome(QProcess &process) const
{
    const QString said = firstLine(m_said);
    const QString because = said.isEmpty() ? QString() : QStringLiteral(": ") + said;
    if (process.exitStatus() != QProcess::NormalExit)
        return noToken(tr("the token command was killed%1; run it yourself to see why").arg(because));
    if (process.exitCode() != 0)
        return noToken(tr("the token command failed with exit code %1%2; run it yourself to see why")
                           .arg(process.exitCode())
                           .arg(because));
    const auto token = checkedToken(process.readLine(kMostOutput));
    if (!token)
        return noToken(
            tr("what the token command printed cannot be used: %1; its first line has to be the token")
                .arg(fromwire::text(token.error().text)));
    return token;
}

void TokenCommand::end(const Result<QString> &result)
{
    const Handler done = std::exchange(m_done, {});
    drop();
    if (done)
        done(result);
}

void TokenCommand::drop()
{
    m_deadline.stop();
    m_done = {};
    if (!m_process)
        return;
    m_process->disconnect(this);
    if (const auto session = static_cast<pid_t>(m_process->processId()); session > 0)
        ::kill(-session, SIGKILL);
    m_process->kill();        // it may not have its session yet
    m_process->deleteLater(); // it may be in the middle of telling us something
    m_process = nullptr;
}

} // namespace parlor
