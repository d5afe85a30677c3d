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
constexpr std::size_t kCountWidth = 10; ///< of errors

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
    const MessageCounts &counts = told.all;
    std::string text = "Messages\n";
    for (const names::Count<MessageCounts> &each : names::messages()) {
        std::string more;
        if (each.key == "sent")
            more = part(counts.sent, counts.planned) + "  " +
                   figures::perSecond(counts.sent, told.record.plannedTime());
        else if (each.key == "answered")
            more = part(counts.answered, counts.planned);
        else if (each.key == "rejected" && !told.record.measurements.refusals.empty())
            more = std::string(each.meaning) + ": " +
                   figures::printable(figures::names(told.record.measurements.refusals));
        text += countLine(each, counts, more);
        if (each.key == "answered")
            text += busiestSecond(told.record.seconds);
    }
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
    return text;
}

std::string notes(const std::vector<std::string> &sentences)
{
    std::string text;
    for (const std::string &each : sentences)
        text += (text.empty() ? "\nNotes\n" : "") + wrapped("  " + figures::printable(each), 4);
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
        text += wrapped("  " + rightAligned(figures::count(sorted[i].second), kCountWidth) + "  " +
                            figures::printable(sorted[i].first),
                        kCountWidth + 4);
    if (sorted.size() > kMostErrors)
        text += "  and " + plural(sorted.size() - kMostErrors, "other kind", "other kinds") + "\n";
    return text;
}

/// Where joins were refused: a server may have fixed rooms, and this run's own are none of them.
std::string fixedRooms(const Told &told)
{
    const Settings &options = told.record.settings;
    const auto &errors = told.record.measurements.errors;
    const bool isRefused = std::any_of(errors.begin(), errors.end(), [](const auto &each) {
        return each.first.starts_with("join refused: ");
    });
    if (!isRefused || options.rooms.empty() || !foreignRooms(options.rooms).empty())
        return {};
    return "\n" +
           wrapped(
               "A server whose rooms are fixed (--rooms fixed, or the tutorial's: general, support, random) "
               "does not let anybody into '" +
                   figures::printable(options.rooms.front()) + "': name its rooms with --rooms",
               0);
}

} // namespace

} // namespace text

namespace {

/// What the reader must know besides the verdict.
std::vector<std::string> warnings(const text::Told &told)
{
    std::vector<std::string> found;
    if (told.record.measurements.joined > 0 && told.all.planned == 0)
        found.emplace_back("WARNING: nothing was said: only connections were tested");
    if (!told.judgement.limits.empty() && told.judgement.verdict != Verdict::GeneratorLimited)
        found.emplace_back("WARNING: the generator did not keep up (see Generator)");
    return found;
}

} // namespace

std::string textReport(const RunRecord &record, const Judgement &judgement)
{
    const text::Told told{record, judgement, record.measurements.total()};
    std::string report = text::headline(told) + text::parameters(told);
    for (const std::string &warning : warnings(told))
        report += std::string(text::kHeadIndent, ' ') + warning + "\n";
    report += text::lonelyRooms(told) + "\n";
    if (record.measurements.joined == 0)
        return report + text::connections(told) + text::notes(record.notes) + text::errors(told) +
               text::fixedRooms(told);
    return report + text::thresholdLines(told) + text::splits(told) + text::deliveries(told) +
           text::latencies(told) + text::messages(told) + text::connections(told) + "\n" +
           text::generator(told) + text::notes(record.notes) + text::errors(told);
}

std::string textEnding(const RunRecord &record, const Judgement &judgement, int exitCode)
{
    const text::Told told{record, judgement, record.measurements.total()};
    const std::string indent(text::kHeadIndent, ' ');
    std::string why = "exit code " + std::to_string(exitCode);
    if (exitCode != exitCodeOf(judgement.verdict)) {
        why += ": not all files could be written";
    } else {
        for (const std::string &warning : warnings(told))
            why += "; " + warning;
    }
    return "\n" + text::headline(told) + text::wrapped(indent + why, text::kHeadIndent);
}

} // namespace parlor::cli::load
