// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/lockfile.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace parlor::sqlite {

LockFile::~LockFile()
{
    if (m_file >= 0)
        ::close(m_file);
}

std::optional<std::string> LockFile::lock(const std::string &path)
{
    m_file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (m_file < 0)
        return path + ": " + std::strerror(errno) +
               "; let the server write to its folder, or give another path";
    if (::flock(m_file, LOCK_EX | LOCK_NB) == 0)
        return std::nullopt;
    if (errno == EWOULDBLOCK)
        return "another server uses it; stop that one, or give another path";
    return path + ": " + std::strerror(errno);
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
