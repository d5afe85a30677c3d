// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace parlor::sqlite {

/// SQLite's result code of a call that failed, and its text for people.
struct Problem
{
    int code = 0; ///< extended; 0: none
    std::string text{};
    int systemError = 0; ///< errno, where the system refused; 0: unknown
    explicit operator bool() const { return code != 0; }
    /// The file is damaged, or is no database.
    [[nodiscard]] bool isDamage() const;
};

/// What people can do about it, to be put behind its text; empty where nothing can be told.
[[nodiscard]] std::string remedy(const Problem &problem);

enum class OpenMode : std::uint8_t {
    Existing,
    Create,
    Alone, ///< only what is in this one file, to be read, while nobody writes it
};

/// A connection to a database file. One thread at a time.
class Database
{
public:
    Database() = default;
    Database(Database &&other) noexcept;
    Database &operator=(Database &&other) noexcept;
    ~Database();

    [[nodiscard]] Problem open(const std::string &path, OpenMode mode);
    void close();
    /// Runs statements that return nothing.
    [[nodiscard]] Problem run(const char *sql);
    /// The one number that a query returns; -1 if it fails.
    [[nodiscard]] std::int64_t number(const char *sql);
    /// The one text that a query returns; empty if it fails.
    [[nodiscard]] std::string text(const char *sql);
    [[nodiscard]] Problem problem() const; ///< of the last call
    [[nodiscard]] Problem failure() const; ///< of the last call, which failed: never none
    [[nodiscard]] bool isOpen() const { return m_handle != nullptr; }
    [[nodiscard]] std::int64_t lastRowId() const;
    [[nodiscard]] int changes() const;
    /// SQLite ends a transaction by itself where it cannot go on with it.
    [[nodiscard]] bool isInTransaction() const;
    [[nodiscard]] std::string path() const;
    [[nodiscard]] sqlite3 *handle() const { return m_handle; }

private:
    sqlite3 *m_handle = nullptr;
};

/// A prepared statement. What is bound is referred to, not copied: it must live until reset(). Used by its
/// database's thread, and gone before it.
class Statement
{
public:
    Statement() = default;
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&other) noexcept;
    ~Statement();

    /// Kept for long: SQLite may spend memory on it.
    [[nodiscard]] Problem prepare(Database &database, const char *sql);

    Statement &bind(int parameter, std::int64_t value);
    Statement &bind(int parameter, std::uint64_t value)
    {
        return bind(parameter, static_cast<std::int64_t>(value));
    }
    Statement &bind(int parameter, std::string_view text);

    /// True: there is a row. False: there is none (any more), or failed().
    [[nodiscard]] bool step();
    [[nodiscard]] bool failed() const { return m_failed; }
    /// Steps a statement that returns nothing, and resets it. False: it failed.
    [[nodiscard]] bool execute();
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::uint64_t count(int column) const
    {
        return static_cast<std::uint64_t>(integer(column));
    }
    [[nodiscard]] bool isNull(int column) const;
    /// Valid until the next step() or reset().
    [[nodiscard]] std::string_view text(int column) const;

private:
    sqlite3_stmt *m_statement = nullptr;
    bool m_failed = false;
};

} // namespace parlor::sqlite
