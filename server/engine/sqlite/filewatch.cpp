// SPDX-License-Identifier: MIT
#include "server/engine/sqlite/filewatch.h"

#include <cerrno>
#include <sys/stat.h>
#include <utility>

namespace parlor::sqlite {

FileWatch::FileWatch(std::string path)
    : m_path(std::move(path))
{
    struct stat status = {};
    m_isThere = ::stat(m_path.c_str(), &status) == 0;
    m_device = status.st_dev;
    m_inode = status.st_ino;
}

bool FileWatch::isAway() const
{
    if (!m_isThere)
        return false;
    struct stat status = {};
    if (::stat(m_path.c_str(), &status) != 0)
        return errno == ENOENT || errno == ENOTDIR;
    return status.st_dev != m_device || status.st_ino != m_inode;
}

} // namespace parlor::sqlite
