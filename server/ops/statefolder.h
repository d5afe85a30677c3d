// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/outcome.h"

#include <optional>
#include <string>

namespace parlor {

/// Where a server keeps what outlives it if it is told nothing: systemd's $STATE_DIRECTORY, else the user's
/// state folder; nullopt: there is neither.
[[nodiscard]] std::optional<std::string> stateFolder();
/// Makes the folder, for its user alone, and those above it. Nothing, or why it cannot.
[[nodiscard]] std::optional<Failure> makeFolder(const std::string &path);
/// Nothing, or that the folder is missing in which this database is to be.
[[nodiscard]] std::optional<Failure> whyNoFolderFor(const std::string &database);

} // namespace parlor
