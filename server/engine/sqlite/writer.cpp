// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace parlor::sqlite {

namespace {

/// One commit's messages: a publisher waits for all that are committed with its own.
constexpr std::size_t kMostTogether = 512;
constexpr std::chrono::seconds kUpkeepInterval{1};
/// A round over very many rooms takes a tenth of the thread's time at most.
constexpr int kUpkeepPause = 9;
constexpr std::chrono::minutes kTellDroppedInterval{1};

} // namespace

Writer::Writer(Database &database, const RetentionLimits &retention, WallClock clock,
               CommitListener &listener, const Limits &limits)
    : m_limits(limits)
    , m_clock(std::move(clock))
    , m_listener(listener)
    , m_database(database)
    , m_retention(retention)
{
}

Writer::~Writer()
{
    stop();
}

Problem Writer::start()
{
    m_store = std::make_unique<StoreWriter>(m_database);
    if (auto problem = m_store->prepare())
        return problem;
    const std::string path = m_database.path();
    m_files = {FileWatch(path), FileWatch(path + "-wal"), FileWatch(path + ".lock")};
    m_nextUpkeep = std::chrono::steady_clock::now();
    m_thread = std::thread([this] { run(); });
    return {};
}

void Writer::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
    m_store.reset();
}

Writer::Pushed Writer::push(Post &&post)
{
    const std::size_t bytes = post.request.content.size();
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return Pushed::Stopping;
        if (m_waiting.load(std::memory_order_relaxed) >= m_limits.waiting ||
            m_waitingBytes + bytes > m_limits.waitingBytes) {
            m_figures.refused.fetch_add(1, std::memory_order_relaxed);
            return Pushed::Full;
        }
        m_waitingBytes += bytes;
        m_queue.push_back(std::move(post));
        m_waiting.fetch_add(1, std::memory_order_relaxed);
    }
    m_unflushed.store(true);
    return Pushed::Taken;
}

void Writer::flush()
{
    if (!m_unflushed.load(std::memory_order_relaxed) || !m_unflushed.exchange(false))
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_flushed = true;
    }
    m_wake.notify_one();
}

void Writer::waitUntilIdle()
{
    std::unique_lock lock(m_mutex);
    m_idle.wait(lock, [this] { return isIdle() || m_stopping; });
}

void Writer::run()
{
    std::vector<Post> posts;
    while (true) {
        std::size_t bytes = 0;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_until(lock, m_nextUpkeep, [this] { return m_flushed || m_stopping; });
            m_flushed = false;
            posts.swap(m_queue);
            bytes = m_waitingBytes; // all that wait: the former ones are committed
            if (m_stopping && posts.empty())
                break;
        }
        for (std::size_t at = 0; at < posts.size(); at += kMostTogether)
            commit(std::span(posts).subspan(at, std::min(kMostTogether, posts.size() - at)));
        posts.clear();
        {
            const std::lock_guard lock(m_mutex);
            m_waitingBytes -= bytes;
            if (isIdle())
                m_idle.notify_all();
        }
        if (std::chrono::steady_clock::now() >= m_nextUpkeep)
            upkeep();
    }
    tellDropped();
}

void Writer::commit(std::span<Post> posts)
{
    const auto begin = std::chrono::steady_clock::now();
    LockedRoom *culprit = nullptr;
    Problem problem = write(posts, culprit);
    // Once for each room at most: it is not behind again.
    while ((problem.code & 0xFF) == SQLITE_CONSTRAINT && isBehind(*culprit))
        problem = write(posts, culprit);
    if (problem.isDamage())
        noteDamage(problem);
    report(CommitListener::Activity::Writing, problem);
    if (!problem) {
        observe(std::chrono::steady_clock::now() - begin);
        m_figures.messages.fetch_add(posts.size(), std::memory_order_relaxed);
        m_listener.onCommitted(posts);
    } else {
        m_figures.failures.fetch_add(1, std::memory_order_relaxed);
        m_listener.onRefused(posts);
    }
    m_waiting.fetch_sub(posts.size());
}

/// All of them, or none; the culprit is the room of the one that failed.
Problem Writer::write(std::span<Post> posts, LockedRoom *&culprit)
{
    m_newRooms.clear();
    for (Post &post : posts)
        post.room->nextSeq = post.room->room.seq() + 1;
    const auto now = m_clock();
    Problem problem = m_store->begin();
    for (auto post = posts.begin(); post != posts.end() && !problem; ++post) {
        culprit = post->room.get();
        problem = write(*post, now);
        if (!problem && !m_store->isInTransaction()) // what follows would be committed one by one
            problem = {SQLITE_ABORT, "the transaction was ended"};
    }
    if (!problem) // as late as can be: what is committed must be there for the next start
        problem = whyUnusable();
    if (!problem)
        problem = m_store->commit();
    if (problem) {
        m_store->rollback();
        for (LockedRoom *room : m_newRooms)
            room->storeRow.store(0, std::memory_order_relaxed);
    }
    return problem;
}

Problem Writer::write(Post &post, std::chrono::milliseconds now)
{
    LockedRoom &room = *post.room;
    post.duplicateOf.reset();
    std::int64_t row = room.storeRow.load(std::memory_order_relaxed);
    if (row == 0) {
        if (Problem problem = m_store->addRoom(*room.room.name(), room.room.epoch(), row))
            return problem;
        room.storeRow.store(row, std::memory_order_relaxed);
        m_newRooms.push_back(&room);
    }
    post.entry = Room::compose(*room.room.name(), post.caller, post.request, room.nextSeq, now);
    if (!post.request.cid.empty()) {
        Problem problem = m_store->addResend(row, post.caller.identity->user(), post.request.cid, post.entry,
                                             post.duplicateOf);
        if (problem || post.duplicateOf)
            return problem;
    }
    ++room.nextSeq;
    return m_store->addMessage(row, post.entry);
}

void Writer::noteDamage(const Problem &problem)
{
    const std::lock_guard lock(m_mutex);
    if (m_isDamaged.load())
        return;
    m_damage = problem;
    m_isDamaged.store(true);
}

/// That it was moved away SQLite looks at only for its other journals.
Problem Writer::whyUnusable() const
{
    if (isDamaged())
        return m_damage;
    const auto away = std::ranges::find_if(m_files, &FileWatch::isAway);
    if (away == m_files.end())
        return {};
    const bool isDatabase = away == m_files.begin(); // the log's contents get into it at the end
    return {SQLITE_READONLY_DBMOVED,
            away->path() + " was removed or replaced while the server uses it; stop the server, " +
                (isDatabase ? "put the file back, or a backup without " + away->path() + "-wal and " +
                                  away->path() + "-shm, and start it again"
                            : "and start it again")};
}

/// Somebody else wrote into this room: whether there was something to learn from the store.
bool Writer::isBehind(LockedRoom &room)
{
    StoreWriter::Top top;
    if (m_store->topOf(*room.room.name(), top) || top.row == 0)
        return false;
    const bool isNewRow = room.storeRow.exchange(top.row, std::memory_order_relaxed) != top.row;
    const bool isHigher = top.seq > room.room.seq();
    if (isHigher)
        m_listener.onBehind(room, top.seq);
    return isNewRow || isHigher;
}

void Writer::upkeep()
{
    const auto begin = std::chrono::steady_clock::now();
    const Problem unusable = whyUnusable();
    const int known = m_troubles[static_cast<std::size_t>(CommitListener::Activity::Writing)].problem().code;
    if (unusable || known == SQLITE_READONLY_DBMOVED) // also told while nobody says anything
        report(CommitListener::Activity::Writing, unusable);
    if (unusable) { // it may be somebody's copy by now
        m_nextUpkeep = begin + kUpkeepInterval;
        return;
    }
    const Retention::Step step = m_retention.step(*m_store, m_clock());
    if (step.problem.isDamage())
        noteDamage(step.problem);
    if (step.problem)
        m_figures.retentionFailures.fetch_add(1, std::memory_order_relaxed);
    report(CommitListener::Activity::Dropping, step.problem);
    tell(CommitListener::Activity::Writing);
    for (const Retention::Dropped &dropped : step.dropped) {
        m_figures.dropped.fetch_add(dropped.count, std::memory_order_relaxed);
        m_droppedUntold += dropped.count;
        m_listener.onDropped(dropped);
    }
    const auto end = std::chrono::steady_clock::now();
    m_roundTook += end - begin;
    m_nextUpkeep = end;
    if (step.more) // at once, but behind what is to be committed
        return;
    if (!m_droppedToldAt || std::chrono::abs(m_clock() - *m_droppedToldAt) >= kTellDroppedInterval)
        tellDropped();
    m_nextUpkeep += std::max<std::chrono::nanoseconds>(kUpkeepInterval, kUpkeepPause * m_roundTook);
    m_roundTook = {};
}

void Writer::report(CommitListener::Activity activity, const Problem &problem)
{
    m_troubles[static_cast<std::size_t>(activity)].note(problem);
    tell(activity);
}

void Writer::tell(CommitListener::Activity activity)
{
    if (const auto news = m_troubles[static_cast<std::size_t>(activity)].news(m_clock()))
        m_listener.onStoreState(activity, news->problem);
}

void Writer::tellDropped()
{
    if (m_droppedUntold == 0)
        return;
    m_droppedToldAt = m_clock();
    m_listener.onDroppedInAll(std::exchange(m_droppedUntold, 0));
}

void Writer::observe(std::chrono::nanoseconds took)
{
    const auto &bounds = StoreFigures::kCommitBoundsSeconds;
    const auto bound = std::ranges::lower_bound(bounds, std::chrono::duration<double>(took).count());
    m_figures.buckets[static_cast<std::size_t>(bound - bounds.begin())].fetch_add(1,
                                                                                  std::memory_order_relaxed);
    m_figures.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
    m_figures.commits.fetch_add(1, std::memory_order_relaxed);
}

void Writer::addTo(StoreFigures &figures) const
{
    figures.commits = m_figures.commits.load(std::memory_order_relaxed);
    figures.messages = m_figures.messages.load(std::memory_order_relaxed);
    figures.failures = m_figures.failures.load(std::memory_order_relaxed);
    figures.retentionFailures = m_figures.retentionFailures.load(std::memory_order_relaxed);
    figures.refused = m_figures.refused.load(std::memory_order_relaxed);
    figures.dropped = m_figures.dropped.load(std::memory_order_relaxed);
    figures.waiting = m_waiting.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < figures.commitBuckets.size(); ++i)
        figures.commitBuckets[i] = m_figures.buckets[i].load(std::memory_order_relaxed);
    figures.commitSeconds = static_cast<double>(m_figures.nanoseconds.load(std::memory_order_relaxed)) / 1e9;
}

} // namespace parlor::sqlite
