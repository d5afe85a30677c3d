// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/lockfile.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace parlor::sqlite {

LockFile::~LockFile()
{
    if (m_file >= 0)
        ::close(m_file);
}

std::optional<std::string> LockFile::lock(const std::string &path)
{
    // What others have put there is neither written into nor waited for.
    m_file = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    struct stat status = {};
    const bool isOther = m_file < 0 ? errno == ELOOP || errno == EISDIR || errno == ENXIO
                                    : ::fstat(m_file, &status) == 0 && !S_ISREG(status.st_mode);
    if (isOther)
        return "its lock file " + path + " is no regular file; remove it, or give another path";
    if (m_file < 0)
        return path + ": " + std::strerror(errno) +
               "; let the server write to its folder, or give another path";
    if (::flock(m_file, LOCK_EX | LOCK_NB) == 0)
        return std::nullopt;
    if (errno == EWOULDBLOCK)
        return "another server uses it; stop that one, or give another path";
    return path + ": " + std::strerror(errno);
}

LockFile::Note LockFile::note() const
{
    std::array<char, 128> bytes{};
    const ssize_t length = ::pread(m_file, bytes.data(), bytes.size(), 0);
    if (length <= 0)
        return {};
    const std::string text(bytes.data(), static_cast<std::size_t>(length));
    const std::size_t space = text.find(' ');
    if (space == std::string::npos)
        return {text};
    return {text.substr(0, space), text.substr(space + 1)};
}

/// Over the old one, in the same block: on a full disk, too, there is room for it.
bool LockFile::write(const Note &note)
{
    const std::string text = note.token + ' ' + note.state;
    const auto length = static_cast<ssize_t>(text.size());
    return ::pwrite(m_file, text.data(), text.size(), 0) == length && ::ftruncate(m_file, length) == 0 &&
           ::fsync(m_file) == 0;
}

} // namespace parlor::sqlite
