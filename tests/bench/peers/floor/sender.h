// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace parlor::floor {

/// Sends bytes to sockets; add() only notes them, and they are gone when finish() returns. What the kernel
/// does not take at once is waited for: the clients of the bench always read.
class Sender
{
public:
    virtual ~Sender() = default;
    virtual void add(int socket, std::string_view bytes) = 0;
    virtual void finish() = 0;

protected:
    /// Waits until the socket took the rest.
    static void force(int socket, std::string_view bytes);
};

/// A send() each.
[[nodiscard]] std::unique_ptr<Sender> makeSendLoop();
/// The same, but every 1000th is lost: whoever measures it has to notice.
[[nodiscard]] std::unique_ptr<Sender> makeFaultyLoop();
/// Up to 1024 sends in one io_uring_enter; null if the kernel refuses a ring.
[[nodiscard]] std::unique_ptr<Sender> makeRing();

} // namespace parlor::floor
