// SPDX-License-Identifier: MIT
#include "client-cli/load/report/svg.h"

namespace parlor::cli::load::html {

namespace {

/// A number after others: a minus parts them as well as a blank does.
void append(std::string &out, int value)
{
    if (value >= 0 && !out.empty() && out.back() >= '0' && out.back() <= '9')
        out += ' ';
    out += std::to_string(value);
}

void moveTo(std::string &out, Point point)
{
    out += 'M';
    append(out, point.x);
    append(out, point.y);
}

} // namespace

std::string linePath(const std::vector<Point> &points)
{
    std::string out;
    if (points.empty())
        return out;
    moveTo(out, points.front());
    out += points.size() == 1 ? "h0" : "l";
    for (std::size_t i = 1; i < points.size(); ++i) {
        append(out, points[i].x - points[i - 1].x);
        append(out, points[i].y - points[i - 1].y);
    }
    return out;
}

std::string areaPath(const std::vector<Point> &points)
{
    if (points.empty())
        return {};
    std::string out = linePath(points);
    out += "V" + std::to_string(kPlot.y) + "H" + std::to_string(points.front().x) + "z";
    return out;
}

std::string dotsPath(const std::vector<Point> &points)
{
    std::string out;
    for (const Point &each : points) {
        moveTo(out, each);
        out += "h0";
    }
    return out;
}

std::string path(std::string_view classes, std::string_view d)
{
    if (d.empty())
        return {};
    return "<path class=\"" + std::string(classes) + "\" d=\"" + std::string(d) + "\"/>";
}

std::string stripe(std::string_view classes, int from, int to)
{
    return "<rect class=\"" + std::string(classes) + "\" x=\"" + std::to_string(from) + "\" width=\"" +
           std::to_string(to - from) + "\" height=\"" + std::to_string(kPlot.y) + "\"/>";
}

} // namespace parlor::cli::load::html
