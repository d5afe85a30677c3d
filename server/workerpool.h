// SPDX-License-Identifier: MIT
#pragma once

#include "server/worker/worker.h"

#include <latch>
#include <thread>
#include <vector>

class QEventLoop;

namespace parlor {

/// The workers and their threads. Main thread.
class WorkerPool
{
public:
    /// Starts so many, and returns when all are ready. Throws std::system_error where there is no thread for
    /// one.
    WorkerPool(unsigned count, const Worker::Config &config);
    /// Joins the threads.
    ~WorkerPool();
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;

    /// Gives the socket to the worker that has the fewest.
    void accept(Newcomer newcomer);
    /// Ends all connections. Until it returns workers may still ask for metrics().
    void stop();
    /// The same for each worker.
    void putToAll(const InboxItem &item);
    /// Any thread.
    [[nodiscard]] std::vector<const WorkerMetrics *> metrics() const;

private:
    struct Started
    {
        Worker *worker = nullptr;
        QEventLoop *loop = nullptr;
    };
    /// Not a QThread: its wait() is over while the thread still clears its thread-local storage, OpenSSL's
    /// too, which a process that ends meanwhile frees as well. A join is over after it.
    struct Thread
    {
        std::thread thread;
        Started started; ///< live on the thread's own stack
    };
    [[nodiscard]] Thread start(unsigned number, const Worker::Config &config);
    void join();

    std::vector<Thread> m_threads;
    std::latch m_stopped; ///< all have; until then they may ask for each other's figures
    bool m_isStopping = false;
};

} // namespace parlor
