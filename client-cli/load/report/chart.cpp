// SPDX-License-Identifier: MIT
#include "client-cli/load/report/chart.h"

#include "client-cli/load/report/html.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace parlor::cli::load::html {

namespace {

std::string_view classOf(Look look)
{
    constexpr std::array<std::string_view, 8> kClasses{"first", "second", "third",  "band1",
                                                       "band2", "band3",  "before", "fault"};
    return kClasses[static_cast<std::size_t>(look)];
}

bool isBand(Look look)
{
    return look == Look::Band1 || look == Look::Band2 || look == Look::Band3 || look == Look::Fault;
}

std::string percent(double part)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.4g%%", part * 100);
    return out.data();
}

int across(double place)
{
    return static_cast<int>(std::lround(place * kPlot.x));
}

int down(double place)
{
    return static_cast<int>(std::lround((1 - place) * kPlot.y));
}

/// The grid and what stands beside it.
std::string yAxis(const Axis &axis, std::string_view classes)
{
    std::string out;
    for (const double tick : axis.ticks()) {
        const std::string y = percent(1 - axis.placeOf(tick));
        out += "<line x2=\"100%\" y1=\"" + y + "\" y2=\"" + y + "\"/><text x=\"-8\" y=\"" + y +
               "\" dy=\".35em\">" + escaped(onAxis(axis.unit(), tick)) + "</text>";
    }
    return element("g", "class=\"y " + std::string(classes) + "\"", out);
}

std::string xAxis(const Axis &axis)
{
    std::string out;
    for (const double tick : axis.ticks()) {
        out += "<text x=\"" + percent(axis.placeOf(tick)) + "\" y=\"100%\" dy=\"1.6em\">" +
               escaped(onAxis(axis.unit(), tick)) + "</text>";
    }
    return element("g", "class=x", out);
}

std::string area(std::string_view classes, const std::string &content)
{
    return "<svg class=\"area " + std::string(classes) + "\" viewBox=\"0 0 " + std::to_string(kPlot.x) + " " +
           std::to_string(kPlot.y) + "\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\">" +
           content + "</svg>";
}

/// One of a chart's lines; where there is no value, it has a gap.
std::string drawn(const TimeLine &line, const std::vector<Window> &windows, const Axis &x, const Axis &y)
{
    std::string out;
    std::vector<Point> points;
    const auto flush = [&] {
        if (isBand(line.look))
            out += areaPath(points);
        else
            out += linePath(points);
        points.clear();
    };
    for (const Window &window : windows) {
        const double value = columnOf(line.column).value(window);
        if (std::isfinite(value))
            points.push_back(
                {across(x.placeOf(static_cast<double>(window.middle().count()))), down(y.placeOf(value))});
        else
            flush();
    }
    flush();
    return path(classOf(line.look), out);
}

std::string phasesOf(const Timespan &time, const Axis &x)
{
    std::string out;
    for (const Phase &phase : time.phases) {
        const int from = across(x.placeOf(static_cast<double>(phase.begin.count())));
        const int to = across(x.placeOf(static_cast<double>(phase.end.count())));
        if (!phase.isMeasured)
            out += stripe("unmeasured", from, to);
        if (from > 0)
            out += path("phase", "M" + std::to_string(from) + " 0V" + std::to_string(kPlot.y));
    }
    return out;
}

struct Range
{
    double low = 0; ///< above 0
    double high = 0;
};

Range rangeOf(const std::vector<TimeLine> &lines, const std::vector<Window> &windows, Range range)
{
    for (const TimeLine &line : lines) {
        for (const Window &window : windows) {
            const double value = columnOf(line.column).value(window);
            if (!std::isfinite(value))
                continue;
            range.high = std::max(range.high, value);
            if (value > 0)
                range.low = range.low == 0 ? value : std::min(range.low, value);
        }
    }
    return range;
}

std::string legendEntry(std::string_view name, const std::string &classes)
{
    return "<li class=\"" + classes + "\">" + escaped(name);
}

std::string named(std::string_view id, std::string_view title, std::string_view about)
{
    const std::string name(id);
    return "role=\"img\" aria-labelledby=\"" + name + "-title " + name + "-about\"><title id=\"" + name +
           "-title\">" + escaped(title) + "</title><desc id=\"" + name + "-about\">" + escaped(about) +
           " The table below the chart has the numbers.</desc>";
}

std::string heading(std::string_view title, std::string_view about, std::string_view legend)
{
    return element("figcaption", "",
                   element("h3", "", escaped(title)) + element("p", "class=muted", escaped(about)) +
                       (legend.empty() ? "" : element("ul", "class=legend", legend)));
}

std::string folded(std::string_view table)
{
    return element("details", "",
                   "<summary>Table</summary>" + element("div", "class=scroll tabindex=0", table));
}

} // namespace

std::string timeTable(const std::vector<TimeLine> &lines, const std::vector<Window> &rows)
{
    std::string out = "<thead><tr><th data-figure=\"clock end\">until";
    for (const TimeLine &line : lines)
        out += "<th data-figure=\"" + columnOf(line.column).figure() + "\">" +
               escaped(columnOf(line.column).name);
    out += "</thead><tbody>";
    for (const Window &row : rows) {
        out += "\n<tr data-seconds=\"" + std::to_string(row.first) + "-" + std::to_string(row.last) +
               "\"><td>" + inWords(Unit::Clock, static_cast<double>(row.all.end.count()));
        for (const TimeLine &line : lines) {
            const Column &column = columnOf(line.column);
            out += "<td>" + inWords(column.unit, column.value(row));
        }
    }
    return element("table", "class=numbers", out + "</tbody>");
}

std::string render(const TimeChart &chart, const Timespan &time)
{
    const Unit unit = columnOf(chart.lines.front().column).unit;
    const Axis x = Axis::tight(Unit::Clock, 0, static_cast<double>(time.end.count()));
    const Range range = rangeOf(chart.baselineLines, time.baseline, rangeOf(chart.lines, time.windows, {}));
    const auto drawing = [&](const Axis &y, std::string_view classes) {
        std::string content = phasesOf(time, x);
        for (const TimeLine &line : chart.lines)
            content += drawn(line, time.windows, x, y);
        for (const TimeLine &line : chart.baselineLines)
            content += drawn(line, time.baseline, x, y);
        return yAxis(y, classes) + area(classes, content);
    };
    std::string legend;
    std::string columns;
    for (const TimeLine &line : chart.lines) {
        legend += legendEntry(columnOf(line.column).name, std::string(classOf(line.look)));
        columns += (columns.empty() ? "" : " ") + std::to_string(static_cast<int>(line.column));
    }
    if (!time.baseline.empty() && !chart.baselineLines.empty()) {
        std::string names;
        for (const TimeLine &line : chart.baselineLines)
            names += (names.empty() ? "" : ", ") + std::string(columnOf(line.column).name);
        legend += legendEntry("baseline: " + names, std::string(classOf(Look::Before)));
    }
    const bool hasLog = chart.hasLogAxis && range.low > 0;
    std::string drawings = drawing(Axis::linear(unit, 0, range.high), "lin");
    if (hasLog)
        drawings += drawing(Axis::logarithmic(unit, range.low, range.high), "log");
    return element("figure",
                   "class=chart id=\"" + chart.id + "\" data-columns=\"" + columns + "\" data-end=\"" +
                       std::to_string(time.end.count()) + "\"",
                   heading(chart.title, chart.about, legend) +
                       (hasLog ? "<label class=switch><input type=checkbox> logarithmic axis</label>" : "") +
                       "<svg class=plot " + named(chart.id, chart.title, chart.about) + drawings + xAxis(x) +
                       "</svg>" + folded(timeTable(chart.lines, time.rows)));
}

std::string render(const PlainChart &chart)
{
    std::string content;
    std::string legend;
    for (const PlainLine &line : chart.lines) {
        std::vector<Point> points;
        for (const auto &[x, y] : line.points) {
            const Point point{across(chart.x.placeOf(x)), down(chart.y.placeOf(y))};
            if (points.empty() || !(points.back() == point))
                points.push_back(point);
        }
        const std::string classes = std::string(line.isDots ? "dots " : "") + std::string(classOf(line.look));
        content += path(classes, line.isDots ? dotsPath(points) : linePath(points));
        if (!points.empty())
            legend += legendEntry(line.name, classes);
    }
    return element("figure", "class=chart id=\"" + chart.id + "\" " + chart.data,
                   heading(chart.title, chart.about, legend) + "<svg class=plot " +
                       named(chart.id, chart.title, chart.about) + yAxis(chart.y, "lin") +
                       area("lin", content) + xAxis(chart.x) + "</svg>" +
                       element("p", "class=\"axis muted\"", escaped(chart.xTitle)) + folded(chart.table));
}

} // namespace parlor::cli::load::html
