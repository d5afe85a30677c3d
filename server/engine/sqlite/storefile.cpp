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
    store->m_drawToken = config.drawEpoch;
    std::optional<std::string> wrong = makeCanonical(store->m_path);
    if (!wrong)
        wrong = store->m_lock.lock(store->m_path + ".lock");
    if (!wrong)
        wrong = store->openDatabase(config.steps);
    if (!wrong) {
        keepFromOthers(store->m_path);
        Problem problem = store->beginLog();
        if (!problem)
            problem = bringUpToDate(store->m_database, config.steps);
        if (!problem)
            problem = store->settleEpochs(config);
        // Only now: what tells an unclean end must itself be on the disk.
        if (!problem && config.durability == Durability::Normal)
            problem = store->m_database.run("PRAGMA synchronous = NORMAL");
        if (problem)
            wrong = problem.text + remedy(problem);
    }
    if (!wrong)
        return store;
    store->m_lock.removeIfNew();
    why = about(config.path, *wrong);
    return nullptr;
}

std::optional<std::string> StoreFile::openDatabase(Steps steps)
{
    const bool hadLog = logBytes() != 0;
    if (hadLog && isUnopenedCopy(m_path))
        return "it is a copy that was put in place of another file, whose log is still beside it; delete " +
               m_path + "-wal and " + m_path + "-shm";
    if (const Problem problem = m_database.open(m_path, OpenMode::Existing))
        return problem.text + remedy(problem);
    auto wrong = whyNoStore(m_database, steps);
    if (wrong && hadLog) // not even what the write-ahead log beside it holds is moved into it
        sqlite3_db_config(m_database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return wrong;
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
    return m_database.run(("PRAGMA journal_size_limit = " + std::to_string(kLogBytes)).c_str());
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
    const bool isCopy = m_wasCopied || inode != inodeOf(m_path) || token.empty() || token != m_lock.token();
    const bool isAnotherBoot = !unclosed.empty() && (config.bootId.empty() || unclosed != config.bootId);
    m_newEpochs = !m_epoch.empty() && (isCopy || isAnotherBoot);
    return {};
}

/// If only one of the two files gets the new token they differ: that is on the safe side.
Problem StoreFile::commitWithToken()
{
    const std::string token = m_drawToken();
    Problem problem = writeFact(m_database, fact::kToken, token);
    if (!problem)
        problem = m_database.run("COMMIT");
    if (!problem && !m_lock.writeToken(token))
        problem = {SQLITE_IOERR, "its lock file cannot be written: " + systemError()};
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
    return problem;
}

std::uint64_t StoreFile::logBytes() const
{
    struct stat status = {};
    return ::stat((m_path + "-wal").c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void StoreFile::closeCleanly()
{
    // A commit that waits for the disk has all commits before it waited for.
    Problem problem = m_database.run("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    if (!problem)
        problem = eraseFact(m_database, fact::kUnclosed);
    if (!problem) // a copy that was made while it was open is an older one
        (void)commitWithToken();
    m_database.close();
}

} // namespace parlor::sqlite
