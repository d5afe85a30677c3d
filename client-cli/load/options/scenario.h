// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/options/statement.h"

#include <string>
#include <string_view>
#include <variant>

namespace parlor::cli::load {

/// The bytes that a scenario may have.
inline constexpr std::size_t kMaxScenarioBytes = 1024 * 1024;

/// What a scenario says, in TOML (docs/load-scenario.md). `name`: of the file, for places. What the keys mean
/// is not known here. Pure.
[[nodiscard]] std::variant<Layer, Mistake> parseScenario(std::string_view text, const std::string &name);

} // namespace parlor::cli::load
