// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/record/runrecord.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What of two runs is compared. Pure.
namespace parlor::cli::load::compare {

/// A run with what is known of it; its file's name is for people.
struct NamedRun
{
    std::string name;
    RunRecord record;
    Judgement judgement;
};

/// A figure of one run, and between what it lies in 98 of 100 cases if only chance decided which messages
/// there were. Without such bounds all three are the same.
struct Reading
{
    double value = 0;
    double low = 0;
    double high = 0;
};

struct Figure
{
    enum class Unit : std::uint8_t { Microseconds, PerSecond, Share, Cores, Bytes };
    enum class Worse : std::uint8_t { Higher, Lower, Neither }; ///< Neither: shown and not judged

    std::string_view key; ///< in JSON
    std::string_view name;
    Unit unit;
    Worse worse;
    double least; ///< smaller differences are not told from none, in `unit`
    /// Nothing where the run has too few values for it.
    std::optional<Reading> (*ofRun)(const RunRecord &);
    /// Of some of its seconds together; null where seconds know nothing of it.
    std::optional<double> (*ofSeconds)(std::span<const Second *const>);

    /// "12.3 ms"
    [[nodiscard]] std::string text(double value) const;
};

/// In the order in which they are shown.
[[nodiscard]] std::span<const Figure> comparedFigures();

/// Of each second that lies within measured phases, in their order. They point into `record`.
[[nodiscard]] std::vector<const Second *> measuredSeconds(const RunRecord &record);

} // namespace parlor::cli::load::compare
