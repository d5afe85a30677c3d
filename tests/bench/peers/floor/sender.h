// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
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

    /// How often a socket was full.
    [[nodiscard]] std::uint64_t stalls() const { return m_stalls; }

protected:
    /// Waits until the socket took the rest.
    void force(int socket, std::string_view bytes);

private:
    std::uint64_t m_stalls = 0;
};

/// A send() each.
[[nodiscard]] std::unique_ptr<Sender> makeSendLoop();
/// Up to 1024 sends in one io_uring_enter; null if the kernel refuses a ring.
[[nodiscard]] std::unique_ptr<Sender> makeRing();

} // namespace parlor::floor
