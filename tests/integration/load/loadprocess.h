// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"

#include <QJsonObject>
#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>

#include <cstdint>

namespace parlor::test {

/// `parlor-cli load` as a script runs it, with `--out`. Killed with this object at the latest.
class LoadProcess
{
public:
    /// Arguments after the URL.
    LoadProcess(std::uint16_t port, const QStringList &arguments,
                const QString &host = QStringLiteral("127.0.0.1"), const QString &resultFile = {});
    ~LoadProcess();
    LoadProcess(const LoadProcess &) = delete;
    LoadProcess &operator=(const LoadProcess &) = delete;

    void signal(int number);
    /// Waits until it has written so many status lines: one a second.
    [[nodiscard]] Problem waitForStatusLines(int count);
    /// Waits for the end; no problem if this was its exit code.
    [[nodiscard]] Problem endsWith(int exitCode);

    [[nodiscard]] qint64 processId() const { return m_process.processId(); }
    [[nodiscard]] QString report() const { return QString::fromUtf8(m_output); }
    [[nodiscard]] QString errors() const { return QString::fromUtf8(m_errors); }
    /// What `--out` has after the end.
    [[nodiscard]] QJsonObject json() const;

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    QByteArray m_output;
    QByteArray m_errors;
};

/// The path of one of the tests' own servers, in Python.
[[nodiscard]] QString serverScript(const QString &name);

/// A count of a run's result; -1 where there is none.
[[nodiscard]] qint64 countIn(const QJsonObject &run, QStringView part, QStringView key);
/// The counters of deliveries that must not be.
[[nodiscard]] QString faultsOf(const QJsonObject &run);
inline const QString kNoFaults = QStringLiteral("lost 0, doubled 0, reordered 0, corrupt 0, unexpected 0");

} // namespace parlor::test
