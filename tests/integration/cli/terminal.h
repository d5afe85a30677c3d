// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"

#include <QFlags>
#include <QProcess>
#include <QSocketNotifier>
#include <QString>
#include <QStringList>

#include <memory>

namespace parlor::test {

/// `parlor-cli chat` on a pseudo-terminal. Killed with this object at the latest.
class Terminal
{
public:
    enum Stream { Input = 1, Output = 2, Errors = 4 };
    Q_DECLARE_FLAGS(Streams, Stream)

    struct Settings
    {
        int rows = 24;
        int columns = 80;
        bool colours = false;
        Streams streams = Streams(Input) | Output | Errors; ///< those of the terminal; pipes for the others
        QString outputFile = {};                            ///< not empty: it is stdout
        QString term = QStringLiteral("xterm");             ///< the variable TERM; empty: there is none
        bool ignoresStop = false;                           ///< SIGTSTP is ignored at the start
    };
    Terminal(const QStringList &arguments, const QString &stateFolder, const Settings &settings);
    Terminal(const QStringList &arguments, const QString &stateFolder)
        : Terminal(arguments, stateFolder, Settings())
    {
    }
    ~Terminal();
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    /// Into the pipe, where stdin is one.
    void type(const QByteArray &keys);
    /// The program is told of it.
    void resize(int rows, int columns);
    void closePipedInput() { m_process.closeWriteChannel(); }
    /// Waits for the text, past what was shown before.
    [[nodiscard]] Problem shows(const QString &text);
    /// The same, of stdout that is a pipe.
    [[nodiscard]] Problem pipes(const QString &text);
    /// -1: it crashed, or does not end.
    [[nodiscard]] int exitCode();
    [[nodiscard]] QByteArray shown() const { return m_shown.text; }
    [[nodiscard]] QByteArray piped() const { return m_piped.text; }
    /// As it has for a shell's commands, while nobody edits a line.
    [[nodiscard]] bool hasEcho() const;
    [[nodiscard]] qint64 pid() const { return m_process.processId(); }

private:
    struct Seen
    {
        QByteArray text;
        qsizetype upTo = 0;
    };
    [[nodiscard]] static Problem waitFor(Seen &seen, const QString &text);
    void read();

    int m_master;
    Streams m_streams;
    QProcess m_process;
    std::unique_ptr<QSocketNotifier> m_notifier;
    Seen m_shown;
    Seen m_piped;
};

} // namespace parlor::test
