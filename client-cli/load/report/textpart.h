// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

/// What the text report is made of: its sections, each with the empty line behind it or empty, and how they
/// are laid out. Pure.
namespace parlor::cli::load::text {

/// What is told of; outlives the telling.
struct Told
{
    const RunRecord &record;
    const Judgement &judgement;
    PhaseMeasurements all; ///< of the record's measurements
};

inline constexpr std::size_t kNameWidth = 26;
inline constexpr std::size_t kColumnWidth = 10;

/// Characters, as a terminal counts them: all of ours are one column wide.
[[nodiscard]] std::size_t widthOf(std::string_view utf8);
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
[[nodiscard]] std::string rightAligned(std::string_view text, std::size_t width);
/// A name and what there is to say of it.
[[nodiscard]] std::string line(std::string_view name, std::string_view value);
/// "99.95 %"; "-" of nothing.
[[nodiscard]] std::string part(std::uint64_t some, std::uint64_t all);
/// "1,234 users"
[[nodiscard]] std::string plural(std::uint64_t count, const char *one, const char *many);
[[nodiscard]] std::string joined(const std::set<std::string> &names);
/// The columns of percentiles, and a histogram in them.
[[nodiscard]] std::string latencyHead(std::string_view name);
[[nodiscard]] std::string latencyRow(std::string_view name, const Histogram &histogram,
                                     std::string_view note = {});

/// The servers whose users did not hear each other.
[[nodiscard]] std::set<std::string> splitServers(const Told &told);

[[nodiscard]] std::string headline(const Told &told);
[[nodiscard]] std::string parameters(const Told &told);
[[nodiscard]] std::string lonelyRooms(const Told &told);
[[nodiscard]] std::string splits(const Told &told);
[[nodiscard]] std::string deliveries(const Told &told);
[[nodiscard]] std::string latencies(const Told &told);
[[nodiscard]] std::string generator(const Told &told);

} // namespace parlor::cli::load::text
