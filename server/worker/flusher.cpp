// SPDX-License-Identifier: MIT
#include "server/worker/flusher.h"

#include "server/worker/websocketconnection.h"

#include <algorithm>
#include <numeric>

namespace parlor {

namespace {

/// Sends whose memory stays for the next flush.
constexpr std::size_t kKept = 16 * 1024;

} // namespace

void Flusher::flushQueue(WebSocketConnection &connection)
{
    m_queues.push_back(&connection);
}

void Flusher::sendDirect(WebSocketConnection &connection, const Slice &slice)
{
    const std::string_view piece = slice.view();
    m_batch->add(connection.transport(), {&piece, 1});
    m_sends.push_back({&connection, slice, slice.size(), {slice.size()}});
}

void Flusher::forget(WebSocketConnection &connection)
{
    std::erase(m_queues, &connection);
}

void Flusher::run()
{
    for (WebSocketConnection *connection : m_queues) {
        connection->piecesToSend(m_pieces);
        if (m_pieces.empty())
            continue;
        const std::size_t bytes =
            std::accumulate(m_pieces.begin(), m_pieces.end(), std::size_t{0},
                            [](std::size_t n, std::string_view piece) { return n + piece.size(); });
        m_batch->add(connection->transport(), m_pieces);
        m_sends.push_back({connection, {}, bytes, {bytes}});
    }
    m_queues.clear();
    if (m_sends.empty())
        return;
    m_batch->submit([this](std::uint32_t number, SendResult result) { m_sends[number].result = result; });

    // A connection may ask for another flush while it hears of this one.
    std::swap(m_sends, m_finished);
    for (const Send &send : m_finished) {
        m_metrics.bytesOut.add(send.result.sent);
        if (!send.slice.batch)
            send.connection->onQueueSent(send.result);
        else if (send.result.broken || send.result.sent != send.bytes)
            send.connection->onDirectIncomplete(send.slice, send.result);
    }
    m_finished.clear();
    if (m_finished.capacity() > kKept)
        std::vector<Send>().swap(m_finished);
}

} // namespace parlor
