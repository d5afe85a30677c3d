// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace parlor::sqlite {

namespace {

/// Another process may hold the file for a moment: the backup, or an administrator's shell.
constexpr int kBusyMilliseconds = 2000;

constexpr const char *kMakeRoom = "; make room on the disk";

std::string inUri(const std::string &path)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#')
            text.append({'%', kDigits[static_cast<std::size_t>(c) >> 4], kDigits[c & 15]});
        else
            text += c;
    }
    return text;
}

} // namespace

bool Problem::isDamage() const
{
    return (code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB;
}

std::string remedy(const Problem &problem)
{
    if (problem.code == SQLITE_READONLY_DBMOVED) // what to do is in its text
        return {};
    if (problem.systemError == ENOSPC || problem.systemError == EDQUOT)
        return kMakeRoom;
    switch (problem.code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another program uses the file: end that one (fuser -v lists it)";
    case SQLITE_IOERR:
        return "; see whether the disk is full, read-only or broken";
    case SQLITE_CANTOPEN:
        return "; see whether it is there, and let the server's user read and write it and its folder";
    case SQLITE_FULL:
        return kMakeRoom;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "; see that the server's user may write the file and its folder, and that the disk is not "
               "mounted read-only";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; put a backup in its place, without the old -wal and -shm files, or give another path "
               "(sqlite3's "
               ".recover saves what can be read)";
    default:
        return {};
    }
}

Database::Database(Database &&other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr))
{
}

Database &Database::operator=(Database &&other) noexcept
{
    std::swap(m_handle, other.m_handle);
    return *this;
}

Database::~Database()
{
    close();
}

Problem Database::open(const std::string &path, OpenMode mode)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= mode == OpenMode::Alone ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE;
    if (mode == OpenMode::Create)
        flags |= SQLITE_OPEN_CREATE;
    const std::string name = mode == OpenMode::Alone ? "file:" + inUri(path) + "?immutable=1" : path;
    sqlite3_open_v2(name.c_str(), &m_handle, flags, nullptr);
    const Problem found = problem();
    if (found)
        close();
    else
        sqlite3_busy_timeout(m_handle, kBusyMilliseconds);
    return found;
}

void Database::close()
{
    sqlite3_close_v2(std::exchange(m_handle, nullptr));
}

Problem Database::run(const char *sql)
{
    sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    return problem();
}

std::int64_t Database::number(const char *sql)
{
    Statement statement;
    if (statement.prepare(*this, sql) || !statement.step())
        return -1;
    return statement.integer(0);
}

std::string Database::text(const char *sql)
{
    Statement statement;
    if (statement.prepare(*this, sql) || !statement.step())
        return {};
    return std::string(statement.text(0));
}

Problem Database::problem() const
{
    if (!m_handle)
        return {SQLITE_NOMEM, "out of memory"};
    const int code = sqlite3_extended_errcode(m_handle);
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return {};
    const int kind = code & 0xFF; // of others it is an older one
    const bool isOfSystem = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
    return {code, sqlite3_errmsg(m_handle), isOfSystem ? sqlite3_system_errno(m_handle) : 0};
}

Problem Database::failure() const
{
    Problem found = problem();
    return found ? found : Problem{SQLITE_ERROR, "the database failed"};
}

bool Database::isInTransaction() const
{
    return sqlite3_get_autocommit(m_handle) == 0;
}

std::string Database::path() const
{
    const char *const name = sqlite3_db_filename(m_handle, "main");
    return name ? name : "";
}

std::int64_t Database::lastRowId() const
{
    return sqlite3_last_insert_rowid(m_handle);
}

int Database::changes() const
{
    return sqlite3_changes(m_handle);
}

Statement::Statement(Statement &&other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr))
    , m_failed(other.m_failed)
{
}

Statement &Statement::operator=(Statement &&other) noexcept
{
    std::swap(m_statement, other.m_statement);
    std::swap(m_failed, other.m_failed);
    return *this;
}

Statement::~Statement()
{
    sqlite3_finalize(m_statement);
}

Problem Statement::prepare(Database &database, const char *sql)
{
    sqlite3_finalize(std::exchange(m_statement, nullptr));
    if (sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &m_statement, nullptr) !=
        SQLITE_OK)
        return database.problem();
    return {};
}

Statement &Statement::bind(int parameter, std::int64_t value)
{
    sqlite3_bind_int64(m_statement, parameter, value);
    return *this;
}

Statement &Statement::bind(int parameter, std::string_view text)
{
    sqlite3_bind_text(m_statement, parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    return *this;
}

bool Statement::step()
{
    const int code = sqlite3_step(m_statement);
    m_failed = code != SQLITE_ROW && code != SQLITE_DONE;
    return code == SQLITE_ROW;
}

bool Statement::execute()
{
    (void)step();
    reset();
    return !m_failed;
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const
{
    const auto *const bytes = reinterpret_cast<const char *>(sqlite3_column_text(m_statement, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

} // namespace parlor::sqlite
