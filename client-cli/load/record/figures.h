// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

/// Numbers as people read them, always with their unit. Pure.
namespace parlor::cli::load::figures {

/// 1,234,567
[[nodiscard]] std::string count(std::uint64_t value);
/// Three significant digits: 0.412 ms, 12.3 ms, 1.40 s.
[[nodiscard]] std::string duration(Offset value);
/// 01:47, or 1:00:00 past an hour.
[[nodiscard]] std::string clock(Offset value);
/// 99.95 %
[[nodiscard]] std::string share(double value);
/// 89 %: of time, of a core.
[[nodiscard]] std::string percent(double value);
/// 1.2 MB
[[nodiscard]] std::string bytes(std::uint64_t value);
/// The names of what was counted, the most frequent first: rate_limited, unavailable.
[[nodiscard]] std::string names(const std::map<std::string, std::uint64_t> &counts);
/// A stranger's text, harmless for a terminal; cut after so many code points.
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 200);
/// A number a second.
[[nodiscard]] std::string perSecond(std::uint64_t value, Offset during);
/// 1,234/s; 12.3/s
[[nodiscard]] std::string rate(double perSecond);
/// Three significant digits: 0.412, 12.3, 1,234.
[[nodiscard]] std::string decimal(double value);

} // namespace parlor::cli::load::figures
