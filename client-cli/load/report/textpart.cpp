// SPDX-License-Identifier: MIT
#include "client-cli/load/report/textpart.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>

namespace parlor::cli::load::text {

std::size_t widthOf(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width)
{
    return std::string(text) + std::string(width - std::min(width, widthOf(text)), ' ');
}

std::string rightAligned(std::string_view text, std::size_t width)
{
    return std::string(width - std::min(width, widthOf(text)), ' ') + std::string(text);
}

std::string line(std::string_view name, std::string_view value)
{
    return "  " + padded(name, std::max(kNameWidth, widthOf(name) + 2)) + std::string(value) + "\n";
}

std::string part(std::uint64_t some, std::uint64_t all)
{
    return all == 0 ? "-" : figures::share(static_cast<double>(some) / static_cast<double>(all));
}

std::string plural(std::uint64_t count, const char *one, const char *many)
{
    return figures::count(count) + " " + (count == 1 ? one : many);
}

std::string joined(const std::set<std::string> &names)
{
    std::string text;
    for (const std::string &each : names)
        text += (text.empty() ? "" : ", ") + figures::printable(each);
    return text;
}

std::string latencyHead(std::string_view name)
{
    std::string text = padded(name, kNameWidth + 2) + rightAligned("count", kColumnWidth + 2);
    for (const char *each : {"p50", "p90", "p95", "p99", "p99.9", "max"})
        text += rightAligned(each, kColumnWidth);
    return text + "\n";
}

std::string latencyRow(std::string_view name, const Histogram &histogram, std::string_view note)
{
    std::string row =
        "  " + padded(name, kNameWidth) + rightAligned(figures::count(histogram.count()), kColumnWidth + 2);
    for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9}) {
        const auto value = histogram.soundPercentile(percent);
        row += rightAligned(value ? figures::duration(*value) : "-", kColumnWidth);
    }
    row += rightAligned(histogram.count() > 0 ? figures::duration(histogram.max()) : "-", kColumnWidth);
    return row + (note.empty() ? "" : "  ") + std::string(note) + "\n";
}

} // namespace parlor::cli::load::text
