// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <sys/types.h>

namespace parlor::sqlite {

/// A file that is in use under this path, and whether the path still leads to it: what is written into one
/// that was removed or replaced is gone with the process. A value.
class FileWatch
{
public:
    /// Takes the file that is there now; none: it is never away.
    explicit FileWatch(std::string path);

    /// Where the path cannot be looked at, nothing is known against it.
    [[nodiscard]] bool isAway() const;
    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    std::string m_path;
    bool m_isThere = false;
    dev_t m_device = 0;
    ino_t m_inode = 0;
};

} // namespace parlor::sqlite
