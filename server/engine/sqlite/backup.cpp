// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/backup.h"

#include "server/engine/sqlite/schema.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace parlor::sqlite {

namespace {

/// Removes a database at the end, with what SQLite leaves beside it where it cannot end a transaction.
struct DatabaseRemover
{
    std::string path;
    ~DatabaseRemover()
    {
        for (const char *file : {"", "-journal", "-wal", "-shm"})
            ::unlink((path + file).c_str());
    }
};

/// All in one step: one state of the store, whatever its server commits meanwhile.
Problem copy(Database &from, Database &to)
{
    sqlite3_backup *const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
    if (!backup)
        return to.problem();
    const int copied = sqlite3_backup_step(backup, -1);
    if (sqlite3_backup_finish(backup) != SQLITE_OK)
        return to.problem();
    // That a store is locked is no error to sqlite3_backup_finish().
    return copied == SQLITE_DONE ? Problem() : Problem{copied, sqlite3_errstr(copied)};
}

/// Never over a file that has come there meanwhile.
bool moveToNew(const std::string &from, const std::string &to)
{
    if (::link(from.c_str(), to.c_str()) == 0)
        return true;
    if (errno == EEXIST)
        return false;
    // Not every file system has links: FAT has none.
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
}

/// Until then the name may be lost with the power.
bool syncFolderOf(const std::string &path)
{
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return false;
    // Some file systems cannot do this to a folder.
    const bool done = ::fsync(file) == 0 || errno == EINVAL;
    ::close(file);
    return done;
}

} // namespace

Result<Copied> backUp(const std::string &path, const std::string &target)
{
    const auto failure = [&](const std::string &what) {
        return Error{ErrorCode::Unavailable, "cannot back up " + path + " to " + target + ": " + what};
    };
    if (::access(path.c_str(), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return Error{ErrorCode::Unavailable, "there is no database " + path +
                                                 "; give the one the server uses with --store sqlite:FILE"};
    if (::access(target.c_str(), F_OK) == 0)
        return failure("it exists already; give the name of a new file");
    std::error_code none; // SQLite's other files are beside the file itself, not beside a link to it
    const auto logBytes =
        std::filesystem::file_size(std::filesystem::canonical(path, none).string() + "-wal", none);
    Database store;
    if (const Problem problem = store.open(path, OpenMode::Existing))
        return failure("the store cannot be opened: " + problem.text + remedy(problem));
    if (!none && logBytes != 0) // a killed server's: the next one looks for it
        sqlite3_db_config(store.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (const auto wrong = whyNoStore(store))
        return failure(*wrong);

    std::string temporary = target + ".XXXXXX";
    const int made = ::mkstemp(temporary.data()); // mode 0600
    if (made < 0)
        return failure(std::string(std::strerror(errno)) + "; give a path in a folder that can be written");
    ::close(made);
    const DatabaseRemover remover{temporary};
    Copied done;
    {
        Database copied;
        Problem problem = copied.open(temporary, OpenMode::Existing);
        if (!problem)
            problem = copy(store, copied);
        if (!problem) // one file, without a log beside it
            problem = copied.run("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
        if (!problem)
            problem = writeFact(copied, fact::kCopied, "1");
        if (problem)
            return failure(problem.text + remedy(problem));
        const std::int64_t messages = copied.number("SELECT count(*) FROM messages");
        if (messages < 0)
            return failure(copied.failure().text);
        done.messages = static_cast<std::uint64_t>(messages);
    }
    std::error_code error;
    done.bytes = std::filesystem::file_size(temporary, error);
    if (error)
        return failure(error.message());
    if (!moveToNew(temporary, target))
        return failure(std::strerror(errno));
    if (!syncFolderOf(target))
        return failure(std::string("its folder cannot be written: ") + std::strerror(errno));
    return done;
}

} // namespace parlor::sqlite
