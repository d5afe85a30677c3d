// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"

#include <QProcess>
#include <QString>
#include <QStringList>

namespace parlor::test {

/// `parlor-cli` as a script runs it: lines in, lines out, an exit code. Killed with this object at the
/// latest.
class CliProcess
{
public:
    /// Arguments after the sub-command, of which there may be none. `outputFile`: its stdout; empty: it comes
    /// to us.
    explicit CliProcess(const QStringList &arguments, const QString &subcommand = QStringLiteral("chat"),
                        const QString &outputFile = {});
    ~CliProcess();
    CliProcess(const CliProcess &) = delete;
    CliProcess &operator=(const CliProcess &) = delete;

    void write(const QByteArray &bytes) { m_process.write(bytes); }
    void closeInput() { m_process.closeWriteChannel(); }
    void signal(int number);

    /// Waits until stdout has the text.
    [[nodiscard]] Problem says(const QString &text);
    /// Waits until stderr has it.
    [[nodiscard]] Problem reports(const QString &text);
    /// Waits for the end; -1 if it does not come, -2 after a crash.
    [[nodiscard]] int exitCode();

    [[nodiscard]] QString output() const { return QString::fromUtf8(m_output); }
    [[nodiscard]] QStringList outputLines() const;
    [[nodiscard]] QString errors() const { return QString::fromUtf8(m_errors); }

private:
    [[nodiscard]] Problem waitFor(const QByteArray &in, const QString &text);

    QProcess m_process;
    QByteArray m_output;
    QByteArray m_errors;
};

} // namespace parlor::test
