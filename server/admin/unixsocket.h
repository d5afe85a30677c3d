// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <optional>
#include <string>

namespace parlor::admin {

/// The file of a listening Unix socket, for the process' own user alone (mode 0600). Removes it at the end.
class UnixSocketFile
{
public:
    /// A file that a killed process has left is replaced; one that somebody listens on is not.
    [[nodiscard]] static Result<UnixSocketFile> listen(const std::string &path);
    ~UnixSocketFile();
    UnixSocketFile(UnixSocketFile &&other) noexcept;
    UnixSocketFile &operator=(UnixSocketFile &&) = delete;

    /// Gives the listening descriptor away.
    [[nodiscard]] int takeDescriptor();

private:
    UnixSocketFile(std::string path, int descriptor);

    std::string m_path; ///< empty: moved from
    int m_descriptor;
};

/// Who is at the other end of a Unix socket, as uid:1000.
[[nodiscard]] std::string peerOf(int descriptor);

} // namespace parlor::admin
