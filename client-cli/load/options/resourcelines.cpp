// SPDX-License-Identifier: MIT
#include "client-cli/load/options/resourcelines.h"

#include "client-cli/load/options/thresholdwarnings.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace parlor::cli::load {

namespace {

constexpr std::size_t kWhatWidth = 44;

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
constexpr std::array<std::pair<std::string_view, std::size_t>, 7> kColumns{{{"phase", 14},
                                                                            {"time", 9},
                                                                            {"users", 8},
                                                                            {"connects", 9},
                                                                            {"messages", 12},
                                                                            {"deliveries", 14},
                                                                            {"peak/s", 12}}};

std::string row(const std::array<std::string, kColumns.size()> &cells)
{
    std::string line = "  " + text::padded(cells[0], kColumns[0].second);
    for (std::size_t i = 1; i < cells.size(); ++i)
        line += " " + text::rightAligned(cells[i], kColumns[i].second - 1);
    return line + "\n";
}

std::string phaseRow(const PhaseForecast &phase, const std::string &name)
{
    return row({figures::printable(name), figures::clock(phase.duration), figures::count(phase.peakUsers),
                whole(phase.sessions.total), whole(phase.messages.total), whole(phase.deliveries.total),
                figures::decimal(phase.deliveries.peak)});
}

std::string flowLine(std::string_view what, const Flow &flow, Offset during)
{
    return text::line(what, whole(flow.total) + ", " + figures::decimal(flow.mean(during)) +
                                " a second on average, " + figures::decimal(flow.peak) + " at most");
}

} // namespace

std::string findingLines(const std::vector<Finding> &findings)
{
    std::string lines;
    for (const Finding &each : findings) {
        lines += std::string(each.isEnough ? "OK       " : "too low  ") +
                 text::padded(each.what, kWhatWidth) + text::rightAligned(amount(each, each.needed), 10) +
                 " " + availableText(each) + "\n";
        for (const std::string &command : each.commands)
            lines += "           " + command + "\n";
        if (!each.advice.empty())
            lines += text::wrapped("         " + each.advice, 9);
    }
    return lines;
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
    std::string lines = "Dry run: " + figures::printable(settings.url) + ", for " +
                        figures::clock(total.duration) + "; nothing is connected to\n";
    if (forecast.certainty == Certainty::AtMost)
        lines += "  The pace is closed: messages and deliveries are as many as these if each\n"
                 "  answer comes at once.\n";
    else if (forecast.certainty == Certainty::Unknown)
        lines += "  The pace is closed, without a time to think: the server's answers decide how\n"
                 "  many messages and deliveries there are, and those of such users are not\n"
                 "  counted here.\n";
    lines += "\nExpected\n";
    lines += text::line("users at once", figures::count(total.peakUsers) + " at most");
    lines += flowLine("sessions (connects)", total.sessions, total.duration);
    if (total.messages.total > 0 || forecast.certainty != Certainty::Unknown) {
        lines += flowLine("messages", total.messages, total.duration);
        lines += flowLine("deliveries", total.deliveries, total.duration);
    }
    lines += "\n";
    std::array<std::string, kColumns.size()> heads;
    for (std::size_t i = 0; i < kColumns.size(); ++i)
        heads[i] = kColumns[i].first;
    lines += row(heads);
    for (const PhaseForecast &each : forecast.phases)
        lines += phaseRow(each, each.name);
    if (const std::string warnings = thresholdWarnings(settings, forecast); !warnings.empty())
        lines += "\nThresholds\n" + warnings;
    lines += "\nThis machine\n" + findingLines(findings);
    return lines;
}

} // namespace parlor::cli::load
