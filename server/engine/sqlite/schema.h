// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/database.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

/// What is in a store, and how older stores become such.
namespace parlor::sqlite {

inline constexpr std::int64_t kApplicationId = 0x5061724C; ///< "ParL"

/// Of the store as a whole: names in the table `facts`.
namespace fact {
inline constexpr std::string_view kEpoch = "epoch";   ///< names the store, for its life
inline constexpr std::string_view kCopied = "copied"; ///< this file is a backup that nobody has opened yet
inline constexpr std::string_view kInode = "inode";   ///< of the file: another one may have another's log
} // namespace fact

/// `value` is empty if there is no such fact.
[[nodiscard]] Problem readFact(Database &database, std::string_view name, std::string &value);
[[nodiscard]] Problem writeFact(Database &database, std::string_view name, std::string_view value);
[[nodiscard]] Problem eraseFact(Database &database, std::string_view name);

/// Step i makes version i + 1 of version i.
using Steps = std::span<const char *const>;
[[nodiscard]] Steps schemaSteps();
enum class Checking : std::uint8_t {
    WhatIsSmall, ///< for damage: up to 256 MiB, which takes about a second
    Whole,
};
/// Looks only: why this is no store that these steps lead to or on from, for people.
[[nodiscard]] std::optional<std::string>
whyNoStore(Database &database, Checking checking = Checking::WhatIsSmall, Steps steps = schemaSteps());
/// Makes the schema of an empty database, or brings an older one up to date, in one transaction.
[[nodiscard]] Problem bringUpToDate(Database &database, Steps steps);

} // namespace parlor::sqlite
