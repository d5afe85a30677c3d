// SPDX-License-Identifier: MIT
#pragma once

#include "server/transport/sendbatch.h"

#include <vector>

namespace parlor {

/// A SendBatch that makes one system call a send.
class SendLoop final : public SendBatch
{
public:
    std::uint32_t add(SendTarget &target, std::span<const std::string_view> pieces) override;
    void submit(const Incomplete &incomplete) override;

private:
    struct Send
    {
        SendTarget *target;
        std::uint32_t firstPiece;
        std::uint32_t pieces;
    };
    std::vector<Send> m_sends;
    std::vector<std::string_view> m_pieces;
};

} // namespace parlor
