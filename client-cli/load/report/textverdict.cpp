// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load::text {

namespace {

/// "the chat is split: users of 3 of 3 rooms did not hear each other (servers ws1, ws2)"
std::string splitText(const Told &told)
{
    const std::set<std::string> servers = splitServers(told);
    return "the chat is split: users of " + figures::count(told.record.measurements.splits.size()) + " of " +
           plural(told.record.settings.rooms.size(), "room", "rooms") + " did not hear each other (" +
           (servers.size() == 1 ? "all on " : "servers ") + joined(servers) + ")";
}

/// What went wrong with deliveries, or that nothing did.
std::string faults(const Told &told)
{
    std::string text = listOf(faultsOf(told.record.measurements));
    if (!told.record.measurements.splits.empty())
        text += (text.empty() ? "" : "; ") + splitText(told);
    return text;
}

/// Why most of what was planned and not answered was not, as a further clause; nothing where that is unknown.
std::string mainReason(const Told &told)
{
    const Measurements &m = told.record.measurements;
    const std::array<std::pair<std::uint64_t, const char *>, 4> reasons{{
        {told.all.notMember + told.all.abandoned,
         m.connectionsLost > 0 ? "connections were lost" : "users could not join"},
        {told.all.rejected, "the server refused messages"},
        {told.all.dropped, "the server took nothing more from its connections"},
        {told.all.held, "users waited for answers until they left (--inflight)"},
    }};
    const auto largest = std::max_element(reasons.begin(), reasons.end(),
                                          [](const auto &a, const auto &b) { return a.first < b.first; });
    if (largest->first > 0)
        return std::string("; ") + largest->second;
    if (m.connectionsLost > 0)
        return "; connections were lost";
    return told.record.notes.empty() ? "" : "; see Notes";
}

/// What isWithoutDeliveries() means here.
std::string noDeliveries(const Settings &settings)
{
    if (settings.verify == Verify::Count)
        return "messages were answered, and nobody received any";
    return "nothing was checked: no delivery was owed" +
           (settings.settle > Offset{} ? " within --settle " + figures::duration(settings.settle)
                                       : std::string());
}

/// "34.00 % of the planned messages were sent, 30.00 % answered; connections were lost"
std::string shortfall(const Told &told)
{
    if (told.all.missed() == 0 && told.record.measurements.absent == 0)
        return noDeliveries(told.record.settings);
    const std::string why = mainReason(told);
    if (told.all.missed() == 0)
        return plural(told.record.measurements.absent, "user was", "users were") +
               " not in the room at the end" + why;
    const std::string answered = part(told.all.answered, told.all.planned);
    if (told.all.notSent() == 0)
        return "only " + answered + " of the planned messages were answered" + why;
    return part(told.all.sent, told.all.planned) + " of the planned messages were sent, " + answered +
           " answered" + why;
}

/// "1,998 of 2,000 deliveries"
std::string deliveriesText(const Told &told)
{
    const DeliveryCounts &counts = told.record.measurements.deliveries;
    switch (told.record.settings.verify) {
    case Verify::Count:
        return figures::count(counts.counted) + " deliveries counted, none checked (--verify count)";
    case Verify::Off:
        return "deliveries not looked at (--verify off)";
    case Verify::Full:
    case Verify::Sample:
        break;
    }
    return figures::count(counts.received) + " of " + figures::count(counts.expected()) +
           (told.record.settings.verify == Verify::Sample ? " checked" : "") + " deliveries";
}

/// Without what stands below it.
std::string verdictText(const Told &told)
{
    const DeliveryCounts &counts = told.record.measurements.deliveries;
    const std::string deliveries = deliveriesText(told);
    switch (told.judgement.verdict) {
    case Verdict::Passed: {
        std::string text = "PASS  " + deliveries;
        if (counts.expected() > 0)
            text += ", none lost, doubled or out of order";
        if (!told.judgement.thresholds.empty())
            text += "; " + plural(told.judgement.thresholds.size(), "threshold", "thresholds") + " met";
        if (counts.excused > 0)
            text += "; " + figures::count(counts.excused) + " not owed, as connections were lost";
        if (told.record.measurements.unarrived > 0)
            text += "; " + plural(told.record.measurements.unarrived, "user", "users") + " never came in";
        return text;
    }
    case Verdict::NeverReached:
        return "FAIL  nobody ever joined a room on " + figures::printable(told.record.settings.url);
    case Verdict::Incorrect:
        return "FAIL  " + deliveries + ": " + faults(told);
    case Verdict::Interrupted:
        return "INTERRUPTED  " + deliveries + " until then";
    case Verdict::Incomplete:
        return "INCOMPLETE  " + shortfall(told) + "; " + deliveries;
    case Verdict::GeneratorLimited:
        return "INVALID  the generator did not keep up (see Generator); " + deliveries;
    case Verdict::ThresholdFailed:
        break;
    }
    const auto failed = std::count_if(told.judgement.thresholds.begin(), told.judgement.thresholds.end(),
                                      [](const ThresholdResult &each) { return !each.passed; });
    return "FAIL  " + std::to_string(failed) + " of " +
           plural(told.judgement.thresholds.size(), "threshold", "thresholds") + " not met; " + deliveries;
}

/// A line for each clause, where one line is too short.
std::string inLines(const std::string &text)
{
    if (widthOf(text) <= kReportWidth)
        return text + "\n";
    std::string lines;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find("; ", begin), text.size() - 1) + 1;
        lines += wrapped(std::string(begin == 0 ? 0 : kHeadIndent, ' ') + text.substr(begin, end - begin),
                         kHeadIndent);
        begin = end + 1;
    }
    return lines;
}

} // namespace

std::string headline(const Told &told)
{
    std::string lines = inLines(verdictText(told));
    if (told.record.isInterrupted && told.judgement.verdict != Verdict::Interrupted)
        lines += std::string(kHeadIndent, ' ') + "the run was interrupted\n";
    return lines;
}

} // namespace parlor::cli::load::text
