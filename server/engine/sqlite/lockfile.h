// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace parlor::sqlite {

/// The file beside a database that keeps a second server away from it, as long as this object lives. It holds
/// a token that changes with each run: what the database says of it tells whether it is the one that the
/// last run left, or an older copy. A file of its own: closing any descriptor of the database would drop
/// SQLite's own locks.
class LockFile
{
public:
    LockFile() = default;
    ~LockFile();
    LockFile(const LockFile &) = delete;
    LockFile &operator=(const LockFile &) = delete;

    /// Nothing, or why not, for people.
    [[nodiscard]] std::optional<std::string> lock(const std::string &path);
    /// If lock() made the file, and nothing is in it yet: it was for a store that is not used after all.
    void removeIfNew();
    /// Empty: there is none, or none that can be read.
    [[nodiscard]] std::string token() const;
    /// It is on the disk when this returns; false: it may be.
    [[nodiscard]] bool writeToken(const std::string &token);

private:
    [[nodiscard]] bool open();
    [[nodiscard]] bool isStillThere() const;
    void close();

    std::string m_path;
    int m_file = -1;
    bool m_isNew = false;
};

} // namespace parlor::sqlite
