// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/chat/console.h"

#include <QSocketNotifier>

#include <string>

namespace parlor::cli {

/// A terminal for what is typed, whose own echo and line discipline serve, and something else for what is
/// printed: a file, a pipe, or a terminal that is dumb. That gets lines, and no control sequences.
class PlainConsole : public Console
{
    Q_OBJECT
public:
    explicit PlainConsole(QObject *parent = nullptr);

    void finish() override { m_notifier.setEnabled(false); }
    void setPrompt(const QString &) override {}
    void print(const QString &line) override;
    void windowResized() override {}
    void suspend() override;
    void takeTerminalAgain() override {}

private:
    void readInput();

    QSocketNotifier m_notifier;
    std::string m_partialLine;
    bool m_failed = false; ///< to print
};

} // namespace parlor::cli
