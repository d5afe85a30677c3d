// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QString>

namespace parlor::cli {

/// Where a person types lines, and sees others. Main thread.
class Console : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// What is typed from now on is for whoever has the terminal next.
    virtual void finish() = 0;
    virtual void setPrompt(const QString &prompt) = 0;
    virtual void print(const QString &line) = 0;
    virtual void windowResized() = 0;
    /// Stops the process until it is continued; others have the terminal meanwhile.
    virtual void suspend() = 0;
    /// After the process was stopped and continued, by whomever: others may have used the terminal.
    virtual void takeTerminalAgain() = 0;

Q_SIGNALS:
    /// May have several lines, if they were pasted.
    void lineEntered(const QString &line);
    /// Some of what was typed or pasted cannot be text.
    void inputRefused(const QString &why);
    /// Ctrl-D on an empty line: more can still be typed.
    void leaveAsked();
    /// There is no more to read.
    void inputEnded();
    /// There is nobody to print for; it was said on stderr.
    void outputFailed();
};

} // namespace parlor::cli
