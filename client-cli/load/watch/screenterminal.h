// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/watch/nonblockingoutput.h"

#include <string>
#include <string_view>

namespace parlor::cli::load {

/// A terminal in the hands of a screen: on its alternate screen, and its keys come one by one and are not
/// shown. Signals keep their keys (Ctrl-C). The terminal is as before when this is destroyed, or when a
/// signal stops or ends the process that nobody handles: Ctrl-Z, SIGQUIT, or that of a crash. One a process,
/// made and destroyed in the main thread.
class ScreenTerminal
{
public:
    /// Both stay open as long as this lives. `keyboard` is -1 where nobody types.
    ScreenTerminal(int screen, int keyboard);
    /// Waits until a terminal that was taken takes what gives it back.
    ~ScreenTerminal();
    ScreenTerminal(const ScreenTerminal &) = delete;
    ScreenTerminal &operator=(const ScreenTerminal &) = delete;

    /// Takes the terminal, where it is not taken. False: not now. The process is in the background, where it
    /// must not write over what the shell shows, or the terminal takes nothing (Ctrl-S).
    [[nodiscard]] bool take();
    /// Takes the terminal, too: it may have been given back since. What it does not take within 100 ms is
    /// dropped.
    void show(std::string_view picture);
    /// The keys that were pressed since the last call. Does not wait. Called when it is taken.
    [[nodiscard]] std::string takeKeys();

private:
    NonBlockingOutput m_output;
    int m_screen;
    int m_keyboard;
};

} // namespace parlor::cli::load
