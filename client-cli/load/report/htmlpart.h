// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"
#include "client-cli/load/report/chart.h"

#include <optional>
#include <string>

namespace parlor::cli::load::html {

/// What the parts of the report are made of. All of it outlives the report.
struct Told
{
    const RunRecord &record;
    const Judgement &judgement;
    const RunRecord *baseline;               ///< null: none
    PhaseMeasurements all;                   ///< the record's, of all phases
    std::optional<PhaseMeasurements> before; ///< the baseline's
    Timespan time;
};

/// Sections, in their order. Markup; empty: there is nothing to tell.
[[nodiscard]] std::string banner(const Told &told);
[[nodiscard]] std::string tiles(const Told &told);
[[nodiscard]] std::string parameters(const Told &told);
[[nodiscard]] std::string thresholds(const Told &told);
[[nodiscard]] std::string correctness(const Told &told);
[[nodiscard]] std::string latency(const Told &told);
[[nodiscard]] std::string throughput(const Told &told);
[[nodiscard]] std::string connections(const Told &told);
[[nodiscard]] std::string generator(const Told &told);
[[nodiscard]] std::string watched(const Told &told);
[[nodiscard]] std::string errors(const Told &told);
[[nodiscard]] std::string notes(const Told &told);

/// Parts of latency(): a card each.
[[nodiscard]] std::string distribution(const Told &told);
[[nodiscard]] std::string againstLoad(const Told &told);
/// How many deliveries took how long, from the first range that holds any to the last.
[[nodiscard]] std::string ranges(const Told &told);

/// A section with its heading.
[[nodiscard]] std::string section(std::string_view id, std::string_view title, std::string_view content);
/// A card within a section; nothing of no content.
[[nodiscard]] std::string card(std::string_view classes, std::string_view content);
/// A heading and a table, in a card that scrolls sideways where it must.
[[nodiscard]] std::string tableCard(std::string_view classes, std::string_view title, std::string_view about,
                                    std::string_view table);
/// Head cells, the first one for the rows' names.
[[nodiscard]] std::string head(const std::vector<std::string_view> &names);
/// A row's name.
[[nodiscard]] std::string rowHead(std::string_view name);
/// A cell of words, that has no figure.
[[nodiscard]] std::string words(std::string_view text);
/// A horizontal bar for a part of 1.
[[nodiscard]] std::string bar(double part);

} // namespace parlor::cli::load::html
