// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/storefile.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace parlor::sqlite {

namespace {

/// What the log keeps of its size: as long as somebody reads an old state, for a backup, it grows.
constexpr std::int64_t kLogBytes = 64LL << 20;

std::string systemError()
{
    return std::strerror(errno);
}

/// 0: there is none.
std::uint64_t fileSize(const std::string &path)
{
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

/// Its presence says that the database was found damaged.
std::string damageMark(const std::string &path)
{
    return path + ".damaged";
}

/// What the file says without the log beside it: a backup that was opened does not say so any more.
bool isUnopenedCopy(const std::string &path)
{
    Database file;
    std::string copied;
    return !file.open(path, OpenMode::Alone) && !readFact(file, fact::kCopied, copied) && !copied.empty();
}

} // namespace

Result<std::unique_ptr<StoreFile>> StoreFile::open(const StoreConfig &config)
{
    std::unique_ptr<StoreFile> store(new StoreFile(config.path));
    std::optional<std::string> wrong = store->lock();
    if (!wrong)
        wrong = store->openDatabase(config);
    if (wrong)
        return Error{ErrorCode::Unavailable, "cannot use the store " + config.path + ": " + *wrong};
    return store;
}

/// Opens the file, which is made if it is not there, and locks it. Nothing, or why not.
std::optional<std::string> StoreFile::lock()
{
    // Messages are nobody else's; SQLite gives its other files the same mode.
    m_file = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    if (m_file < 0)
        return systemError() + "; let the server read and write it, or give another path";
    // The log lies beside the file itself, not beside a link to it.
    const std::unique_ptr<char, decltype(&std::free)> name(::realpath(m_path.c_str(), nullptr), &std::free);
    struct stat status = {};
    if (!name || ::fstat(m_file, &status) != 0)
        return systemError();
    m_path = name.get();
    m_inode = std::to_string(status.st_ino);
    if (!S_ISREG(status.st_mode))
        return "it is no file; give the path of one";
    if (status.st_nlink > 1)
        return "it has " + std::to_string(status.st_nlink) +
               " names (hard links), and the log that lies beside another one would not be found; remove the "
               "others (find -samefile lists them)";
    if (::flock(m_file, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? "another server uses it; stop that one, or give another path"
                                    : systemError();
    return std::nullopt;
}

std::optional<std::string> StoreFile::openDatabase(const StoreConfig &config)
{
    const bool hasLog = logBytes() != 0;
    if (hasLog && isUnopenedCopy(m_path))
        return "it is a copy that was put in place of another file, whose log is still beside it; delete " +
               m_path + "-wal and " + m_path + "-shm";
    Problem problem = m_database.open(m_path, OpenMode::Existing);
    if (problem)
        return problem.text + remedy(problem);
    keepLogAtClose(hasLog);
    std::string inode;
    const bool isMarked = ::access(damageMark(m_path).c_str(), F_OK) == 0;
    // A log over a file that it was not written for, perhaps.
    const bool isSuspect = hasLog && (readFact(m_database, fact::kInode, inode) || inode != m_inode);
    if (auto wrong = whyNoStore(m_database, isMarked || isSuspect ? Checking::Whole : Checking::WhatIsSmall,
                                config.steps))
        return wrong;
    ::unlink(damageMark(m_path).c_str());
    (void)::fchmod(m_file, S_IRUSR | S_IWUSR); // a copy may have been put there that everybody can read
    // Erased before there is a log, so in the file itself: there the next start looks for the mark.
    std::string copied;
    if (m_database.number("PRAGMA user_version") != 0) // a new one has no facts yet
        problem = readFact(m_database, fact::kCopied, copied);
    if (!problem && !copied.empty())
        problem = eraseFact(m_database, fact::kCopied);
    if (!problem)
        problem = beginLog();
    if (!problem)
        problem = bringUpToDate(m_database, config.steps);
    if (!problem)
        problem = settleFacts(config);
    if (!problem && config.durability == Durability::Normal)
        problem = m_database.run("PRAGMA synchronous = NORMAL");
    if (problem)
        return problem.text + remedy(problem);
    m_watch = FileWatch(m_path);
    keepLogAtClose(false);
    return std::nullopt;
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
    // What is deleted is overwritten, also where SQLite was not built to do that.
    return m_database.run(
        ("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = " +
         std::to_string(kLogBytes))
            .c_str());
}

Problem StoreFile::settleFacts(const StoreConfig &config)
{
    std::string inode;
    Problem problem = readFact(m_database, fact::kEpoch, m_epoch);
    if (!problem)
        problem = readFact(m_database, fact::kInode, inode);
    if (!problem && m_epoch.empty())
        problem = writeFact(m_database, fact::kEpoch, m_epoch = config.drawEpoch());
    if (!problem && inode != m_inode)
        problem = writeFact(m_database, fact::kInode, m_inode);
    return problem;
}

std::uint64_t StoreFile::logBytes() const
{
    return fileSize(m_path + "-wal");
}

void StoreFile::addTo(StoreFigures &figures) const
{
    figures.bytes = fileSize(m_path);
    figures.logBytes = logBytes();
    struct statvfs disk = {};
    if (::fstatvfs(m_file, &disk) == 0)
        figures.freeBytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

void StoreFile::keepLogAtClose(bool isKept)
{
    sqlite3_db_config(m_database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isKept ? 1 : 0, nullptr);
}

void StoreFile::noteDamage()
{
    keepLogAtClose(true);
    const int mark = ::open(damageMark(m_path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (mark >= 0)
        ::close(mark);
}

StoreFile::~StoreFile()
{
    // What is beside the path by now is another server's, perhaps.
    if (m_database.isOpen() && m_watch.isAway())
        keepLogAtClose(true);
    m_database.close();
    ::close(m_file);
}

} // namespace parlor::sqlite
