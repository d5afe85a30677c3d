// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace parlor::cli {

/// Brings the process's signals into the event loop, and lets a write to a closed pipe fail instead of kill.
/// One a process; lives in the main thread.
class SignalWatcher : public QObject
{
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);
    ~SignalWatcher() override;

Q_SIGNALS:
    /// SIGINT, SIGTERM or SIGHUP.
    void terminationRequested(int signal);
    void windowResized();

private:
    void readPipe();

    int m_pipe[2] = {-1, -1};
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace parlor::cli
