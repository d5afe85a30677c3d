// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/sendbatch.h"
#include "shared/protocol/result.h"

#include <memory>
#include <vector>

#include <liburing.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace parlor {

/// A SendBatch that hands all sends to the kernel with one system call (io_uring, Linux 6.1 and later). Each
/// send is done when that call returns, and only those that went wrong or fell short leave a completion.
/// Targets without a descriptor are asked to send themselves. Made, used and destroyed on one thread.
class UringBatch final : public SendBatch
{
public:
    /// An error where the system does not let it work as it must. Tries it out on a pair of sockets.
    [[nodiscard]] static Result<std::unique_ptr<UringBatch>> make();
    ~UringBatch() override;

    std::uint32_t add(SendTarget &target, std::span<const std::string_view> pieces) override;
    void submit(const Incomplete &incomplete) override;

private:
    struct Send
    {
        SendTarget *target;
        std::uint32_t firstPiece;
        std::uint32_t pieces;
        std::uint32_t message; ///< of m_messages, where there are several pieces
    };

    UringBatch() = default;
    [[nodiscard]] Result<void> open();
    [[nodiscard]] Result<void> tryOut();
    void queue(std::uint32_t number);
    void flushRing(const Incomplete &incomplete);
    void sendDirectly(std::uint32_t number, const Incomplete &incomplete);
    [[nodiscard]] std::span<const iovec> pieces(const Send &send) const;

    io_uring m_ring{};
    bool m_isOpen = false;
    std::vector<Send> m_sends;
    std::vector<iovec> m_pieces;
    std::vector<msghdr> m_messages;
    std::vector<std::uint32_t> m_queued; ///< numbers of the sends that are in the ring
};

} // namespace parlor
