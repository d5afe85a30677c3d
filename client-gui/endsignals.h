// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace parlor::gui {

/// Brings SIGINT, SIGTERM and SIGHUP into the event loop, so that the window can say goodbye. A second one
/// ends the process at once. One a process; lives in the main thread.
class EndSignals : public QObject
{
    Q_OBJECT
public:
    explicit EndSignals(QObject *parent = nullptr);
    ~EndSignals() override;

Q_SIGNALS:
    void raised();

private:
    int m_pipe[2] = {-1, -1};
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace parlor::gui
