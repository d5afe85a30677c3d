// SPDX-License-Identifier: MIT
#include "shared/process/signalwatcher.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace parlor {

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

} // namespace

SignalWatcher::SignalWatcher(std::initializer_list<int> signals)
{
    ::pthread_sigmask(SIG_BLOCK, nullptr, &m_maskBefore);
    if (::pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    g_writeEnd = m_pipe[1];
    watch(signals);
}

SignalWatcher::~SignalWatcher()
{
    for (const auto &[signal, action] : m_before)
        ::sigaction(signal, &action, nullptr);
    ::pthread_sigmask(SIG_SETMASK, &m_maskBefore, nullptr);
    g_writeEnd = -1;
    for (const int end : m_pipe) {
        if (end >= 0)
            ::close(end);
    }
}

void SignalWatcher::watch(std::initializer_list<int> signals)
{
    if (descriptor() < 0)
        return;
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigset_t wanted;
    ::sigemptyset(&wanted);
    for (const int signal : signals) {
        struct sigaction before = {};
        ::sigaction(signal, nullptr, &before);
        if (signal == SIGHUP && before.sa_handler == SIG_IGN)
            continue;
        m_before.emplace_back(signal, before);
        ::sigaction(signal, &action, nullptr);
        ::sigaddset(&wanted, signal);
    }
    ::pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr); // a parent may have left them blocked
}

std::optional<int> SignalWatcher::next()
{
    unsigned char signal = 0;
    if (::read(m_pipe[0], &signal, 1) != 1)
        return std::nullopt;
    return signal;
}

} // namespace parlor
