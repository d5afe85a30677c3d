// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/lockedroom.h"
#include "server/engine/sqlite/filewatch.h"
#include "server/engine/sqlite/retention.h"
#include "server/engine/sqlite/store.h"
#include "server/engine/sqlite/trouble.h"
#include "server/engine/storefigures.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace parlor::sqlite {

/// A message on its way into the store. Its room is pinned.
struct Post
{
    RoomPointer room;
    Caller caller;
    PublishRequest request;
    HistoryRing::Entry entry{};                 ///< once it has a number …
    std::optional<Room::Receipt> duplicateOf{}; ///< … or what it was the first time
};

/// Who hears what became of messages. On the writer's thread.
class CommitListener
{
public:
    /// All of them are on the disk, as far as the store's durability goes. In the order of their numbers.
    virtual void onCommitted(std::span<Post> posts) = 0;
    /// None of them is; no number is used.
    virtual void onRefused(std::span<Post> posts) = 0;
    virtual void onDropped(const Retention::Dropped &dropped) = 0;
    /// So many messages since it was last told; at most once a minute, and at the end.
    virtual void onDroppedInAll(std::uint64_t messages) = 0;
    /// The store has messages of this room that it does not know, up to `top`: the next one comes after them.
    virtual void onBehind(LockedRoom &room, std::uint64_t top) = 0;
    enum class Activity : std::uint8_t { Writing, Dropping };
    /// It began to fail, with the reason, or recovered; not told more often than people can read it.
    virtual void onStoreState(Activity activity, const Problem &problem) = 0;

protected:
    ~CommitListener() = default;
};

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

    Writer(Database &database, const RetentionLimits &retention, WallClock clock, CommitListener &listener,
           const Limits &limits);
    ~Writer();
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    [[nodiscard]] Problem start();
    /// Commits what was accepted, and ends the thread and its statements.
    void stop();

    enum class Pushed : std::uint8_t {
        Taken, ///< it is committed after flush()
        Full,
        Stopping,
    };
    /// Where it is not taken it is left as it is.
    [[nodiscard]] Pushed push(Post &&post);
    void flush();
    /// Until there is nothing to commit.
    void waitUntilIdle();
    [[nodiscard]] bool isIdle() const { return m_waiting.load() == 0; }
    /// The database is damaged: whatever can still be written need not be found again, so nothing is written
    /// any more. Any thread.
    void noteDamage(const Problem &problem);
    [[nodiscard]] bool isDamaged() const { return m_isDamaged.load(); }
    void addTo(StoreFigures &figures) const;

private:
    void run();
    void commit(std::span<Post> posts);
    [[nodiscard]] Problem write(std::span<Post> posts, LockedRoom *&culprit);
    [[nodiscard]] Problem write(Post &post, std::chrono::milliseconds now);
    [[nodiscard]] Problem whyUnusable() const;
    [[nodiscard]] bool isBehind(LockedRoom &room);
    void upkeep();
    void report(CommitListener::Activity activity, const Problem &problem);
    void tell(CommitListener::Activity activity);
    void tellDropped();
    void observe(std::chrono::nanoseconds took);

    const Limits m_limits;
    const WallClock m_clock;
    CommitListener &m_listener;
    Database &m_database;
    std::unique_ptr<StoreWriter> m_store;
    std::vector<FileWatch> m_files; ///< the database, its log, and what keeps other servers away
    Retention m_retention;
    std::chrono::steady_clock::time_point m_nextUpkeep{};
    std::vector<LockedRoom *> m_newRooms;    ///< of the transaction
    std::chrono::nanoseconds m_roundTook{0}; ///< of upkeep, so far
    std::array<Trouble, 2> m_troubles{};     ///< by Activity
    std::uint64_t m_droppedUntold = 0;
    std::optional<std::chrono::milliseconds> m_droppedToldAt{};

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::vector<Post> m_queue;
    std::size_t m_waitingBytes = 0; ///< contents of what is not committed yet
    bool m_flushed = false;
    bool m_stopping = false;
    std::atomic<bool> m_unflushed{false};
    std::atomic<bool> m_isDamaged{false};
    Problem m_damage{}; ///< from then on
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
