// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/messagestore.h"
#include "server/engine/sqlite/filewatch.h"
#include "server/engine/sqlite/retention.h"
#include "server/engine/sqlite/storelog.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace parlor::sqlite {

/// One thread that commits together whatever came while it committed. Its queue is bounded: whoever publishes
/// faster than the disk can write is refused. push() and flush() from any thread.
class Writer
{
public:
    struct Limits
    {
        std::size_t waiting = 10'000; ///< messages
        std::size_t waitingBytes = 16ULL << 20;
    };

    Writer(Database &database, const RetentionLimits &retention, WallClock clock, StoreLog &log,
           const Limits &limits);
    ~Writer();
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    [[nodiscard]] Problem prepare();
    /// After prepare().
    void start(MessageStore::Listener &listener);
    /// Commits what was accepted, and ends the thread and its statements.
    void stop();

    /// It is committed after flush(). Where it is not accepted it is left as it is.
    [[nodiscard]] MessageStore::Accepted push(Post &&post);
    void flush();
    /// Between two commits, on the writing thread: it is told why nothing may be written, and says what went
    /// wrong. False: the writer has been stopped.
    [[nodiscard]] bool call(std::function<Problem(Problem unusable)> work);
    /// Until there is nothing to commit.
    void waitUntilIdle();
    [[nodiscard]] bool isIdle() const { return m_waiting.load() == 0; }
    /// Nothing is written any more until the next start. Any thread; the first reason stays.
    void giveUp(const Problem &problem);
    [[nodiscard]] bool isDamaged() const;
    void addTo(StoreFigures &figures) const;

private:
    void run();
    void commit(std::span<Post> posts);
    [[nodiscard]] Problem write(std::span<Post> posts);
    [[nodiscard]] Problem write(Post &post, std::chrono::milliseconds now);
    [[nodiscard]] Problem erase(Post &post, std::int64_t room);
    [[nodiscard]] Problem whyUnusable() const;
    void upkeep();
    void tellDropped();
    void observe(std::chrono::nanoseconds took);

    const Limits m_limits;
    const WallClock m_clock;
    StoreLog &m_log;
    MessageStore::Listener *m_listener = nullptr; ///< from start() on
    Database &m_database;
    std::unique_ptr<StoreWriter> m_store;
    std::vector<FileWatch> m_files; ///< the database and its log
    Retention m_retention;
    std::chrono::steady_clock::time_point m_nextUpkeep{};
    struct Cursor
    {
        std::int64_t row = 0;
        std::uint64_t next = 0; ///< the next message's number
    };
    std::unordered_map<std::string_view, Cursor> m_cursors; ///< of the transaction's rooms
    std::chrono::nanoseconds m_roundTook{0};                ///< of upkeep, so far
    std::uint64_t m_droppedUntold = 0;
    std::optional<std::chrono::milliseconds> m_droppedToldAt{};

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::vector<Post> m_queue;
    std::vector<std::function<Problem(Problem unusable)>> m_calls;
    std::size_t m_waitingBytes = 0; ///< contents of what is not committed yet
    bool m_flushed = false;
    bool m_stopping = false;
    std::atomic<bool> m_unflushed{false};
    std::atomic<bool> m_gaveUp{false};
    Problem m_whyGaveUp{}; ///< once m_gaveUp is set
    std::atomic<std::size_t> m_waiting{0};
    std::thread m_thread;

    struct Figures
    {
        std::atomic<std::uint64_t> commits{0};
        std::atomic<std::uint64_t> messages{0};
        std::atomic<std::uint64_t> failures{0};
        std::atomic<std::uint64_t> retentionFailures{0};
        std::atomic<std::uint64_t> refused{0};
        std::atomic<std::uint64_t> dropped{0};
        std::array<std::atomic<std::uint64_t>, StoreFigures::kCommitBoundsSeconds.size() + 1> buckets{};
        std::atomic<std::uint64_t> nanoseconds{0};
    };
    Figures m_figures;
};

} // namespace parlor::sqlite
