// SPDX-License-Identifier: MIT
#include "server/workerpool.h"

#include <algorithm>

namespace parlor {

WorkerPool::WorkerPool(unsigned count, const Worker::Config &config)
{
    for (unsigned i = 0; i < count; ++i) {
        Thread &made = m_threads.emplace_back(std::make_unique<QThread>(), std::make_unique<Worker>(config));
        made.thread->setObjectName(QStringLiteral("worker %1").arg(i));
        made.worker->moveToThread(made.thread.get());
        QObject::connect(
            made.thread.get(), &QThread::finished, made.thread.get(),
            [this] { m_ended.fetch_add(1, std::memory_order_release); }, Qt::DirectConnection);
        made.thread->start();
        QMetaObject::invokeMethod(made.worker.get(), &Worker::start, Qt::BlockingQueuedConnection);
    }
}

WorkerPool::~WorkerPool()
{
    for (Thread &each : m_threads)
        QMetaObject::invokeMethod(each.worker.get(), &Worker::stop, Qt::BlockingQueuedConnection);
    for (Thread &each : m_threads) {
        each.thread->quit();
        each.thread->wait();
    }
    (void)m_ended.load(std::memory_order_acquire);
}

void WorkerPool::accept(AcceptedSocket socket)
{
    const auto least =
        std::min_element(m_threads.begin(), m_threads.end(), [](const Thread &a, const Thread &b) {
            return a.worker->load() < b.worker->load();
        });
    least->worker->accept(std::move(socket));
}

void WorkerPool::putToAll(const InboxItem &item)
{
    for (Thread &each : m_threads)
        each.worker->inbox().put(item);
}

std::vector<const WorkerMetrics *> WorkerPool::metrics() const
{
    std::vector<const WorkerMetrics *> all;
    for (const Thread &each : m_threads)
        all.push_back(&each.worker->workerMetrics());
    return all;
}

} // namespace parlor
