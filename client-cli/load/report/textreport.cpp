// SPDX-License-Identifier: MIT
#include "client-cli/load/report/textreport.h"

#include "client-cli/load/plan/ownrooms.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>

namespace parlor::cli::load {

namespace text {

namespace {

constexpr std::size_t kMostErrors = 12;

std::string thresholdLines(const Told &told)
{
    if (told.judgement.thresholds.empty())
        return {};
    std::size_t width = kNameWidth;
    for (const ThresholdResult &each : told.judgement.thresholds)
        width = std::max(width, widthOf(figures::printable(each.text)) + 4);
    std::string text = "Thresholds\n";
    for (const ThresholdResult &each : told.judgement.thresholds)
        text += std::string(each.passed ? "  ✓ " : "  ✗ ") +
                padded(figures::printable(each.text), width - 2) + each.measured + "\n";
    return text + "\n";
}

/// "1,234 messages sent, 12,340 deliveries": each in the second that had most of them.
std::string busiestSecond(const std::vector<Second> &seconds)
{
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    for (const Second &each : seconds) {
        sent = std::max(sent, each.sent);
        received = std::max(received, each.received);
    }
    if (sent == 0 && received == 0)
        return {};
    return line("in the busiest second",
                figures::count(sent) + " sent, " + figures::count(received) + " deliveries");
}

std::string messages(const Told &told)
{
    std::string text = "Messages\n";
    text += line("planned", figures::count(told.all.planned));
    text += line("sent", figures::count(told.all.sent) + "  " + part(told.all.sent, told.all.planned) + "  " +
                             figures::perSecond(told.all.sent, told.record.duration));
    text += line("acknowledged",
                 figures::count(told.all.answered) + "  " + part(told.all.answered, told.all.planned));
    text += busiestSecond(told.record.seconds);
    const auto mention = [&text](std::uint64_t count, const char *name, const char *why) {
        if (count > 0)
            text += line(name, figures::count(count) + "  " + why);
    };
    mention(told.all.early, "before the join", "due while a user was still coming in: not planned");
    const std::string codes = figures::printable(figures::names(told.record.measurements.refusals));
    const std::string why = "the server answered with an error" + (codes.empty() ? "" : ": " + codes);
    mention(told.all.rejected, "refused", why.c_str());
    mention(told.all.unanswered, "never answered", "within the drain");
    mention(told.all.abandoned, "answer unknown", "the connection was lost first");
    mention(told.all.notMember, "not sent", "the user was not in its room");
    mention(told.all.held, "held back", "not sent: waited for answers until the user left");
    mention(told.all.dropped, "dropped", "the server took nothing more from the connection");
    return text + "\n";
}

std::string connections(const Told &told)
{
    const Measurements &m = told.record.measurements;
    std::string text = "Connections\n";
    text += line("connected", figures::count(m.connected) + " of " +
                                  plural(m.connectAttempts, "attempt", "attempts") + "  " +
                                  part(m.connected, m.connectAttempts));
    text += line("joined", figures::count(m.joined) + " of " + plural(m.joinAttempts, "attempt", "attempts"));
    text += line("lost",
                 figures::count(m.connectionsLost) + ", " + figures::count(m.reconnects) + " joined again");
    if (m.absent > 0)
        text += line("not there at the end", plural(m.absent, "user", "users"));
    if (m.unarrived > 0)
        text += line("never came in", plural(m.unarrived, "user", "users") + "  their time was over first");
    text += line("bytes",
                 figures::bytes(m.bytesSent) + " sent, " + figures::bytes(m.bytesReceived) + " received");
    for (const auto &[host, count] : m.hosts)
        text += line("served by " + figures::printable(host),
                     figures::count(count) + "  " + part(count, m.connected));
    return text + "\n";
}

std::string notes(const std::vector<std::string> &sentences)
{
    std::string text;
    for (const std::string &each : sentences)
        text += (text.empty() ? "\nNotes\n  " : "  ") + figures::printable(each) + "\n";
    return text;
}

std::string errors(const Told &told)
{
    const auto &all = told.record.measurements.errors;
    if (all.empty())
        return {};
    std::vector<std::pair<std::string, std::uint64_t>> sorted(all.begin(), all.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    std::string text = "\nErrors\n";
    for (std::size_t i = 0; i < std::min(sorted.size(), kMostErrors); ++i)
        text += "  " + rightAligned(figures::count(sorted[i].second), kColumnWidth) + "  " +
                figures::printable(sorted[i].first) + "\n";
    if (sorted.size() > kMostErrors)
        text += "  and " + plural(sorted.size() - kMostErrors, "other kind", "other kinds") + "\n";
    return text;
}

/// A server may have fixed rooms, and this run's own are none of them.
std::string fixedRooms(const Told &told)
{
    const Settings &options = told.record.settings;
    if (told.record.measurements.connected == 0 || options.rooms.empty() ||
        !foreignRooms(options.rooms).empty())
        return {};
    return "\nA server whose rooms are fixed (--rooms fixed, or the tutorial's: general, support, random) "
           "does "
           "not let anybody into '" +
           figures::printable(options.rooms.front()) + "': name its rooms with --rooms\n";
}

} // namespace

} // namespace text

std::string textReport(const RunRecord &record, const Judgement &judgement)
{
    const text::Told told{record, judgement, record.measurements.total()};
    std::string report = text::headline(told) + "\n" + text::parameters(told);
    if (!judgement.limits.empty())
        report += "      WARNING: the generator did not keep up (see below)\n";
    report += text::lonelyRooms(told) + "\n";
    if (record.measurements.joined == 0)
        return report + text::connections(told) + text::notes(record.notes) + text::errors(told) +
               text::fixedRooms(told);
    return report + text::thresholdLines(told) + text::splits(told) + text::deliveries(told) +
           text::latencies(told) + text::messages(told) + text::connections(told) + text::generator(told) +
           text::notes(record.notes) + text::errors(told);
}

} // namespace parlor::cli::load
