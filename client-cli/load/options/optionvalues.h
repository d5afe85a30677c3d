// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/settings.h"
#include "shared/protocol/result.h"

#include <string>
#include <string_view>
#include <utility>

/// Option texts to values. An error says what is wrong and shows what would be right. Pure.
namespace parlor::cli::load {

/// Numbers with their units, the largest first: 500ms, 30s, 1.5m, 1m30s.
[[nodiscard]] Result<Offset> parseDuration(std::string_view text);
/// A duration, or exp:DURATION; 0 is none.
[[nodiscard]] Result<Lasting> parseLasting(std::string_view text);
/// 30s:50,1m:50,10s:0; blanks may stand around the commas, as in all lists.
[[nodiscard]] Result<std::vector<Stage>> parseStages(std::string_view text);
/// 30s:5/s,1m:20/s; or 20/s alone: one stage, whose duration is 0 and said elsewhere.
[[nodiscard]] Result<std::vector<ArrivalStage>> parseArrivals(std::string_view text);
/// Of one stage: users, or users a second.
[[nodiscard]] Result<std::uint32_t> parseUsers(std::string_view text);
[[nodiscard]] Result<double> parseArrivalRate(std::string_view text);
/// 0.5/s, 30/m, 100/h; messages a second.
[[nodiscard]] Result<double> parseRate(std::string_view text);
/// 200/s; connections a second. 0: no bound.
[[nodiscard]] Result<double> parseConnectRate(std::string_view text);
[[nodiscard]] Result<Pace> parsePace(std::string_view text);
/// all, 20, 10%
[[nodiscard]] Result<Senders> parseSenders(std::string_view text);
/// general,support; or a number N for load-1 to load-N.
[[nodiscard]] Result<std::vector<std::string>> parseRooms(std::string_view text);
/// An exponent from 0 to 10.
[[nodiscard]] Result<double> parseZipf(std::string_view text);
/// 128, or 64-1024.
[[nodiscard]] Result<SizeRange> parseSize(std::string_view text);
/// Whether a message of this dialect can be so large, and hold what a run must write into it.
[[nodiscard]] Result<void> checkSize(SizeRange size, DialectName dialect);
[[nodiscard]] Result<DialectName> parseDialect(std::string_view text);
[[nodiscard]] Result<Reconnect> parseReconnect(std::string_view text);
/// full, sample:N, count, off; with the N, else 1.
[[nodiscard]] Result<std::pair<Verify, std::uint32_t>> parseVerify(std::string_view text);
/// A number from 1 to 64, or auto: 0.
[[nodiscard]] Result<std::uint32_t> parseThreads(std::string_view text);
/// A whole number from `least` to `most`, both included. `what`: "users", for the error.
[[nodiscard]] Result<std::uint64_t> parseWhole(std::string_view text, std::uint64_t least, std::uint64_t most,
                                               std::string_view what);
/// More than 0, at most 1,000,000.
[[nodiscard]] Result<double> parseWeight(std::string_view text);
[[nodiscard]] Result<bool> parseBoolean(std::string_view text);
/// NAME=VALUE; a name as Prometheus has them, and none of the labels that a run has anyway.
[[nodiscard]] Result<std::pair<std::string, std::string>> parseTag(std::string_view text);

} // namespace parlor::cli::load
