// SPDX-License-Identifier: MIT
#include "server/ops/signals.h"

#include "server/ops/logging.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace parlor {

Signals::Signals(QObject *parent)
    : QObject(parent)
{
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &m_previousPipeAction);

    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    pthread_sigmask(SIG_BLOCK, nullptr, &m_previousMask);
    m_descriptor = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (m_descriptor < 0) { // the signals then end the process as usual
        qCWarning(log::server, "cannot receive signals, so SIGTERM will not drain: %s", std::strerror(errno));
        return;
    }
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    m_notifier.emplace(m_descriptor, QSocketNotifier::Read);
    connect(&*m_notifier, &QSocketNotifier::activated, this, &Signals::readSignals);
}

Signals::~Signals()
{
    m_notifier.reset();
    if (m_descriptor >= 0) {
        // One that came too late to be told would end the process once nothing holds it back.
        signalfd_siginfo unread;
        while (read(m_descriptor, &unread, sizeof unread) > 0) {
        }
        close(m_descriptor);
    }
    pthread_sigmask(SIG_SETMASK, &m_previousMask, nullptr);
    sigaction(SIGPIPE, &m_previousPipeAction, nullptr);
}

void Signals::readSignals()
{
    signalfd_siginfo info;
    while (read(m_descriptor, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
        info.ssi_signo == SIGHUP ? Q_EMIT reloadRequested()
                                 : Q_EMIT stopRequested(static_cast<int>(info.ssi_signo));
}

} // namespace parlor
