// SPDX-License-Identifier: MIT
#include "client-cli/load/options/resourcelines.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace parlor::cli::load {

namespace {

constexpr std::size_t kWhatWidth = 62;

std::size_t columnsOf(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(
        utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string toTheLeft(std::string_view text, std::size_t width)
{
    return std::string(text) + std::string(width - std::min(width, columnsOf(text)), ' ');
}

std::string toTheRight(std::string_view text, std::size_t width)
{
    return std::string(width - std::min(width, columnsOf(text)), ' ') + std::string(text);
}

std::string amount(const Finding &finding, std::uint64_t value)
{
    return finding.unit == Finding::Unit::Bytes ? figures::bytes(value) : figures::count(value);
}

/// "of 1,024"; the kernel's largest numbers are its way to say that there is none.
std::string availableText(const Finding &finding)
{
    constexpr std::uint64_t kNoLimit = 1ULL << 62;
    return finding.available >= kNoLimit ? "(no limit)" : "of " + amount(finding, finding.available);
}

std::string whole(double value)
{
    return figures::count(static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))));
}

/// Columns of the table of phases.
constexpr std::array<std::pair<std::string_view, std::size_t>, 9> kColumns{{{"phase", 16},
                                                                            {"time", 9},
                                                                            {"users", 9},
                                                                            {"connects", 10},
                                                                            {"peak/s", 9},
                                                                            {"messages", 12},
                                                                            {"peak/s", 9},
                                                                            {"deliveries", 17},
                                                                            {"peak/s", 14}}};

std::string row(const std::array<std::string, kColumns.size()> &cells)
{
    std::string text = "  " + toTheLeft(cells[0], kColumns[0].second);
    for (std::size_t i = 1; i < cells.size(); ++i)
        text += " " + toTheRight(cells[i], kColumns[i].second - 1);
    return text + "\n";
}

std::string phaseRow(const PhaseForecast &phase, const std::string &name)
{
    return row({figures::printable(name), figures::clock(phase.duration), figures::count(phase.peakUsers),
                whole(phase.sessions.total), figures::decimal(phase.sessions.peak),
                whole(phase.messages.total), figures::decimal(phase.messages.peak),
                whole(phase.deliveries.total), figures::decimal(phase.deliveries.peak)});
}

std::string flowLine(const char *what, const Flow &flow, Offset during)
{
    return "  " + toTheLeft(what, 26) + whole(flow.total) + ", " + figures::decimal(flow.mean(during)) +
           " a second on average, " + figures::decimal(flow.peak) + " at most\n";
}

} // namespace

std::string findingLines(const std::vector<Finding> &findings)
{
    std::string text;
    for (const Finding &each : findings) {
        text += std::string(each.isEnough ? "OK       " : "too low  ") + toTheLeft(each.what, kWhatWidth) +
                toTheRight(amount(each, each.needed), 10) + " " + availableText(each) + "\n";
        for (const std::string &command : each.commands)
            text += "           " + command + "\n";
        if (!each.advice.empty())
            text += "         " + each.advice + "\n";
    }
    return text;
}

std::string lackText(const std::vector<Finding> &findings)
{
    std::string text;
    for (const Finding &each : findings) {
        if (each.isEnough || !each.isNecessary)
            continue;
        text += (text.empty() ? "" : "\n") + ("this load needs " + amount(each, each.needed)) + " " +
                each.what + ", and there are " + amount(each, each.available);
        if (!each.commands.empty()) {
            text += ". To have more:";
            for (const std::string &command : each.commands)
                text += "\n    " + command;
        }
        if (!each.advice.empty())
            text += (each.commands.empty() ? "; " : "\n  ") + each.advice;
    }
    return text;
}

std::string dryRunText(const Settings &settings, const Forecast &forecast,
                       const std::vector<Finding> &findings)
{
    const PhaseForecast &total = forecast.total;
    std::string text = "Dry run: " + figures::printable(settings.url) + ", for " +
                       figures::clock(total.duration) + "; nothing is connected to\n";
    if (forecast.certainty == Certainty::AtMost)
        text += "  The pace is closed: messages and deliveries are as many as these if each answer comes at "
                "once.\n";
    else if (forecast.certainty == Certainty::Unknown)
        text += "  The pace is closed, without a time to think: the server's answers decide how many "
                "messages and\n"
                "  deliveries there are, and those of such users are not counted here.\n";
    text += "\nExpected\n";
    text += "  " + toTheLeft("users at once", 26) + figures::count(total.peakUsers) + " at most\n";
    text += flowLine("sessions (connects)", total.sessions, total.duration);
    if (total.messages.total > 0 || forecast.certainty != Certainty::Unknown) {
        text += flowLine("messages", total.messages, total.duration);
        text += flowLine("deliveries", total.deliveries, total.duration);
    }
    text += "\n";
    std::array<std::string, kColumns.size()> heads;
    for (std::size_t i = 0; i < kColumns.size(); ++i)
        heads[i] = kColumns[i].first;
    text += row(heads);
    for (const PhaseForecast &each : forecast.phases)
        text += phaseRow(each, each.name);
    text += "\nThis machine\n" + findingLines(findings);
    return text;
}

} // namespace parlor::cli::load
