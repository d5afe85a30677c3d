// SPDX-License-Identifier: MIT
#include "server/transport/sendloop.h"

#include <numeric>

namespace parlor {

std::uint32_t SendLoop::add(SendTarget &target, std::span<const std::string_view> pieces)
{
    m_sends.push_back(
        {&target, static_cast<std::uint32_t>(m_pieces.size()), static_cast<std::uint32_t>(pieces.size())});
    m_pieces.insert(m_pieces.end(), pieces.begin(), pieces.end());
    return static_cast<std::uint32_t>(m_sends.size() - 1);
}

void SendLoop::submit(const Incomplete &incomplete)
{
    for (std::uint32_t i = 0; i < m_sends.size(); ++i) {
        const Send &send = m_sends[i];
        const auto pieces = std::span(m_pieces).subspan(send.firstPiece, send.pieces);
        const std::size_t wanted =
            std::accumulate(pieces.begin(), pieces.end(), std::size_t{0},
                            [](std::size_t n, std::string_view p) { return n + p.size(); });
        const SendResult result = send.target->send(pieces);
        if (result.broken || result.sent < wanted)
            incomplete(i, result);
    }
    m_sends.clear();
    m_pieces.clear();
}

} // namespace parlor
