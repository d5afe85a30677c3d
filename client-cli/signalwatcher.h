// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <initializer_list>
#include <memory>
#include <vector>

namespace parlor::cli {

/// Brings the process's signals into the event loop, and lets a write to a closed pipe fail instead of kill.
/// One a process; lives in the main thread.
class SignalWatcher : public QObject
{
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);
    ~SignalWatcher() override;

    /// SIGTSTP (Ctrl-Z) stops nothing by itself any more, but is reported, and so is SIGCONT.
    void watchStops();

Q_SIGNALS:
    /// SIGINT, SIGTERM or SIGHUP.
    void terminationRequested(int signal);
    void windowResized();
    void stopRequested();
    void continued();

private:
    void watch(std::initializer_list<int> signals);
    void readPipe();

    int m_pipe[2] = {-1, -1};
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::vector<int> m_watched;
};

} // namespace parlor::cli
