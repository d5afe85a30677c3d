// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/record/names.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

/// What the text report is made of: its sections, and how they are laid out. Pure.
namespace parlor::cli::load::text {

/// What is told of; outlives the telling.
struct Told
{
    const RunRecord &record;
    const Judgement &judgement;
    PhaseMeasurements all; ///< of the record's measurements
};

inline constexpr std::size_t kReportWidth = 80;
inline constexpr std::size_t kNameWidth = 26;
inline constexpr std::size_t kHeadIndent = 6; ///< of what stands below the verdict

/// Characters, as a terminal counts them: all of ours are one column wide.
[[nodiscard]] std::size_t widthOf(std::string_view utf8);
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
[[nodiscard]] std::string rightAligned(std::string_view text, std::size_t width);
/// Breaks a text at blanks into lines of at most kReportWidth, if its words allow it. All but the first are
/// indented by so much. Ends with a line break.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent);
/// A name and what there is to say of it.
[[nodiscard]] std::string line(std::string_view name, std::string_view value);
/// A count of the run: with `more`, or with what it means if it is rare; nothing of what is rare and is not.
template <typename Counts>
[[nodiscard]] std::string countLine(const names::Count<Counts> &kind, const Counts &counts,
                                    std::string_view more = {})
{
    const std::uint64_t count = kind.read(counts);
    if (kind.isRare && count == 0)
        return {};
    if (more.empty() && kind.isRare)
        more = kind.meaning;
    return line(kind.name, figures::count(count) + (more.empty() ? "" : "  ") + std::string(more));
}

/// "99.95 %"; "-" of nothing.
[[nodiscard]] std::string part(std::uint64_t some, std::uint64_t all);
/// "1,234 users"
[[nodiscard]] std::string plural(std::uint64_t count, const char *one, const char *many);
[[nodiscard]] std::string joined(const std::set<std::string> &names);
/// The columns of percentiles, and a histogram in them.
[[nodiscard]] std::string latencyHead(std::string_view name);
[[nodiscard]] std::string latencyRow(std::string_view name, const Histogram &histogram);

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
