// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/report/column.h"
#include "client-cli/load/report/svg.h"

#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load::html {

/// How a line looks: the style sheet has a colour and a dash for each. Band, Fault: with all
/// below it filled.
enum class Look : std::uint8_t { First, Second, Third, Band1, Band2, Band3, Before, Fault };

/// What all charts over time share.
struct Timespan
{
    std::vector<Window> windows;  ///< as many as are drawn
    std::vector<Window> rows;     ///< as many as their tables have
    std::vector<Window> baseline; ///< of another run, from its own begin
    const std::vector<Phase> &phases;
    Offset end{};
};

struct TimeLine
{
    ColumnId column;
    Look look;
};

struct TimeChart
{
    std::string id;
    std::string title;
    std::string about;
    std::vector<TimeLine> lines;           ///< of one unit
    std::vector<TimeLine> baselineLines{}; ///< of the other run, drawn over them
    bool hasLogAxis = false;               ///< the reader may choose
};

[[nodiscard]] std::string render(const TimeChart &chart, const Timespan &time);

/// Values against values.
struct PlainLine
{
    std::string name;
    Look look;
    std::vector<std::pair<double, double>> points;
    bool isDots = false;
};

struct PlainChart
{
    std::string id;
    std::string title;
    std::string about;
    Axis x;
    Axis y;
    std::string xTitle;
    std::vector<PlainLine> lines;
    std::string table;  ///< markup: <table>…
    std::string data{}; ///< attributes of the figure, for the script
};

[[nodiscard]] std::string render(const PlainChart &chart);

/// A table of all rows with these columns.
[[nodiscard]] std::string timeTable(const std::vector<TimeLine> &lines, const std::vector<Window> &rows);

} // namespace parlor::cli::load::html
