// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <string>

namespace parlor {

/// The key in this file: its one line, as it stands, at least 32 bytes. A missing file is made with a drawn
/// key. It appears whole, and of several processes that make it at once all get the same key. A file that
/// others may read, or that has more than a key, is refused. A group may read what belongs to another user,
/// as systemd's credentials do.
[[nodiscard]] Result<std::string> loadSecret(const std::string &path);
/// The password in this file: its one line. It is refused in the same cases, and where it is missing.
[[nodiscard]] Result<std::string> loadPassword(const std::string &path);
/// What is in this file, in messages `what`, of at most 4096 bytes. It is refused where others may read it.
[[nodiscard]] Result<std::string> loadPrivateFile(const std::string &path, const std::string &what);
/// 32 random bytes of the system's generator, as base64.
[[nodiscard]] std::string drawSecret();

} // namespace parlor
