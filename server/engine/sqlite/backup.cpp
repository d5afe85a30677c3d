// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/schema.h"
#include "server/engine/sqlite/storefile.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace parlor::sqlite {

namespace {

/// Removes a file at the end.
struct FileRemover
{
    std::string path;
    ~FileRemover() { ::unlink(path.c_str()); }
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

} // namespace

std::optional<std::string> backUp(const std::string &path, const std::string &target)
{
    const auto failure = [&](const std::string &why) {
        return "cannot back up " + path + " to " + target + ": " + why;
    };
    if (::access(target.c_str(), F_OK) == 0)
        return failure("it exists already; give the name of a new file");
    Database store;
    if (const Problem problem = store.open(path, OpenMode::Existing))
        return failure("the store cannot be opened: " + problem.text + remedy(problem));
    if (const auto wrong = whyNoStore(store))
        return failure(*wrong);

    std::string temporary = target + ".XXXXXX";
    const int made = ::mkstemp(temporary.data()); // mode 0600
    if (made < 0)
        return failure(std::string(std::strerror(errno)) + "; give a path in a folder that can be written");
    ::close(made);
    const FileRemover remover{temporary};
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
    }
    if (::link(temporary.c_str(), target.c_str()) != 0)
        return failure(std::strerror(errno));
    return std::nullopt;
}

} // namespace parlor::sqlite
