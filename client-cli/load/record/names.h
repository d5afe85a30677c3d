// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/measurements.h"

#include <span>
#include <string_view>

/// What a run's counts and durations are called in the report, on its page and on the screen. The line a
/// second on stderr, and a comparison, have words of their own. Pure.
namespace parlor::cli::load::names {

inline constexpr std::string_view kLost = "lost";
inline constexpr std::string_view kDoubled = "doubled";
inline constexpr std::string_view kReordered = "out of order";
inline constexpr std::string_view kCorrupt = "corrupt";
inline constexpr std::string_view kUnexpected = "unexpected";

inline constexpr std::string_view kRefused = "refused";
inline constexpr std::string_view kAnswerUnknown = "answer unknown";
inline constexpr std::string_view kNotMember = "not a member";
inline constexpr std::string_view kDropped = "dropped";

inline constexpr std::string_view kSendLag = "send lag";
inline constexpr std::string_view kLoopLag = "loop lag";
inline constexpr std::string_view kService = "service";

/// A count of a run. That of which the others are a part is the first of its list.
template <typename Counts>
struct Count
{
    std::string_view key; ///< in the run's file
    std::uint64_t (*read)(const Counts &);
    std::string_view name;
    std::string_view meaning; ///< empty: the name says it
    bool isFault = false;
    bool isRare = false; ///< not shown where it is 0
};

[[nodiscard]] std::span<const Count<DeliveryCounts>> deliveries();
[[nodiscard]] std::span<const Count<MessageCounts>> messages();

/// A kind of duration that the whole run has one histogram of; named as its metric, without the unit.
struct Durations
{
    std::string_view key; ///< in the run's file
    std::string_view name;
    std::string_view meaning;
    /// `all`: of all phases.
    const Histogram &(*read)(const Measurements &run, const PhaseMeasurements &all);
};

[[nodiscard]] std::span<const Durations> durations();

} // namespace parlor::cli::load::names
