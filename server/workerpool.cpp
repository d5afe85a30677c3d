// SPDX-License-Identifier: MIT
#include "server/workerpool.h"

#include <QEventLoop>

#include <pthread.h>

#include <algorithm>
#include <future>
#include <string>
#include <system_error>

namespace parlor {

WorkerPool::WorkerPool(unsigned count, const Worker::Config &config)
{
    for (unsigned i = 0; i < count; ++i)
        m_threads.push_back(start(i, config));
}

WorkerPool::Thread WorkerPool::start(unsigned number, const Worker::Config &config)
{
    std::promise<Started> promise;
    std::future<Started> started = promise.get_future();
    try {
        std::thread thread([number, &config, promise = std::move(promise)]() mutable {
            ::pthread_setname_np(::pthread_self(), ("worker " + std::to_string(number)).c_str());
            QEventLoop loop; // first: what the worker starts is watched by this thread's dispatcher
            Worker worker(config);
            worker.start();
            promise.set_value({&worker, &loop});
            loop.exec();
        });
        return {std::move(thread), started.get()};
    } catch (const std::system_error &error) {
        qFatal("cannot start a worker: no thread for it (%s)", error.what());
    }
}

WorkerPool::~WorkerPool()
{
    for (const Thread &each : m_threads)
        QMetaObject::invokeMethod(each.started.worker, &Worker::stop, Qt::BlockingQueuedConnection);
    for (Thread &each : m_threads) { // nobody puts anything into an inbox any more
        QMetaObject::invokeMethod(each.started.loop, &QEventLoop::quit, Qt::QueuedConnection);
        each.thread.join();
    }
}

void WorkerPool::accept(AcceptedSocket socket)
{
    const auto least =
        std::min_element(m_threads.begin(), m_threads.end(), [](const Thread &a, const Thread &b) {
            return a.started.worker->load() < b.started.worker->load();
        });
    least->started.worker->accept(std::move(socket));
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
