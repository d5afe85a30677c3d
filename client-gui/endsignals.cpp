// SPDX-License-Identifier: MIT
#include "client-gui/endsignals.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace parlor::gui {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

/// A signal handler can reach nothing else.
std::atomic<int> g_writeEnd{-1};

void onSignal(int)
{
    const int savedErrno = errno;
    [[maybe_unused]] const auto written = ::write(g_writeEnd.load(), "x", 1);
    errno = savedErrno;
}

} // namespace

EndSignals::EndSignals(QObject *parent)
    : QObject(parent)
{
    if (::pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        qWarning("cannot watch for signals: %s; they end the program without a goodbye",
                 qUtf8Printable(qt_error_string(errno)));
        return;
    }
    m_notifier = std::make_unique<QSocketNotifier>(m_pipe[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        m_notifier->setEnabled(false);
        Q_EMIT raised();
    });
    g_writeEnd = m_pipe[1];
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    for (const int signal : kSignals)
        ::sigaction(signal, &action, nullptr);
}

EndSignals::~EndSignals()
{
    for (const int signal : kSignals)
        std::signal(signal, SIG_DFL);
    g_writeEnd = -1;
    m_notifier.reset();
    for (const int end : m_pipe) {
        if (end >= 0)
            ::close(end);
    }
}

} // namespace parlor::gui
