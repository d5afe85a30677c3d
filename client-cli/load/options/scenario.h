// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/statement.h"

#include <string>
#include <string_view>
#include <variant>

namespace parlor::cli::load {

/// The bytes that a scenario may have. The parser takes stack for each dot of a key: 3 MB for so many.
inline constexpr std::size_t kMaxScenarioBytes = 64 * 1024;

/// What a scenario says, in TOML (docs/load-scenario.md). `name`: of the file, for places. What the keys mean
/// is not known here. Pure.
[[nodiscard]] std::variant<Layer, Mistake> parseScenario(std::string_view text, const std::string &name);

} // namespace parlor::cli::load
