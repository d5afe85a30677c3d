// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <optional>
#include <string>

namespace parlor {

/// Where a server keeps what outlives it if it is told nothing: systemd's $STATE_DIRECTORY, else the user's
/// state folder; nullopt: there is neither.
[[nodiscard]] std::optional<std::string> stateFolder();
/// Makes the folder, for its user alone, and those above it. The error says why it cannot.
[[nodiscard]] Result<void> makeFolder(const std::string &path);
/// An error if the folder is missing in which this database is to be.
[[nodiscard]] Result<void> checkFolderFor(const std::string &database);

} // namespace parlor
