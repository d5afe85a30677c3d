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
    close();
}

std::optional<std::string> LockFile::lock(const std::string &path)
{
    m_path = path;
    do {
        close();
        if (!open())
            return path + ": " + std::strerror(errno) +
                   "; let the server write to its folder, or give another path";
        if (::flock(m_file, LOCK_EX | LOCK_NB) != 0) {
            m_isNew = false; // whoever holds it uses it
            if (errno == EWOULDBLOCK)
                return "another server uses it; stop that one, or give another path";
            return path + ": " + std::strerror(errno);
        }
    } while (!isStillThere()); // else its maker has removed it since: nobody else would find this lock
    return std::nullopt;
}

bool LockFile::open()
{
    m_file = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    m_isNew = m_file >= 0;
    if (!m_isNew && errno == EEXIST)
        m_file = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return m_file >= 0;
}

bool LockFile::isStillThere() const
{
    struct stat opened = {};
    struct stat named = {};
    if (::fstat(m_file, &opened) != 0 || ::stat(m_path.c_str(), &named) != 0)
        return errno != ENOENT;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

void LockFile::close()
{
    if (m_file >= 0)
        ::close(m_file);
    m_file = -1;
}

/// While it is locked: another server that has opened it cannot have locked it, and will see that it is gone.
void LockFile::removeIfNew()
{
    if (m_isNew && token().empty() && isStillThere())
        ::unlink(m_path.c_str());
    m_isNew = false;
}

std::string LockFile::token() const
{
    std::array<char, 128> text{};
    const ssize_t length = ::pread(m_file, text.data(), text.size(), 0);
    return length <= 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(length));
}

/// Over the old one, which has the same length: on a full disk, too, there is room for it.
bool LockFile::writeToken(const std::string &token)
{
    const auto length = static_cast<ssize_t>(token.size());
    return ::pwrite(m_file, token.data(), token.size(), 0) == length && ::ftruncate(m_file, length) == 0 &&
           ::fsync(m_file) == 0;
}

} // namespace parlor::sqlite
