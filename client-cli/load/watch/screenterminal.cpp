// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/screenterminal.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

// The alternate screen, without cursor, and long lines are cut (xterm; all that call themselves like it).
constexpr std::string_view kEnter = "\033[?1049h\033[?25l\033[?7l\033[2J";
constexpr std::string_view kLeave = "\033[?7h\033[?25h\033[?1049l";

/// They stop or end a process where nobody handles them.
constexpr std::array kDeadlySignals{SIGTSTP, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};

/// All that a signal handler needs to give the terminal back.
struct HeldTerminal
{
    const NonBlockingOutput *output = nullptr;
    int keyboard = -1;
    termios before{};
    std::array<struct sigaction, kDeadlySignals.size()> actions{};
};
HeldTerminal heldTerminal;
std::atomic<bool> isTerminalHeld = false;

/// False in the background. A terminal that controls no session has no background.
bool isForeground(int terminal)
{
    const pid_t group = ::tcgetpgrp(terminal);
    return group < 0 || group == ::getpgrp();
}

/// All but kLeave. False: the terminal is not held. Signal handlers may call it.
bool releaseTerminal()
{
    if (!isTerminalHeld.exchange(false))
        return false;
    for (std::size_t i = 0; i < kDeadlySignals.size(); ++i)
        ::sigaction(kDeadlySignals[i], &heldTerminal.actions[i], nullptr);
    // A shell that has put this job into the background has its own settings.
    if (heldTerminal.keyboard >= 0 && isForeground(heldTerminal.keyboard))
        ::tcsetattr(heldTerminal.keyboard, TCSANOW, &heldTerminal.before);
    return true;
}

void onDeadlySignal(int signal)
{
    const int savedErrno = errno;
    if (releaseTerminal())
        heldTerminal.output->write(kLeave);
    ::raise(signal); // with its own action, when this handler returns
    errno = savedErrno;
}

} // namespace

ScreenTerminal::ScreenTerminal(int screen, int keyboard)
    : m_output(screen)
    , m_screen(screen)
    , m_keyboard(keyboard)
{
}

ScreenTerminal::~ScreenTerminal()
{
    if (releaseTerminal())
        m_output.writeAll(kLeave);
}

bool ScreenTerminal::take()
{
    if (!isForeground(m_screen) || !m_output.hasRoom())
        return false;
    if (isTerminalHeld)
        return true;
    heldTerminal.output = &m_output;
    heldTerminal.keyboard =
        m_keyboard >= 0 && ::tcgetattr(m_keyboard, &heldTerminal.before) == 0 ? m_keyboard : -1;
    isTerminalHeld = true; // before there is a handler, which would find nothing to do
    struct sigaction action = {};
    action.sa_handler = onDeadlySignal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kDeadlySignals.size(); ++i)
        ::sigaction(kDeadlySignals[i], &action, &heldTerminal.actions[i]);
    m_output.write(kEnter);
    return true;
}

void ScreenTerminal::show(std::string_view picture)
{
    if (take())
        m_output.write(picture);
}

std::string ScreenTerminal::takeKeys()
{
    const int keyboard = heldTerminal.keyboard;
    if (keyboard < 0)
        return {};
    // Each time: a shell sets its own when it takes a job back from the background.
    termios single = heldTerminal.before;
    single.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    single.c_cc[VMIN] = 1;
    single.c_cc[VTIME] = 0;
    ::tcsetattr(keyboard, TCSANOW, &single);
    pollfd waiting{.fd = keyboard, .events = POLLIN, .revents = 0};
    std::array<char, 64> keys{};
    if (::poll(&waiting, 1, 0) != 1)
        return {};
    const ssize_t size = ::read(keyboard, keys.data(), keys.size());
    return size > 0 ? std::string(keys.data(), static_cast<std::size_t>(size)) : std::string();
}

} // namespace parlor::cli::load
