// SPDX-License-Identifier: MIT
#pragma once

#include "server/worker/worker.h"

#include <QThread>

#include <atomic>
#include <memory>
#include <vector>

namespace parlor {

/// The workers and their threads. Main thread.
class WorkerPool
{
public:
    /// Starts so many, and returns when all are ready.
    WorkerPool(unsigned count, const Worker::Config &config);
    /// Ends all connections and joins the threads.
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    /// Gives the socket to the worker that has the fewest.
    void accept(AcceptedSocket socket);
    /// The same for each worker.
    void putToAll(const InboxItem &item);
    [[nodiscard]] std::vector<const WorkerMetrics *> metrics() const;

private:
    struct Thread
    {
        std::unique_ptr<QThread> thread;
        std::unique_ptr<Worker> worker;
    };
    std::vector<Thread> m_threads;
    /// Threads that are done with their worker. QThread's own wait orders this, too, where no race detector
    /// sees it.
    std::atomic<unsigned> m_ended{0};
};

} // namespace parlor
