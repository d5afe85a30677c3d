// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// The name of a room that nobody but a load generator uses: load-1, load-2 … `number`: from 1.
[[nodiscard]] std::string ownRoom(std::size_t number);
/// Those of the rooms that are not of this kind: people may be in them.
[[nodiscard]] std::vector<std::string> foreignRooms(const std::vector<std::string> &rooms);

} // namespace parlor::cli::load
