// SPDX-License-Identifier: MIT
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace parlor::cli::load::html {

namespace {

constexpr std::array kBounds{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000}; ///< ms

std::uint64_t below(const Histogram &histogram, Offset bound)
{
    std::uint64_t count = 0;
    for (const Histogram::Bucket &bucket : histogram.buckets()) {
        if (bucket.low + (bucket.high - bucket.low) / 2 < bound)
            count += bucket.count;
    }
    return count;
}

std::string rangeText(std::size_t at)
{
    const auto text = [](int ms) { return onAxis(Unit::Time, ms * 1e3); };
    if (at == 0)
        return "below " + text(kBounds[0]);
    if (at == kBounds.size())
        return text(kBounds.back()) + " and above";
    return text(kBounds[at - 1]) + " to " + text(kBounds[at]);
}

PlainLine slowerThan(std::string name, Look look, const Histogram &histogram)
{
    PlainLine line{.name = std::move(name), .look = look, .points = {}};
    std::uint64_t passed = 0;
    const auto all = static_cast<double>(histogram.count());
    for (const Histogram::Bucket &bucket : histogram.buckets()) {
        const double slower = static_cast<double>(histogram.count() - passed) / all;
        const auto low = static_cast<double>(std::max(bucket.low, histogram.min()).count());
        // Closer ones would lie on one another.
        if (line.points.empty() || low > line.points.back().first * 1.01 ||
            slower < line.points.back().second * 0.97)
            line.points.emplace_back(low, slower);
        passed += bucket.count;
        if (passed == histogram.count())
            line.points.emplace_back(static_cast<double>(histogram.max().count()),
                                     static_cast<double>(bucket.count) / all);
    }
    return line;
}

std::string distributionTable(const Told &told)
{
    std::string out = head({"slower are", "delivery", "service"});
    for (const auto &[percent, name] :
         {std::pair(50.0, "50 %"), std::pair(75.0, "25 %"), std::pair(90.0, "10 %"), std::pair(95.0, "5 %"),
          std::pair(99.0, "1 %"), std::pair(99.5, "0.5 %"), std::pair(99.9, "0.1 %"),
          std::pair(99.99, "0.01 %")}) {
        out += rowHead(name) +
               cell(timeOf("delivery_latency." + percentName(percent),
                           percentileOf(told.all.deliveryLatency, percent))) +
               cell(timeOf("delivery_service." + percentName(percent),
                           percentileOf(told.all.deliveryService, percent)));
    }
    return element("table", "", out);
}

PlainLine dotsOf(const Told &told, ColumnId column, Look look)
{
    PlainLine line{.name = std::string(columnOf(column).name), .look = look, .points = {}, .isDots = true};
    for (const Window &window : told.time.windows) {
        const double y = columnOf(column).value(window);
        if (std::isfinite(y) && y > 0)
            line.points.emplace_back(columnOf(ColumnId::Received).value(window), y);
    }
    return line;
}

std::string inNumber(double value)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.17g", value);
    return out.data();
}

} // namespace

std::string distribution(const Told &told)
{
    const Histogram &histogram = told.all.deliveryLatency;
    if (histogram.count() == 0)
        return {};
    std::vector<PlainLine> lines;
    if (told.before && told.before->deliveryLatency.count() > 0)
        lines.push_back(slowerThan("baseline", Look::Before, told.before->deliveryLatency));
    if (told.all.deliveryService.count() > 0)
        lines.push_back(slowerThan("service: from the sending", Look::Second, told.all.deliveryService));
    lines.push_back(slowerThan("delivery: from the planned time", Look::First, histogram));
    double low = 1e18;
    double high = 0;
    double rarest = 1;
    for (const PlainLine &line : lines) {
        low = std::min(low, line.points.front().first);
        high = std::max(high, line.points.back().first);
        rarest = std::min(rarest, line.points.back().second);
    }
    return card("half",
                render(PlainChart{
                    .id = "distribution",
                    .title = "Distribution",
                    .about = "share of deliveries that took at least so long; both axes are logarithmic",
                    .x = Axis::logarithmic(Unit::Time, std::max(1.0, low), std::max(2.0, high)),
                    .y = Axis::logarithmic(Unit::Part, std::max(rarest, 1e-7), 1),
                    .xTitle = "delivery latency",
                    .lines = std::move(lines),
                    .table = distributionTable(told)}));
}

std::string againstLoad(const Told &told)
{
    std::vector<PlainLine> lines{dotsOf(told, ColumnId::P50, Look::First),
                                 dotsOf(told, ColumnId::P99, Look::Second)};
    double least = 1e18;
    double most = 0;
    double fastest = 0;
    for (const PlainLine &line : lines) {
        for (const auto &[x, y] : line.points) {
            fastest = std::max(fastest, x);
            least = std::min(least, y);
            most = std::max(most, y);
        }
    }
    if (lines.front().points.empty())
        return {};
    const bool isSecond = told.time.windows.front().last == 0;
    const Axis x = Axis::linear(Unit::PerSecond, 0, fastest);
    const Axis y = Axis::logarithmic(Unit::Time, std::max(1.0, least), most);
    const std::vector<TimeLine> columns{
        {ColumnId::Received, Look::First}, {ColumnId::P50, Look::First}, {ColumnId::P99, Look::Second}};
    return card(
        "half",
        render(PlainChart{
            .id = "latency-load",
            .title = "Latency against load",
            .about = isSecond
                         ? "a dot is a second of the run; the latency axis is logarithmic"
                         : "a dot is a few seconds of the run, added up; the latency axis is logarithmic",
            .x = x,
            .y = y,
            .xTitle = "deliveries a second",
            .lines = std::move(lines),
            .table = timeTable(columns, told.time.rows),
            .data = "data-fastest=" + inNumber(x.high()) + " data-low=" + inNumber(y.low()) +
                    " data-high=" + inNumber(y.high())}));
}

std::string ranges(const Told &told)
{
    const Histogram &histogram = told.all.deliveryLatency;
    const std::uint64_t all = histogram.count();
    if (all == 0)
        return {};
    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
        const std::uint64_t upTo = below(histogram, std::chrono::milliseconds(kBounds[i]));
        counts[i] = upTo - passed;
        passed = upTo;
    }
    counts.back() = all - passed;
    std::size_t first = 0;
    std::size_t last = counts.size();
    while (counts[first] == 0)
        ++first;
    while (counts[last - 1] == 0)
        --last;
    std::string out = head({"latency", "deliveries", "share", "", "up to here"});
    std::uint64_t upTo = 0;
    for (std::size_t i = first; i < last; ++i) {
        const std::string low = i == 0 ? "0" : std::to_string(kBounds[i - 1] * 1000);
        const std::string high = i == kBounds.size() ? "end" : std::to_string(kBounds[i] * 1000);
        const std::string path = "delivery_latency.between." + low + "." + high;
        upTo += counts[i];
        out += rowHead(rangeText(i)) + cell(countOf(path, counts[i])) +
               cell(shareOf(path, "delivery_latency.count", counts[i], all)) +
               bar(static_cast<double>(counts[i]) / static_cast<double>(all)) +
               cell(shareOf("delivery_latency.between.0." + high, "delivery_latency.count", upTo, all));
    }
    return tableCard("wide", "Ranges", "how many deliveries took how long", out);
}

} // namespace parlor::cli::load::html
