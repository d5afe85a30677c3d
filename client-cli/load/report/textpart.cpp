// SPDX-License-Identifier: MIT
#include "client-cli/load/report/textpart.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <cctype>

namespace parlor::cli::load::text {

namespace {

constexpr std::size_t kDurationWidth = 9;
constexpr std::size_t kDurationColumns = 6;

/// What stands before the durations; in a line of its own if there is no place for both.
std::string nameAndCount(std::string_view name, std::string_view count)
{
    constexpr std::size_t kWidth = kReportWidth - kDurationColumns * kDurationWidth;
    if (widthOf(name) + 1 + widthOf(count) > kWidth)
        return std::string(name) + "\n" + rightAligned(count, kWidth);
    return std::string(name) + rightAligned(count, kWidth - widthOf(name));
}

} // namespace

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

std::string wrapped(std::string_view text, std::size_t indent)
{
    std::string all;
    std::string line;
    while (!text.empty()) {
        const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
        std::size_t end = std::min(text.find(' ', blanks), text.size());
        // A unit stays with its number.
        const std::size_t next = std::min(text.find(' ', end + 1), text.size());
        if (std::isdigit(static_cast<unsigned char>(text[end - 1])) != 0 && next - end > 1 && next - end <= 3)
            end = next;
        const bool isFirst = line.find_first_not_of(' ') == std::string::npos;
        if (!isFirst && widthOf(line) + widthOf(text.substr(0, end)) > kReportWidth) {
            all += line + "\n";
            line = std::string(indent, ' ');
            text.remove_prefix(blanks);
            end -= blanks;
        }
        line += text.substr(0, end);
        text.remove_prefix(end);
    }
    return all + line + "\n";
}

std::string line(std::string_view name, std::string_view value)
{
    return wrapped("  " + padded(name, std::max(kNameWidth, widthOf(name) + 2)) + std::string(value),
                   kNameWidth + 2);
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
    std::string text = nameAndCount(name, "count");
    for (const char *each : {"p50", "p90", "p95", "p99", "p99.9", "max"})
        text += rightAligned(each, kDurationWidth);
    return text + "\n";
}

std::string latencyRow(std::string_view name, const Histogram &histogram)
{
    std::string row = nameAndCount("  " + std::string(name), figures::count(histogram.count()));
    for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9}) {
        const auto value = histogram.soundPercentile(percent);
        row += rightAligned(value ? figures::duration(*value) : "-", kDurationWidth);
    }
    row += rightAligned(histogram.count() > 0 ? figures::duration(histogram.max()) : "-", kDurationWidth);
    return row + "\n";
}

} // namespace parlor::cli::load::text
