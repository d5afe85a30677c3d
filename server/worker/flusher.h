// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/metrics.h"
#include "server/peer/batch.h"
#include "server/transport/sendbatch.h"

#include <memory>
#include <vector>

namespace parlor {

class WebSocketConnection;

/// Collects what a turn sends and hands it to the kernel as one batch, one send for each connection. Worker's
/// thread.
class Flusher
{
public:
    Flusher(std::unique_ptr<SendBatch> batch, WorkerMetrics &metrics)
        : m_batch(std::move(batch))
        , m_metrics(metrics)
    {
    }

    /// The connection's queue has something to send.
    void flushQueue(WebSocketConnection &connection);
    /// The slice is all that this connection, whose queue is empty, gets in this flush. Its batch is sealed.
    void sendDirect(WebSocketConnection &connection, const Slice &slice);
    /// The connection is about to be destroyed.
    void forget(WebSocketConnection &connection);
    void run();

private:
    struct Send
    {
        WebSocketConnection *connection = nullptr;
        Slice slice{}; ///< of a direct send; no batch: the connection's queue
        std::size_t bytes = 0;
        SendResult result{};
    };
    std::unique_ptr<SendBatch> m_batch;
    WorkerMetrics &m_metrics;
    std::vector<WebSocketConnection *> m_queues;
    std::vector<Send> m_sends;    ///< by the batch's numbers
    std::vector<Send> m_finished; ///< those that are being told of; both keep their memory
    std::vector<std::string_view> m_pieces;
};

} // namespace parlor
