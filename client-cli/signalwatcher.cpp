// SPDX-License-Identifier: MIT
#include "client-cli/signalwatcher.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace parlor::cli {

namespace {

/// A signal handler can reach nothing else.
std::atomic<int> g_writeEnd{-1};

void onSignal(int signal)
{
    const int savedErrno = errno;
    const auto byte = static_cast<unsigned char>(signal);
    [[maybe_unused]] const auto written = ::write(g_writeEnd.load(), &byte, 1);
    errno = savedErrno;
}

void handle(int signal, void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

} // namespace

SignalWatcher::SignalWatcher(QObject *parent)
    : QObject(parent)
{
    handle(SIGPIPE, SIG_IGN);
    if (::pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        qWarning("cannot watch for signals: %s; they end the program without a goodbye",
                 qUtf8Printable(qt_error_string(errno)));
        return;
    }
    m_notifier = std::make_unique<QSocketNotifier>(m_pipe[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &SignalWatcher::readPipe);
    g_writeEnd = m_pipe[1];
    watch({SIGINT, SIGTERM, SIGHUP, SIGWINCH});
}

SignalWatcher::~SignalWatcher()
{
    for (const int signal : m_watched)
        handle(signal, SIG_DFL);
    g_writeEnd = -1;
    m_notifier.reset();
    for (const int end : m_pipe) {
        if (end >= 0)
            ::close(end);
    }
}

void SignalWatcher::watchStops()
{
    struct sigaction now = {};
    ::sigaction(SIGTSTP, nullptr, &now);
    if (m_notifier && now.sa_handler != SIG_IGN) // so a shell without job control leaves it
        watch({SIGTSTP, SIGCONT});
}

void SignalWatcher::watch(std::initializer_list<int> signals)
{
    for (const int signal : signals) {
        handle(signal, onSignal);
        m_watched.push_back(signal);
    }
}

void SignalWatcher::readPipe()
{
    unsigned char signal = 0;
    while (::read(m_pipe[0], &signal, 1) == 1) {
        switch (signal) {
        case SIGWINCH:
            Q_EMIT windowResized();
            break;
        case SIGTSTP:
            Q_EMIT stopRequested();
            break;
        case SIGCONT:
            Q_EMIT continued();
            break;
        default:
            Q_EMIT terminationRequested(signal);
        }
    }
}

} // namespace parlor::cli
