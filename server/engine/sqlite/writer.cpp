// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/writer.h"

#include "server/engine/erasure.h"

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

Writer::Writer(Database &database, const RetentionLimits &retention, WallClock clock, StoreLog &log,
               const Limits &limits)
    : m_limits(limits)
    , m_clock(std::move(clock))
    , m_log(log)
    , m_database(database)
    , m_retention(retention)
{
}

Writer::~Writer()
{
    stop();
}

Problem Writer::prepare()
{
    m_store = std::make_unique<StoreWriter>(m_database);
    if (auto problem = m_store->prepare())
        return problem;
    const std::string path = m_database.path();
    m_files = {FileWatch(path), FileWatch(path + "-wal")};
    return {};
}

void Writer::start(MessageStore::Listener &listener)
{
    m_listener = &listener;
    m_nextUpkeep = std::chrono::steady_clock::now();
    m_thread = std::thread([this] { run(); });
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

MessageStore::Accepted Writer::push(Post &&post)
{
    const std::size_t bytes = post.request.content.size();
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return MessageStore::Accepted::Stopping;
        if (m_waiting.load(std::memory_order_relaxed) >= m_limits.waiting ||
            m_waitingBytes + bytes > m_limits.waitingBytes) {
            m_figures.refused.fetch_add(1, std::memory_order_relaxed);
            return MessageStore::Accepted::No;
        }
        m_waitingBytes += bytes;
        m_queue.push_back(std::move(post));
        m_waiting.fetch_add(1, std::memory_order_relaxed);
    }
    m_unflushed.store(true);
    return MessageStore::Accepted::Yes;
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

bool Writer::call(std::function<Problem(Problem unusable)> work)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return false;
        m_calls.push_back(std::move(work));
        m_waiting.fetch_add(1);
        m_flushed = true;
    }
    m_wake.notify_one();
    return true;
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
        std::vector<std::function<Problem(Problem unusable)>> calls;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_until(lock, m_nextUpkeep, [this] { return m_flushed || m_stopping; });
            m_flushed = false;
            posts.swap(m_queue);
            bytes = m_waitingBytes; // all that wait: the former ones are committed
            calls.swap(m_calls);
            if (m_stopping && posts.empty() && calls.empty())
                break;
        }
        for (std::size_t at = 0; at < posts.size(); at += kMostTogether)
            commit(std::span(posts).subspan(at, std::min(kMostTogether, posts.size() - at)));
        posts.clear();
        for (const auto &each : calls) {
            if (const Problem problem = each(whyUnusable()); problem.isDamage())
                giveUp(problem);
        }
        m_waiting.fetch_sub(calls.size());
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
    const Problem problem = write(posts);
    if (problem.isDamage())
        giveUp(problem);
    m_log.note(StoreLog::Activity::Writing, problem, m_clock());
    if (!problem) {
        observe(std::chrono::steady_clock::now() - begin);
        m_figures.messages.fetch_add(posts.size(), std::memory_order_relaxed);
        m_listener->onKept(posts);
    } else {
        m_figures.failures.fetch_add(1, std::memory_order_relaxed);
        m_listener->onRefused(posts);
    }
    m_waiting.fetch_sub(posts.size());
}

/// All of them, or none.
Problem Writer::write(std::span<Post> posts)
{
    m_cursors.clear();
    const auto now = m_clock();
    Problem problem = m_store->begin();
    for (auto post = posts.begin(); post != posts.end() && !problem; ++post) {
        problem = write(*post, now);
        if (!problem && !m_store->isInTransaction()) // what follows would be committed one by one
            problem = {SQLITE_ABORT, "the transaction was ended"};
    }
    if (!problem) // as late as can be: what is committed must be there for the next start
        problem = whyUnusable();
    if (!problem)
        problem = m_store->commit();
    if (problem)
        m_store->rollback();
    return problem;
}

Problem Writer::write(Post &post, std::chrono::milliseconds now)
{
    const std::string &room = *post.request.room;
    post.duplicateOf.reset();
    post.refusal.reset();
    const auto [at, isNew] = m_cursors.try_emplace(room);
    Cursor &cursor = at->second;
    if (isNew) {
        cursor.next = m_listener->announcedTop(post) + 1;
        if (Problem problem = m_store->findRoom(room, cursor.row))
            return problem;
    }
    if (cursor.row == 0 && !post.request.erasure) {
        if (Problem problem = m_store->addRoom(room, cursor.row))
            return problem;
    }
    post.entry = History::compose(room, post.caller, post.request, cursor.next, now);
    if (!post.request.cid.empty()) {
        Problem problem = m_store->addResend(cursor.row, post.caller.identity->user(), post.request.cid,
                                             post.entry, post.duplicateOf);
        if (problem || post.duplicateOf)
            return problem;
    }
    if (post.request.erasure) {
        Problem problem = erase(post, cursor.row);
        if (problem || post.refusal || post.duplicateOf)
            return problem;
    }
    Problem problem = m_store->addMessage(cursor.row, post.entry);
    if ((problem.code & 0xFF) == SQLITE_CONSTRAINT) {
        problem.text = "another program has written the message " + std::to_string(cursor.next) +
                       " of the room \"" + room + "\"; end that program, and start the server again";
        giveUp(problem);
    }
    ++cursor.next;
    return problem;
}

/// The message that is named becomes a tombstone; of another outcome the post tells.
Problem Writer::erase(Post &post, std::int64_t room)
{
    const auto &erasure = *post.request.erasure;
    std::optional<HistoryRing::Entry> target;
    if (Problem problem = m_store->findMessage(room, erasure.target.seq, target))
        return problem;
    auto [refusal, duplicateOf] = erasure::judge(target ? &*target : nullptr, post.caller, erasure);
    post.refusal = std::move(refusal);
    post.duplicateOf = duplicateOf;
    if (post.refusal || post.duplicateOf)
        return {};
    const auto left = erasure::tombstone(target->frame, post.entry.frame);
    return left ? m_store->replaceFrame(room, erasure.target.seq, *left) : Problem();
}

void Writer::giveUp(const Problem &problem)
{
    const std::lock_guard lock(m_mutex);
    if (m_gaveUp.load())
        return;
    m_whyGaveUp = problem;
    m_gaveUp.store(true);
}

bool Writer::isDamaged() const
{
    return m_gaveUp.load() && m_whyGaveUp.isDamage();
}

/// That it was moved away SQLite looks at only for its other journals.
Problem Writer::whyUnusable() const
{
    if (m_gaveUp.load())
        return m_whyGaveUp;
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

void Writer::upkeep()
{
    const auto begin = std::chrono::steady_clock::now();
    const Problem unusable = whyUnusable();
    const bool isBack = m_log.problem(StoreLog::Activity::Writing).code == SQLITE_READONLY_DBMOVED;
    if (unusable || isBack) // also told while nobody says anything
        m_log.note(StoreLog::Activity::Writing, unusable, m_clock());
    if (unusable) { // it may be somebody's copy by now
        m_nextUpkeep = begin + kUpkeepInterval;
        return;
    }
    const Retention::Step step = m_retention.step(*m_store, m_clock());
    if (step.problem.isDamage())
        giveUp(step.problem);
    if (step.problem)
        m_figures.retentionFailures.fetch_add(1, std::memory_order_relaxed);
    m_log.note(StoreLog::Activity::Dropping, step.problem, m_clock());
    m_log.tell(StoreLog::Activity::Writing, m_clock());
    for (const Retention::Dropped &dropped : step.dropped) {
        m_figures.dropped.fetch_add(dropped.count, std::memory_order_relaxed);
        m_droppedUntold += dropped.count;
        m_listener->onDropped(dropped.room, dropped.floor);
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

void Writer::tellDropped()
{
    if (m_droppedUntold == 0)
        return;
    m_droppedToldAt = m_clock();
    m_log.dropped(std::exchange(m_droppedUntold, 0));
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
