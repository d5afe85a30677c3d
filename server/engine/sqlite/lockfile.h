// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace parlor::sqlite {

/// The file beside a database that keeps a second server away from it, as long as this object lives. It holds
/// a token that changes with each run and how that run left the database, which tell whether this is the one
/// that it left, or an older copy. A file of its own: closing any descriptor of the database would drop
/// SQLite's own locks.
class LockFile
{
public:
    LockFile() = default;
    ~LockFile();
    LockFile(const LockFile &) = delete;
    LockFile &operator=(const LockFile &) = delete;

    struct Note
    {
        std::string token{}; ///< empty: there is none, or none that can be read
        std::string state{}; ///< of the database; empty: of an older version, which noted none
    };
    /// Nothing, or why not, for people.
    [[nodiscard]] std::optional<std::string> lock(const std::string &path);
    /// If lock() made the file, and nothing is in it yet: it was for a store that is not used after all.
    void removeIfNew();
    [[nodiscard]] Note note() const;
    /// It is on the disk when this returns; false: it may be.
    [[nodiscard]] bool write(const Note &note);

private:
    [[nodiscard]] bool open();
    [[nodiscard]] bool isStillThere() const;
    void close();

    std::string m_path;
    int m_file = -1;
    bool m_isNew = false;
};

} // namespace parlor::sqlite
