// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace parlor::cli::load {

/// `parlor-cli sink` in a process of its own, on a free port of loopback, that sends once a millisecond at
/// most; ended with this object, and with its parent at the latest.
class SinkChild
{
public:
    /// `program`: the path of parlor-cli. `core`: the only one that it may use; nullopt: any. Waits until it
    /// listens; the error says what kept it from that.
    [[nodiscard]] static Result<std::unique_ptr<SinkChild>> start(const std::string &program,
                                                                  std::optional<int> core);
    ~SinkChild();
    SinkChild(const SinkChild &) = delete;
    SinkChild &operator=(const SinkChild &) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }

private:
    SinkChild() = default;
    [[nodiscard]] Result<void> waitUntilItListens();

    pid_t m_process = -1;
    int m_output = -1; ///< its stderr
    std::uint16_t m_port = 0;
};

} // namespace parlor::cli::load
