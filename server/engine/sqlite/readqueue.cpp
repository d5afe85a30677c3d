// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/readqueue.h"

#include <utility>

namespace parlor::sqlite {

void ReadQueue::start()
{
    m_thread = std::thread([this] { run(); });
}

void ReadQueue::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_jobs.clear();
        m_later.clear();
    }
    m_wake.notify_one();
    m_idle.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    m_reader = {};
}

void ReadQueue::push(Job job)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return;
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
}

void ReadQueue::pushAfter(std::chrono::milliseconds pause, Job job)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return;
        m_later.emplace(std::chrono::steady_clock::now() + pause, std::move(job));
    }
    m_wake.notify_one();
}

void ReadQueue::waitUntilIdle()
{
    std::unique_lock lock(m_mutex);
    m_idle.wait(lock, [this] { return m_stopping || (m_jobs.empty() && !m_running); });
}

/// Until there is a job, or the end.
void ReadQueue::wait(std::unique_lock<std::mutex> &lock)
{
    while (true) {
        const auto now = std::chrono::steady_clock::now();
        while (!m_later.empty() && m_later.begin()->first <= now)
            m_jobs.push_back(std::move(m_later.extract(m_later.begin()).mapped()));
        if (m_stopping || !m_jobs.empty())
            return;
        if (m_later.empty())
            m_wake.wait(lock);
        else
            m_wake.wait_until(lock, m_later.begin()->first);
    }
}

void ReadQueue::run()
{
    std::unique_lock lock(m_mutex);
    while (true) {
        wait(lock);
        if (m_stopping)
            return;
        const Job job = std::move(m_jobs.front());
        m_jobs.pop_front();
        m_running = true;
        lock.unlock();
        if (!job.isAbandoned || !job.isAbandoned()) {
            m_count.fetch_add(1, std::memory_order_relaxed);
            job.read(m_reader);
        }
        lock.lock();
        m_running = false;
        if (m_jobs.empty())
            m_idle.notify_all();
    }
}

} // namespace parlor::sqlite
