// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace parlor::sqlite {

/// The file beside a database that keeps a second server away from it, as long as this object lives. It holds
/// a token that changes with each run, and how that run left the database or how far it has written it, which
/// tell whether this is the one that it left, or an older copy. A file of its own: closing any descriptor of
/// the database would drop SQLite's own locks.
class LockFile
{
public:
    LockFile() = default;
    ~LockFile();
    LockFile(const LockFile &) = delete;
    LockFile &operator=(const LockFile &) = delete;

    /// The last message that was committed: a copy from before does not have it.
    struct Mark
    {
        std::int64_t room = 0;
        std::uint64_t seq = 0;
    };
    struct Note
    {
        std::string token{};        ///< empty: there is none, or none that can be read
        std::string state{};        ///< of the database; empty: of an older version, which noted none
        std::string bootId{};       ///< of the machine, when the mark was made
        std::optional<Mark> mark{}; ///< of a database in use
        bool isCopied = false;      ///< the file was changed at another time than the mark says
    };
    /// Nothing, or why not, for people.
    [[nodiscard]] std::optional<std::string> lock(const std::string &path);
    /// If lock() made the file, and nothing is in it yet: it was for a store that is not used after all.
    void removeIfNew();
    [[nodiscard]] Note note(std::string_view bootId = {}) const;
    /// It is on the disk when this returns; false: it may be.
    [[nodiscard]] bool write(const Note &note);
    /// Replaces the mark of the note that was written last. It survives the process, not the machine: for
    /// that each commit would have to wait for the disk. Where it fails the one before it stays.
    void moveMark(const Mark &mark);

private:
    [[nodiscard]] bool open();
    [[nodiscard]] bool isStillThere() const;
    void close();

    std::string m_path;
    int m_file = -1;
    off_t m_markAt = 0; ///< in the file
    bool m_isNew = false;
};

} // namespace parlor::sqlite
