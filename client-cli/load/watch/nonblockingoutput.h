// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace parlor::cli::load {

/// Writes to a terminal or a pipe that others write to as well, and waits for nobody who reads it slowly or
/// not at all. A terminal or pipe is opened anew for it: O_NONBLOCK belongs to what was opened, and on the
/// descriptor itself it would change the shell's terminal, too. A file or a socket is written to as it is.
class NonBlockingOutput
{
public:
    /// `descriptor` stays open as long as this lives.
    explicit NonBlockingOutput(int descriptor);
    ~NonBlockingOutput();
    NonBlockingOutput(const NonBlockingOutput &) = delete;
    NonBlockingOutput &operator=(const NonBlockingOutput &) = delete;

    /// Writes what is taken within 100 ms, and drops the rest. Signal handlers may call it.
    void write(std::string_view text) const;
    /// Waits until all of it is taken.
    void writeAll(std::string_view text) const;

    /// Whether something is taken now. One that is stopped (Ctrl-S) or that nobody reads takes nothing.
    [[nodiscard]] bool hasRoom() const;

private:
    int m_given;
    int m_own; ///< what is written to without waiting; else m_given
};

} // namespace parlor::cli::load
