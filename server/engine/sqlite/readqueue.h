// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/tables.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace parlor::sqlite {

/// One thread that reads the store for all. push() from any thread.
class ReadQueue
{
public:
    struct Job
    {
        std::function<void(StoreReader &reader)> read;
        /// Asked when its turn has come; true: nobody waits for it any more, and it is not read.
        std::function<bool()> isAbandoned{};
    };

    ~ReadQueue() { stop(); }

    [[nodiscard]] Problem open(const std::string &path) { return m_reader.open(path); }
    void start();
    /// Jobs that have not begun are dropped.
    void stop();
    void push(Job job);
    void pushAfter(std::chrono::milliseconds pause, Job job);
    /// Until there is nothing to read, but for what has its pause.
    void waitUntilIdle();
    [[nodiscard]] std::uint64_t count() const { return m_count.load(std::memory_order_relaxed); }

private:
    void run();
    void wait(std::unique_lock<std::mutex> &lock);

    StoreReader m_reader;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::deque<Job> m_jobs;
    std::multimap<std::chrono::steady_clock::time_point, Job> m_later;
    bool m_running = false;
    bool m_stopping = false;
    std::atomic<std::uint64_t> m_count{0};
    std::thread m_thread;
};

} // namespace parlor::sqlite
