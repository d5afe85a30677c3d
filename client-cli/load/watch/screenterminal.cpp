// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/screenterminal.h"

#include "client-cli/load/watch/descriptorwriting.h"

#include <array>
#include <atomic>
#include <csignal>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

// The alternate screen, without cursor, and long lines are cut (xterm; all that call themselves like it).
constexpr std::string_view kEnter = "\033[?1049h\033[?25l\033[?7l\033[2J";
constexpr std::string_view kLeave = "\033[?7h\033[?25h\033[?1049l";

/// They end a process where nobody handles them.
constexpr std::array kDeadlySignals{SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};

/// All that a signal handler needs to give the terminal back.
struct HeldTerminal
{
    int screen = -1;
    int keyboard = -1;
    termios before{};
    std::array<struct sigaction, kDeadlySignals.size()> actions{};
};
HeldTerminal heldTerminal;
std::atomic<bool> isTerminalHeld = false;

/// Signal handlers may call it. Who comes second finds nothing to do.
void giveTerminalBack()
{
    if (!isTerminalHeld.exchange(false))
        return;
    for (std::size_t i = 0; i < kDeadlySignals.size(); ++i)
        ::sigaction(kDeadlySignals[i], &heldTerminal.actions[i], nullptr);
    writeAll(heldTerminal.screen, kLeave);
    // A shell that has put this job into the background has its own settings.
    if (heldTerminal.keyboard >= 0 && ::tcgetpgrp(heldTerminal.keyboard) == ::getpgrp())
        ::tcsetattr(heldTerminal.keyboard, TCSANOW, &heldTerminal.before);
}

void onDeadlySignal(int signal)
{
    giveTerminalBack();
    ::raise(signal); // with its own action, when this handler returns
}

} // namespace

ScreenTerminal::ScreenTerminal(int screen, int keyboard)
{
    heldTerminal.screen = screen;
    heldTerminal.keyboard = keyboard >= 0 && ::tcgetattr(keyboard, &heldTerminal.before) == 0 ? keyboard : -1;
    struct sigaction action = {};
    action.sa_handler = onDeadlySignal;
    for (std::size_t i = 0; i < kDeadlySignals.size(); ++i)
        ::sigaction(kDeadlySignals[i], &action, &heldTerminal.actions[i]);
    isTerminalHeld = true;
    writeAll(screen, kEnter);
}

ScreenTerminal::~ScreenTerminal()
{
    giveTerminalBack();
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
