// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <chrono>
#include <optional>
#include <string_view>

/// Times as people write them: a number with its unit, one of kTimeExamples'. Pure.
namespace parlor::cli {

inline constexpr std::string_view kTimeExamples = "500ms, 5s, 2m, 1h, 7d";

/// nullopt: it is none. The number may be 0 or below; one that is too large becomes the largest.
[[nodiscard]] std::optional<std::chrono::milliseconds> parseTime(std::string_view text);
/// Of slow mode: a time above 0, or `off` or `0`.
[[nodiscard]] std::optional<std::chrono::milliseconds> parseSlow(std::string_view text);
/// In the longest unit of which it is a multiple.
[[nodiscard]] QString timeText(std::chrono::milliseconds time);

} // namespace parlor::cli
