// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parlor::cli::load::html {

/// A point of a plot, whose left upper corner is 0, 0.
struct Point
{
    int x = 0;
    int y = 0;
    bool operator==(const Point &) const = default;
};

/// The plot of every chart is so large in its own units; it is stretched to where it stands. Lines keep their
/// width, as the style sheet says so (vector-effect).
inline constexpr Point kPlot{1200, 400};

/// The `d` of a <path>: the first point absolute, the others relative, which is half as long.
/// Empty of fewer than one point.
[[nodiscard]] std::string linePath(const std::vector<Point> &points);
/// A line, and what lies between it and the plot's lower edge.
[[nodiscard]] std::string areaPath(const std::vector<Point> &points);
/// A dot at each point: a line of no length, whose round ends make it visible.
[[nodiscard]] std::string dotsPath(const std::vector<Point> &points);

/// <path class=CLASSES d=…>; nothing of an empty path.
[[nodiscard]] std::string path(std::string_view classes, std::string_view d);
/// Part of a plot, from top to bottom.
[[nodiscard]] std::string stripe(std::string_view classes, int from, int to);

} // namespace parlor::cli::load::html
