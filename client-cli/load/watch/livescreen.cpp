// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/livescreen.h"

#include "client-cli/load/watch/statusline.h"

#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

namespace parlor::cli::load {

namespace {

ScreenSize sizeOf(int terminal)
{
    winsize size{};
    if (::ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return {.columns = size.ws_col, .rows = size.ws_row};
}

bool isSet(const char *variable)
{
    const char *value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

/// Whether the terminal understands control sequences.
bool isScreen(int descriptor)
{
    const char *kind = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && isSet("TERM") && std::string_view(kind) != "dumb";
}

} // namespace

LiveScreen::LiveScreen(int terminal, int keyboard, Colours colours)
    : m_terminal(terminal, keyboard)
    , m_descriptor(terminal)
    , m_keys(keyboard >= 0 ? Keys::Heard : Keys::NotHeard)
    , m_colours(colours)
{
}

void LiveScreen::second(const RunStatus &status)
{
    if (!m_terminal.take())
        return;
    for (const char key : m_terminal.takeKeys()) {
        if (key == 'q' || key == 'Q')
            ::raise(SIGINT);
    }
    const ScreenSize size = sizeOf(m_descriptor);
    // A line is cleared before it is written: after its last column that column would go.
    std::string picture = "\033[H\033[K";
    int rows = 1;
    for (const char c : draw(status, size, m_colours, m_keys)) {
        if (c != '\n') {
            picture += c;
            continue;
        }
        picture += "\r\n\033[K";
        ++rows;
    }
    // What was there before the size changed goes.
    picture += rows < size.rows ? "\r\n\033[J\033[H" : "\033[H";
    m_terminal.show(picture);
}

Result<std::unique_ptr<RunWatcher>> newProgressWatcher(Tui tui)
{
    const bool isPossible = isScreen(STDERR_FILENO);
    if (tui == Tui::On && !isPossible) {
        return Error{.text = "--tui on: stderr is no terminal that could show the screen; run it in a "
                             "terminal with TERM set, or take --tui off"};
    }
    // In the background the terminal is somebody else's.
    const bool isOurs = tui == Tui::On || ::tcgetpgrp(STDERR_FILENO) == ::getpgrp();
    if (tui == Tui::Off || !isPossible || !isOurs)
        return std::unique_ptr<RunWatcher>(std::make_unique<StatusPrinter>());
    return std::unique_ptr<RunWatcher>(
        std::make_unique<LiveScreen>(STDERR_FILENO, ::isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : -1,
                                     isSet("NO_COLOR") ? Colours::Off : Colours::On));
}

} // namespace parlor::cli::load
