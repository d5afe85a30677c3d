// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace parlor::sqlite {

/// The file beside a database that keeps a second server away from it, as long as this object lives. It holds
/// a token that changes with each run, how that run left the database, and how much it has written, which
/// tell whether this is the one that it left, or an older copy. A file of its own: closing any descriptor of
/// the database would drop SQLite's own locks.
class LockFile
{
public:
    LockFile() = default;
    ~LockFile();
    LockFile(const LockFile &) = delete;
    LockFile &operator=(const LockFile &) = delete;

    struct Note
    {
        std::string token{};    ///< empty: there is none, or none that can be read
        std::string state{};    ///< of the database; empty: of an older version, which noted none
        std::string next{};     ///< a token that is about to take the other one's place
        std::uint64_t mark = 0; ///< so many messages were committed at least: an older copy has fewer
        bool hasMark = false;   ///< older versions made none
        std::string bootId{};   ///< of the machine, when the mark was made
        bool isCopied = false;  ///< the file was changed at another time than the mark was made
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
    void moveMark(std::uint64_t mark);

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
