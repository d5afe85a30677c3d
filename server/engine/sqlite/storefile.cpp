// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/storefile.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace parlor::sqlite {

namespace {

/// What the log keeps of its size: as long as somebody reads an old state, for a backup, it grows.
constexpr std::int64_t kLogBytes = 64LL << 20;
/// States of the database in the lock file. One that is closed and has no log has the time of its last
/// change.
constexpr const char *kInUse = "in use";
constexpr const char *kClosedWithLog = "closed with its log";
constexpr const char *kDamaged = "damaged";

std::string about(const std::string &path, const std::string &why)
{
    return "cannot use the store " + path + ": " + why;
}

std::string systemError()
{
    return std::strerror(errno);
}

std::string inodeOf(const std::string &path)
{
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? std::to_string(status.st_ino) : std::string();
}

/// State of a database that is not open. The time of its last change is what no copy brings back (but a
/// snapshot of the whole file system or machine does).
std::string stateWhenClosed(const std::string &path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return {};
    struct stat status = {};
    // A loss of power must not bring an older time back.
    const bool isKnown = ::fsync(file) == 0 && ::fstat(file, &status) == 0;
    ::close(file);
    if (!isKnown)
        return {};
    return "closed " + std::to_string(status.st_ctim.tv_sec) + '.' + std::to_string(status.st_ctim.tv_nsec);
}

/// What the file says without the log beside it: a copy that was opened does not say so any more.
bool isUnopenedCopy(const std::string &path)
{
    Database file;
    std::string copied;
    return !file.open(path, OpenMode::Alone) && !readFact(file, fact::kCopied, copied) && !copied.empty();
}

/// The one name of the file, which is made if it is not there: a second server that comes by another one must
/// find the same lock. Nothing, or why not.
std::optional<std::string> makeCanonical(std::string &path)
{
    std::unique_ptr<char, decltype(&std::free)> name(::realpath(path.c_str(), nullptr), &std::free);
    if (!name) {
        // Messages are nobody else's; SQLite gives its other files the same mode.
        const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (made < 0)
            return systemError() + "; let the server read and write it, or give another path";
        ::close(made);
        name.reset(::realpath(path.c_str(), nullptr));
        if (!name)
            return systemError();
    }
    path = name.get();
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0)
        return systemError();
    if (!S_ISREG(status.st_mode))
        return "it is no file; give the path of one";
    if (status.st_nlink > 1)
        return "it has " + std::to_string(status.st_nlink) +
               " names (hard links), and a server that uses another one would not be noticed; remove the "
               "others (find -samefile lists them)";
    return std::nullopt;
}

/// Once it is known to be ours: a copy may have been put there that everybody can read.
void keepFromOthers(const std::string &path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
        (void)::chmod(path.c_str(), status.st_mode & 0700);
}

} // namespace

std::unique_ptr<StoreFile> StoreFile::open(const StoreConfig &config, std::string &why)
{
    std::unique_ptr<StoreFile> store(new StoreFile);
    store->m_path = config.path;
    store->m_bootId = config.bootId;
    store->m_drawToken = config.drawEpoch;
    std::optional<std::string> wrong = makeCanonical(store->m_path);
    if (!wrong)
        wrong = store->m_lock.lock(store->m_path + ".lock");
    const bool hadLog = !wrong && store->logBytes() != 0;
    if (!wrong) {
        store->m_watch = FileWatch(store->m_path);
        store->m_isAltered = store->isAltered();
        wrong = store->openDatabase(config.steps);
    }
    if (!wrong) {
        keepFromOthers(store->m_path);
        Problem problem = store->beginLog();
        if (!problem)
            problem = bringUpToDate(store->m_database, config.steps);
        if (!problem)
            problem = store->settleEpochs(config);
        if (!problem)
            problem = store->m_database.run("PRAGMA wal_autocheckpoint = 1000");
        // Only now: what tells an unclean end must itself be on the disk.
        if (!problem && config.durability == Durability::Normal)
            problem = store->m_database.run("PRAGMA synchronous = NORMAL");
        if (problem)
            wrong = problem.text + remedy(problem);
    }
    if (!wrong)
        return store;
    store->m_lock.removeIfNew();
    // Not even what the write-ahead log holds is moved into it, nor what this start has written there.
    const bool isStore = hadLog || (store->logBytes() != 0 && !store->m_lock.note().token.empty());
    if (isStore && store->m_database.isOpen())
        sqlite3_db_config(store->m_database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    why = about(config.path, *wrong);
    return nullptr;
}

std::optional<std::string> StoreFile::openDatabase(Steps steps)
{
    if (logBytes() != 0 && isUnopenedCopy(m_path))
        return "it is a copy that was put in place of another file, whose log is still beside it; delete " +
               m_path + "-wal and " + m_path + "-shm";
    const bool hadLog = logBytes() != 0;
    if (const Problem problem = m_database.open(m_path, OpenMode::Existing))
        return problem.text + remedy(problem);
    // A log over a file that it was not written for.
    std::string inode;
    const bool isSuspect = m_lock.note().state == kDamaged ||
                           (hadLog && !readFact(m_database, fact::kInode, inode) && inode != inodeOf(m_path));
    return whyNoStore(m_database, isSuspect ? Checking::Whole : Checking::WhatIsSmall, steps);
}

Problem StoreFile::beginLog()
{
    // Where it cannot have one SQLite only says which mode it keeps.
    if (m_database.text("PRAGMA journal_mode = WAL") != "wal") {
        const Problem problem = m_database.problem();
        return problem ? problem
                       : Problem{SQLITE_ERROR,
                                 "no write-ahead log can be kept beside it (a file system of the network, "
                                 "perhaps); give a path on a local disk"};
    }
    if (Problem problem = m_database.run("PRAGMA synchronous = FULL"))
        return problem;
    // Until the lock file says that it is in use the file stays as it is: the process may be killed.
    return m_database.run(
        ("PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = " + std::to_string(kLogBytes)).c_str());
}

/// Whether somebody else put something in place of what the last run left, with its lock file perhaps. Before
/// SQLite touches anything.
bool StoreFile::isAltered() const
{
    const LockFile::Note note = m_lock.note(m_bootId);
    const std::string &state = note.state;
    if (state.empty() || state == kDamaged)
        return false;
    // Each run began with a commit, and what was not closed has its log: older versions made no marks.
    if (state == kInUse)
        return note.hasMark ? note.isCopied : logBytes() == 0;
    // Whoever still reads may empty the log. That all of it is in the file then is told by the token, which
    // came last.
    return state != kClosedWithLog && state != stateWhenClosed(m_path);
}

Problem StoreFile::countCommitted()
{
    const std::int64_t count = m_database.number(
        "SELECT ifnull(sum(max(seq, ifnull((SELECT max(seq) FROM messages WHERE room = rooms.id), 0))), 0) "
        "FROM rooms");
    if (count < 0)
        return m_database.failure();
    m_committed = static_cast<std::uint64_t>(count);
    return {};
}

/// Positions of clients mean something as long as no acknowledged message can have been lost since: not after
/// a copy was put in place of the file, nor after the machine went down under a store that leaves writing to
/// the system.
Problem StoreFile::learnWhetherNew(const StoreConfig &config)
{
    std::string copied;
    std::string unclosed;
    std::string inode;
    std::string token;
    for (const auto &[name, value] : {std::pair(fact::kEpoch, &m_epoch), std::pair(fact::kCopied, &copied),
                                      std::pair(fact::kUnclosed, &unclosed), std::pair(fact::kInode, &inode),
                                      std::pair(fact::kToken, &token)}) {
        if (Problem problem = readFact(m_database, name, *value))
            return problem;
    }
    m_wasCopied = !copied.empty();
    if (Problem problem = countCommitted())
        return problem;
    const LockFile::Note note = m_lock.note();
    const bool isBehind = m_committed < note.mark;
    const bool isOurs = !token.empty() && (token == note.token || token == note.next);
    const bool isCopy = m_wasCopied || m_isAltered || isBehind || inode != inodeOf(m_path) || !isOurs;
    const bool isAnotherBoot = !unclosed.empty() && (config.bootId.empty() || unclosed != config.bootId);
    m_newEpochs = !m_epoch.empty() && (isCopy || isAnotherBoot);
    return {};
}

/// Whenever the process is killed the lock file has the token that the database has.
Problem StoreFile::commitWithToken()
{
    const Problem unwritten{SQLITE_IOERR, "its lock file cannot be written: "};
    const std::string token = m_drawToken();
    LockFile::Note note = m_lock.note();
    note.next = token;
    // A new lock file stays without: there is nothing to be lost. And one that may be a copy stays as it is
    // until the new epochs are committed: it tells the next start that it is one.
    const bool isOurs = !note.token.empty() && (m_isSettled || !m_newEpochs);
    if (isOurs && !m_lock.write(note))
        return {unwritten.code, unwritten.text + systemError()};
    Problem problem = writeFact(m_database, fact::kToken, token);
    if (!problem)
        problem = m_database.run("COMMIT");
    if (!problem && !m_lock.write({token, kInUse, {}, m_committed, true, m_bootId}))
        problem = {unwritten.code, unwritten.text + systemError()};
    return problem;
}

Problem StoreFile::emptyLog()
{
    const std::int64_t isHeld = m_database.number("PRAGMA wal_checkpoint(TRUNCATE)");
    if (isHeld < 0)
        return m_database.failure();
    return isHeld == 0 ? Problem() : Problem{SQLITE_BUSY, "its log cannot be emptied"};
}

Problem StoreFile::settleEpochs(const StoreConfig &config)
{
    if (Problem problem = learnWhetherNew(config))
        return problem;
    Problem problem = m_database.run("BEGIN IMMEDIATE");
    if (problem)
        return problem;
    if (m_epoch.empty() || m_newEpochs) {
        m_epoch = config.drawEpoch();
        problem = writeFact(m_database, fact::kEpoch, m_epoch);
        Statement renew;
        if (!problem)
            problem = renew.prepare(m_database, "UPDATE rooms SET epoch = ?");
        if (!problem && !renew.bind(1, m_epoch).execute())
            problem = m_database.problem();
    }
    if (!problem)
        problem = eraseFact(m_database, fact::kCopied);
    if (!problem)
        problem = writeFact(m_database, fact::kInode, inodeOf(m_path));
    if (!problem)
        problem = config.durability == Durability::Normal
                      ? writeFact(m_database, fact::kUnclosed, config.bootId.empty() ? "?" : config.bootId)
                      : eraseFact(m_database, fact::kUnclosed);
    if (!problem)
        problem = commitWithToken();
    if (problem)
        (void)m_database.run("ROLLBACK");
    else if (m_wasCopied) // before there is anything in its log that matters
        problem = emptyLog();
    m_isSettled = !problem;
    return problem;
}

std::uint64_t StoreFile::logBytes() const
{
    struct stat status = {};
    return ::stat((m_path + "-wal").c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

StoreFile::~StoreFile()
{
    close();
}

void StoreFile::close()
{
    m_database.close();
    if (!std::exchange(m_isSettled, false))
        return;
    LockFile::Note note = m_lock.note();
    note.state.clear();
    if (logBytes() == 0)
        note.state = stateWhenClosed(m_path);
    else if (m_isTokenLast) // another program still reads it
        note.state = kClosedWithLog;
    if (!note.state.empty())
        (void)m_lock.write(note);
}

void StoreFile::closeCleanly()
{
    if (m_watch.isAway()) // what is beside the path by now is another server's, perhaps
        return closeAsItIs();
    // A commit that waits for the disk has all commits before it waited for.
    Problem problem = m_database.run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    if (!problem)
        problem = eraseFact(m_database, fact::kUnclosed);
    if (!problem) // a copy that was made while it was open is an older one
        problem = commitWithToken();
    m_isTokenLast = !problem;
    close();
}

void StoreFile::closeAsItIs()
{
    sqlite3_db_config(m_database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    m_isSettled = false;
    close();
}

void StoreFile::closeDamaged()
{
    LockFile::Note note = m_lock.note();
    note.state = kDamaged;
    (void)m_lock.write(note);
    closeAsItIs();
}

} // namespace parlor::sqlite
