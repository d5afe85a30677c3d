// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace parlor::cli::load {

/// A terminal in the hands of a screen: on its alternate screen, and its keys come one by one and are not
/// shown. Signals keep their keys (Ctrl-C). The terminal is as before when this is destroyed, or when a
/// signal ends the process that nobody handles: SIGQUIT, or that of a crash. One a process, made and
/// destroyed in the main thread.
class ScreenTerminal
{
public:
    /// Both stay open as long as this lives. `keyboard` is -1 where nobody types.
    ScreenTerminal(int screen, int keyboard);
    ~ScreenTerminal();
    ScreenTerminal(const ScreenTerminal &) = delete;
    ScreenTerminal &operator=(const ScreenTerminal &) = delete;

    /// The keys that were pressed since the last call. Does not wait. Called in the foreground only.
    [[nodiscard]] std::string takeKeys();
};

} // namespace parlor::cli::load
