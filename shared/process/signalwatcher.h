// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace parlor {

/// Turns signals of this process into bytes that its event loop reads, in place of what they do by
/// themselves. A SIGHUP that is ignored stays so: nohup wants that. Its destructor puts back what was there
/// before, and drops what was not read. One a process; made, used and destroyed on the main thread.
class SignalWatcher
{
public:
    explicit SignalWatcher(std::initializer_list<int> signals);
    ~SignalWatcher();
    SignalWatcher(const SignalWatcher &) = delete;
    SignalWatcher &operator=(const SignalWatcher &) = delete;

    /// These as well.
    void watch(std::initializer_list<int> signals);

    /// Readable when a signal has come: each is one byte, its number. Non-blocking. -1: the system gave no
    /// pipe, and the signals do what they did before.
    [[nodiscard]] int descriptor() const { return m_pipe[0]; }
    /// The oldest that was not read yet.
    [[nodiscard]] std::optional<int> next();

private:
    int m_pipe[2] = {-1, -1};
    sigset_t m_maskBefore = {};
    std::vector<std::pair<int, struct sigaction>> m_before; ///< by signal
};

} // namespace parlor
