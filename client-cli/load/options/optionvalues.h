// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"
#include "shared/protocol/result.h"

#include <string_view>

/// Option texts to values. An error says what is wrong and shows what would be right. Pure.
namespace parlor::cli::load {

/// A number with its unit: 500ms, 30s, 1.5m, 2h.
[[nodiscard]] Result<Offset> parseDuration(std::string_view text);
/// 30s:50,1m:50,10s:0
[[nodiscard]] Result<std::vector<Stage>> parseStages(std::string_view text);
/// 0.5/s, 30/m, 100/h; messages a second.
[[nodiscard]] Result<double> parseRate(std::string_view text);
/// general,support; or a number N for load-1 to load-N.
[[nodiscard]] Result<std::vector<std::string>> parseRooms(std::string_view text);
/// 128, or 64-1024.
[[nodiscard]] Result<SizeRange> parseSize(std::string_view text, DialectName dialect);

} // namespace parlor::cli::load
