// SPDX-License-Identifier: MIT
#include "server/workerpool.h"

#include <QEventLoop>

#include <pthread.h>

#include <algorithm>
#include <future>
#include <string>
#include <utility>

namespace parlor {

WorkerPool::WorkerPool(unsigned count, const Worker::Config &config)
    : m_stopped(count)
{
    try {
        for (unsigned i = 0; i < count; ++i)
            m_threads.push_back(start(i, config));
    } catch (...) {
        m_stopped.count_down(static_cast<std::ptrdiff_t>(count - m_threads.size()));
        stop();
        join();
        throw;
    }
}

WorkerPool::Thread WorkerPool::start(unsigned number, const Worker::Config &config)
{
    std::promise<Started> promise;
    std::future<Started> started = promise.get_future();
    std::thread thread([this, number, &config, promise = std::move(promise)]() mutable {
        ::pthread_setname_np(::pthread_self(), ("worker " + std::to_string(number)).c_str());
        QEventLoop loop; // first: what the worker starts is watched by this thread's dispatcher
        Worker worker(config);
        worker.start();
        promise.set_value({&worker, &loop});
        loop.exec();
        worker.stop();
        m_stopped.arrive_and_wait();
    });
    return {std::move(thread), started.get()};
}

WorkerPool::~WorkerPool()
{
    stop();
    join();
}

void WorkerPool::stop()
{
    if (!std::exchange(m_isStopping, true)) {
        for (const Thread &each : m_threads)
            QMetaObject::invokeMethod(each.started.loop, &QEventLoop::quit, Qt::QueuedConnection);
    }
    m_stopped.wait();
}

/// They have stopped: nobody puts anything into an inbox any more.
void WorkerPool::join()
{
    for (Thread &each : m_threads)
        each.thread.join();
}

void WorkerPool::accept(Newcomer newcomer)
{
    const auto least =
        std::min_element(m_threads.begin(), m_threads.end(), [](const Thread &a, const Thread &b) {
            return a.started.worker->load() < b.started.worker->load();
        });
    least->started.worker->accept(std::move(newcomer));
}

void WorkerPool::putToAll(const InboxItem &item)
{
    for (const Thread &each : m_threads)
        each.started.worker->inbox().put(item);
}

std::vector<const WorkerMetrics *> WorkerPool::metrics() const
{
    std::vector<const WorkerMetrics *> all;
    for (const Thread &each : m_threads)
        all.push_back(&each.started.worker->workerMetrics());
    return all;
}

} // namespace parlor
