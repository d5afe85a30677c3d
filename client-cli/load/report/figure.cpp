// SPDX-License-Identifier: MIT
#include "client-cli/load/report/figure.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/html.h"

#include <array>
#include <cstdio>

namespace parlor::cli::load::html {

namespace {

constexpr const char *kNone = "–";

std::string pathOf(std::string_view form, std::string_view expression)
{
    return std::string(form) + " " + std::string(expression);
}

std::string dataFigure(const Figure &figure)
{
    return "data-figure=\"" + escaped(figure.path) + "\"";
}

} // namespace

Figure countOf(std::string_view path, std::uint64_t value)
{
    return {pathOf("count", path), figures::count(value)};
}

Figure timeOf(std::string_view path, std::optional<Offset> value)
{
    return {pathOf("time", path), value ? figures::duration(*value) : kNone};
}

Figure bytesOf(std::string_view path, std::uint64_t value)
{
    return {pathOf("bytes", path), figures::bytes(value)};
}

Figure shareOf(std::string_view part, std::string_view whole, std::uint64_t some, std::uint64_t all)
{
    return {pathOf("share", part) + " / " + std::string(whole),
            all == 0 ? kNone : figures::share(static_cast<double>(some) / static_cast<double>(all))};
}

Figure partOf(std::string_view path, double value)
{
    return {pathOf("part", path), figures::share(value)};
}

Figure cpuOf(std::string_view path, double value)
{
    return {pathOf("cpu", path), figures::percent(value)};
}

Figure rateOf(std::string_view path, std::uint64_t value, Offset during)
{
    return {pathOf("rate", path), figures::perSecond(value, during)};
}

Figure changeOf(std::string_view path, std::optional<double> now, std::optional<double> before)
{
    std::string text = kNone;
    if (now && before && *before > 0) {
        std::array<char, 32> out{};
        std::snprintf(out.data(), out.size(), "%+.1f %%", (*now / *before - 1) * 100);
        text = out.data();
    }
    return {pathOf("change", path), text};
}

std::optional<Offset> percentileOf(const Histogram &histogram, double percent)
{
    return histogram.count() == 0 ? std::nullopt : histogram.soundPercentile(percent);
}

std::string percentName(double percent)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "p%g", percent);
    return out.data();
}

std::string span(const Figure &figure)
{
    return element("span", dataFigure(figure), escaped(figure.text));
}

std::string cell(const Figure &figure)
{
    return "<td " + dataFigure(figure) + ">" + escaped(figure.text);
}

} // namespace parlor::cli::load::html
