// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/metrics.h"
#include "server/peer/batch.h"
#include "server/transport/sendbatch.h"

#include <algorithm>
#include <concepts>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace parlor {

/// What a Flusher asks of a connection. A concept and no base class: that would cost a call through a table
/// for each send, and eight bytes in each connection.
template <typename T>
concept Flushable = requires(T &connection, std::vector<std::string_view> &out, const Slice &slice,
                             SendResult result)
{
    {
        connection.transport()
        } -> std::convertible_to<SendTarget &>;
    /// The queue's bytes, in the place of what is in `out`; none: there is nothing to send after all.
    connection.piecesToSend(out);
    /// So much of them has left.
    connection.onQueueSent(result);
    /// So much of a direct send has left, and that is not all.
    connection.onDirectIncomplete(slice, result);
};

/// Collects what a turn sends and hands it to the kernel as one batch, one send for each connection. Worker's
/// thread. `Client` is Flushable; it may be incomplete where only the flusher's name is needed.
template <typename Client>
class Flusher
{
public:
    Flusher(std::unique_ptr<SendBatch> batch, WorkerMetrics &metrics)
        : m_batch(std::move(batch))
        , m_metrics(metrics)
    {
    }

    /// The connection's queue has something to send.
    void flushQueue(Client &connection) { m_queues.push_back(&connection); }
    /// The slice is all that this connection, whose queue is empty, gets in this flush. Its batch is sealed.
    void sendDirect(Client &connection, const Slice &slice)
    {
        const std::string_view piece = slice.view();
        m_batch->add(connection.transport(), {&piece, 1});
        m_sends.push_back({&connection, slice, slice.size(), {slice.size()}});
    }
    /// The connection is about to be destroyed.
    void forget(Client &connection) { std::erase(m_queues, &connection); }
    void run();

private:
    struct Send
    {
        Client *connection = nullptr;
        Slice slice{}; ///< of a direct send; no batch: the connection's queue
        std::size_t bytes = 0;
        SendResult result{};
    };
    /// Sends whose memory stays for the next flush.
    static constexpr std::size_t kKept = 16 * 1024;

    std::unique_ptr<SendBatch> m_batch;
    WorkerMetrics &m_metrics;
    std::vector<Client *> m_queues;
    std::vector<Send> m_sends;    ///< by the batch's numbers
    std::vector<Send> m_finished; ///< those that are being told of; both keep their memory
    std::vector<std::string_view> m_pieces;
};

template <typename Client>
void Flusher<Client>::run()
{
    static_assert(Flushable<Client>);
    for (Client *connection : m_queues) {
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
