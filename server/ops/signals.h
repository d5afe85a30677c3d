// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <csignal>
#include <optional>

namespace parlor {

/// SIGTERM, SIGINT and SIGHUP as Qt signals. Blocks them, and ignores SIGPIPE, for the whole process: make it
/// on the main thread before any other thread starts, since threads inherit what is blocked. One at a time;
/// it puts back what it found, and drops what it has not told.
class Signals final : public QObject
{
    Q_OBJECT

public:
    explicit Signals(QObject *parent = nullptr);
    ~Signals() override;
    Signals(const Signals &) = delete;
    Signals &operator=(const Signals &) = delete;

Q_SIGNALS:
    /// The process was asked to stop; the second time, and later ones, as well as the first.
    void stopRequested(int signal);
    /// SIGHUP: what can be read again is to be read again.
    void reloadRequested();

private:
    void readSignals();

    sigset_t m_previousMask = {};
    struct sigaction m_previousPipeAction = {};
    int m_descriptor = -1;
    std::optional<QSocketNotifier> m_notifier;
};

} // namespace parlor
