// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/transport.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace parlor {

/// The sends of one turn of a worker, handed to the kernel together. How it does so is chosen at start.
/// Worker's thread. Nothing that was added is referred to after submit().
class SendBatch
{
public:
    /// Told of each send that did not take everything, by the number that add() gave it.
    using Incomplete = std::function<void(std::uint32_t number, SendResult result)>;

    virtual ~SendBatch() = default;

    /// The pieces leave as one send, in order. The array is copied, the bytes must stay until submit().
    /// Numbers count from 0 after each submit(). A target may be added once a batch.
    virtual std::uint32_t add(SendTarget &target, std::span<const std::string_view> pieces) = 0;
    /// Sends all and returns when all are finished.
    virtual void submit(const Incomplete &incomplete) = 0;
};

enum class SendKind : std::uint8_t {
    IoUring,     ///< one system call a batch
    SystemCalls, ///< one system call a send
};

/// On the thread that will use it. Where io_uring fails, the log says why and it is a loop of system calls.
[[nodiscard]] std::unique_ptr<SendBatch> makeSendBatch(SendKind kind);

} // namespace parlor
