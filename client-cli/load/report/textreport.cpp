// SPDX-License-Identifier: MIT
#include "client-cli/load/report/textreport.h"

#include "client-cli/load/plan/ownrooms.h"
#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load {

namespace {

constexpr std::size_t kNameWidth = 26;
constexpr std::size_t kColumnWidth = 10;
constexpr std::size_t kMostErrors = 12;
constexpr std::size_t kMostSplitRooms = 5;
constexpr std::size_t kMostGroups = 6;

struct Told
{
    const RunRecord &record;
    const Judgement &judgement;
};

ThreadHealth busiest(const RunRecord &record)
{
    ThreadHealth most;
    for (const ThreadHealth &each : record.threads)
        most = each.meanCpu > most.meanCpu ? each : most;
    return most;
}

/// Characters, as a terminal counts them: all of ours are one column wide.
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
    return "  " + padded(name, kNameWidth) + std::string(value) + "\n";
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

std::set<std::string> splitServers(const Told &result)
{
    std::set<std::string> servers;
    for (const RoomSplit &split : result.record.measurements.splits) {
        for (const HearingGroup &group : split.groups) {
            for (const auto &[server, users] : group.servers)
                servers.insert(server);
        }
    }
    return servers;
}

/// "the chat is split: users of 3 of 3 rooms did not hear each other (servers ws1, ws2)"
std::string splitText(const Told &result)
{
    const std::set<std::string> servers = splitServers(result);
    return "the chat is split: users of " + figures::count(result.record.measurements.splits.size()) +
           " of " + plural(result.record.settings.rooms.size(), "room", "rooms") +
           " did not hear each other (" + (servers.size() == 1 ? "all on " : "servers ") + joined(servers) +
           ")";
}

/// What went wrong with deliveries, or that nothing did.
std::string faults(const Told &result)
{
    const DeliveryCounts &counts = result.record.measurements.deliveries;
    const std::uint64_t unanswered = result.record.measurements.total().unanswered;
    std::string text;
    const auto add = [&text](std::uint64_t count, const char *what) {
        if (count > 0)
            text += (text.empty() ? "" : ", ") + figures::count(count) + " " + what;
    };
    add(counts.lost, "lost");
    add(counts.doubled, "doubled");
    add(counts.reordered, "out of order");
    add(counts.corrupt, "corrupt");
    add(counts.unexpected, "unexpected");
    add(unanswered, "sent but never answered");
    if (!result.record.measurements.splits.empty())
        text += (text.empty() ? "" : "; ") + splitText(result);
    return text;
}

/// Why most of what was planned and not answered was not.
std::string mainReason(const Measurements &m, const PhaseMeasurements &all)
{
    const std::array<std::pair<std::uint64_t, const char *>, 3> reasons{{
        {all.notMember + all.abandoned,
         m.connectionsLost > 0 ? "connections were lost" : "users could not join"},
        {all.rejected, "the server refused messages"},
        {all.dropped, "the server took nothing more from its connections"},
    }};
    return std::max_element(reasons.begin(), reasons.end(),
                            [](const auto &a, const auto &b) { return a.first < b.first; })
        ->second;
}

/// "34.00 % of the planned messages were sent, 30.00 % answered: connections were lost"
std::string shortfall(const Told &result)
{
    const PhaseMeasurements all = result.record.measurements.total();
    const std::string why = mainReason(result.record.measurements, all);
    if (all.missed() == 0)
        return plural(result.record.measurements.absent, "user was", "users were") +
               " not in the room at the end: " + why;
    const std::string answered = part(all.answered, all.planned);
    if (all.notSent() == 0)
        return "only " + answered + " of the planned messages were answered: " + why;
    return part(all.sent, all.planned) + " of the planned messages were sent, " + answered +
           " answered: " + why;
}

std::string headline(const Told &result)
{
    const DeliveryCounts &counts = result.record.measurements.deliveries;
    const std::string deliveries =
        figures::count(counts.received) + " of " + figures::count(counts.expected()) + " deliveries";
    switch (result.judgement.verdict) {
    case Verdict::Passed: {
        std::string text = "PASS  " + deliveries + ", none lost, doubled or out of order";
        if (!result.judgement.thresholds.empty())
            text += "; " + plural(result.judgement.thresholds.size(), "threshold", "thresholds") + " met";
        if (counts.excused > 0)
            text += "; " + figures::count(counts.excused) + " not owed, as connections were lost";
        if (result.record.measurements.unarrived > 0)
            text += "; " + plural(result.record.measurements.unarrived, "user", "users") + " never came in";
        return text;
    }
    case Verdict::NeverReached:
        return "FAIL  nobody ever joined a room on " + result.record.settings.url;
    case Verdict::Incorrect:
        return "FAIL  " + deliveries + ": " + faults(result);
    case Verdict::Interrupted:
        return "STOPPED  " + deliveries + " until the interruption";
    case Verdict::Incomplete:
        return "INCOMPLETE  " + shortfall(result) + "; " + deliveries;
    case Verdict::GeneratorLimited:
        return "INVALID  the generator did not keep up (see below); " + deliveries;
    case Verdict::ThresholdFailed:
        break;
    }
    const auto failed = std::count_if(result.judgement.thresholds.begin(), result.judgement.thresholds.end(),
                                      [](const ThresholdResult &each) { return !each.passed; });
    return "FAIL  " + std::to_string(failed) + " of " +
           plural(result.judgement.thresholds.size(), "threshold", "thresholds") + " not met; " + deliveries;
}

std::string parameters(const Told &result)
{
    const Settings &options = result.record.settings;
    std::string size = std::to_string(options.profiles.front().size.least);
    if (options.profiles.front().size.most != options.profiles.front().size.least)
        size += "-" + std::to_string(options.profiles.front().size.most);
    std::array<char, 32> rate{};
    std::snprintf(rate.data(), rate.size(), "%g", options.profiles.front().rate);
    return "      " + options.url + "  " + (options.dialect == DialectName::V1 ? "v1" : "v2") + "  up to " +
           plural(result.record.peakUsers, "user", "users") + " in " +
           plural(options.rooms.size(), "room", "rooms") + ", " + rate.data() + "/s each, " + size +
           " bytes  " + figures::duration(result.record.duration) + "  seed " + std::to_string(options.seed) +
           "\n";
}

/// "10 users on ws1, epoch 01J9ZP"
std::string groupText(const HearingGroup &group)
{
    std::string text = plural(group.users, "user", "users") + " on ";
    bool isFirst = true;
    for (const auto &[server, users] : group.servers) {
        text += (isFirst ? "" : ", ") + server;
        if (group.servers.size() > 1)
            text += " (" + figures::count(users) + ")";
        isFirst = false;
    }
    if (!group.epochs.empty())
        text += (group.epochs.size() == 1 ? ", epoch " : ", epochs ") + joined(group.epochs);
    return text;
}

std::string splits(const Told &result)
{
    const std::vector<RoomSplit> &splits = result.record.measurements.splits;
    if (splits.empty())
        return {};
    std::string text = "Split: users who were in a room at the same time and did not hear each other\n";
    for (std::size_t i = 0; i < std::min(splits.size(), kMostSplitRooms); ++i) {
        const std::vector<HearingGroup> &groups = splits[i].groups;
        for (std::size_t k = 0; k < std::min(groups.size(), kMostGroups); ++k)
            text += line(k == 0 ? splits[i].room : "", groupText(groups[k]));
        if (groups.size() > kMostGroups)
            text += line("", "and " + plural(groups.size() - kMostGroups, "other group", "other groups"));
    }
    if (splits.size() > kMostSplitRooms)
        text += "  and " + plural(splits.size() - kMostSplitRooms, "other room", "other rooms") + "\n";
    text +=
        "  The servers behind this address do not share the rooms' messages: each has a chat of its own.\n"
        "  Send everybody to one of them, or start all of them with --redis and the same address.\n";
    if (splitServers(result).size() == 1)
        text += "  They have one name: give each its own hostname to tell them apart here.\n";
    return text + "\n";
}

std::string lonelyRooms(const Told &result)
{
    const std::size_t lonely = result.record.measurements.lonelyRooms.size();
    if (lonely == 0)
        return {};
    const std::string &first = result.record.measurements.lonelyRooms.front();
    return "      WARNING: " +
           (lonely == 1 ? "in the room " + first : "in " + figures::count(lonely) + " rooms") +
           " there were never two users at once, so that nobody could hear another; for more than\n"
           "      one user in a room ask for fewer --rooms or more users\n";
}

std::string latencyHead(std::string_view name)
{
    std::string text = padded(name, kNameWidth + 2) + rightAligned("count", kColumnWidth + 2);
    for (const char *each : {"p50", "p90", "p95", "p99", "p99.9", "max"})
        text += rightAligned(each, kColumnWidth);
    return text + "\n";
}

std::string latencyRow(std::string_view name, const Histogram &histogram)
{
    std::string text =
        "  " + padded(name, kNameWidth) + rightAligned(figures::count(histogram.count()), kColumnWidth + 2);
    for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9}) {
        const auto value = histogram.soundPercentile(percent);
        text += rightAligned(value ? figures::duration(*value) : "-", kColumnWidth);
    }
    return text +
           rightAligned(histogram.count() > 0 ? figures::duration(histogram.max()) : "-", kColumnWidth) +
           "\n";
}

std::string latencies(const Told &result, const PhaseMeasurements &all)
{
    std::string text = latencyHead("Latency");
    text += latencyRow("delivery", all.deliveryLatency);
    text += latencyRow("  from the actual send", all.deliveryService);
    text += latencyRow("acknowledgement", all.ackLatency);
    text += latencyRow("connect and upgrade", result.record.measurements.connectDuration);
    text += latencyRow("join", result.record.measurements.joinDuration);
    text += "\n" + latencyHead("Delivery latency by phase");
    for (std::size_t i = 0; i < result.record.phases.size(); ++i)
        text +=
            latencyRow(result.record.phases[i].name, result.record.measurements.phases[i].deliveryLatency);
    return text + "\n";
}

std::string deliveries(const Told &result)
{
    const DeliveryCounts &counts = result.record.measurements.deliveries;
    std::string text = "Deliveries\n";
    text += line("expected", figures::count(counts.expected()));
    text +=
        line("received", figures::count(counts.received) + "  " + part(counts.received, counts.expected()) +
                             "  " + figures::perSecond(counts.received, result.record.duration));
    text += line("lost", figures::count(counts.lost));
    text += line("doubled", figures::count(counts.doubled));
    text += line("out of order", figures::count(counts.reordered));
    text += line("corrupt", figures::count(counts.corrupt));
    text += line("unexpected", figures::count(counts.unexpected));
    const auto mention = [&text](std::uint64_t count, const char *name, const char *why) {
        if (count > 0)
            text += line(name, figures::count(count) + "  " + why);
    };
    mention(counts.ambiguous, "not owed, came", "sent around a join or a leave");
    mention(counts.excused, "no longer owed", "the connection was lost, or not waited for");
    mention(counts.foreign, "of others", "not this run's messages");
    return text + "\n";
}

std::string messages(const Told &result, const PhaseMeasurements &all)
{
    std::string text = "Messages\n";
    text += line("planned", figures::count(all.planned));
    text += line("sent", figures::count(all.sent) + "  " + part(all.sent, all.planned) + "  " +
                             figures::perSecond(all.sent, result.record.duration));
    text += line("acknowledged", figures::count(all.answered) + "  " + part(all.answered, all.planned));
    const auto mention = [&text](std::uint64_t count, const char *name, const char *why) {
        if (count > 0)
            text += line(name, figures::count(count) + "  " + why);
    };
    mention(all.early, "before the join", "due while a user was still coming in: not planned");
    const std::string codes = figures::names(result.record.measurements.refusals);
    const std::string why = "the server answered with an error" + (codes.empty() ? "" : ": " + codes);
    mention(all.rejected, "refused", why.c_str());
    mention(all.unanswered, "never answered", "within the drain");
    mention(all.abandoned, "answer unknown", "the connection was lost first");
    mention(all.notMember, "not sent", "the user was not in its room");
    mention(all.dropped, "dropped", "the server took nothing more from the connection");
    return text + "\n";
}

std::string connections(const Told &result)
{
    const Measurements &m = result.record.measurements;
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
        text += line("served by " + host, figures::count(count) + "  " + part(count, m.connected));
    return text + "\n";
}

std::string generator(const Told &result, const PhaseMeasurements &all)
{
    std::string text = latencyHead("Generator");
    text += latencyRow("send lag", all.sendLag);
    text +=
        line("CPU of its thread", figures::share(busiest(result.record).meanCpu) + " on average, at most " +
                                      figures::share(busiest(result.record).peakCpu));
    if (result.record.measurements.negativeTimes > 0)
        text += line("negative times",
                     figures::count(result.record.measurements.negativeTimes) + "  not recorded");
    if (result.judgement.limits.empty())
        return text + line("verdict", "it kept up");
    text += line("verdict", "WARNING: it did not keep up; the figures are its own as much as the server's");
    for (const std::string &limit : result.judgement.limits)
        text += line("", limit);
    return text;
}

std::string errors(const Told &result)
{
    const auto &all = result.record.measurements.errors;
    if (all.empty())
        return {};
    std::vector<std::pair<std::string, std::uint64_t>> sorted(all.begin(), all.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    std::string text = "\nErrors\n";
    for (std::size_t i = 0; i < std::min(sorted.size(), kMostErrors); ++i)
        text += "  " + rightAligned(figures::count(sorted[i].second), kColumnWidth) + "  " + sorted[i].first +
                "\n";
    if (sorted.size() > kMostErrors)
        text += "  and " + plural(sorted.size() - kMostErrors, "other kind", "other kinds") + "\n";
    return text;
}

/// A server may have fixed rooms, and this run's own are none of them.
std::string fixedRooms(const Told &result)
{
    const Settings &options = result.record.settings;
    if (result.record.measurements.connected == 0 || !foreignRooms(options.rooms).empty())
        return {};
    return "\nA server whose rooms are fixed (--rooms fixed, or the tutorial's: general, support, random) "
           "does "
           "not let anybody into '" +
           options.rooms.front() + "': name its rooms with --rooms\n";
}

std::string thresholdLines(const Told &result)
{
    if (result.judgement.thresholds.empty())
        return {};
    std::size_t width = kNameWidth;
    for (const ThresholdResult &each : result.judgement.thresholds)
        width = std::max(width, widthOf(each.text) + 4);
    std::string text = "Thresholds\n";
    for (const ThresholdResult &each : result.judgement.thresholds)
        text +=
            std::string(each.passed ? "  ✓ " : "  ✗ ") + padded(each.text, width - 2) + each.measured + "\n";
    return text + "\n";
}

} // namespace

std::string textReport(const RunRecord &record, const Judgement &judgement)
{
    const Told result{record, judgement};
    const PhaseMeasurements all = result.record.measurements.total();
    std::string text = headline(result) + "\n" + parameters(result);
    if (!result.judgement.limits.empty())
        text += "      WARNING: the generator did not keep up (see below)\n";
    text += lonelyRooms(result);
    text += "\n";
    if (result.record.measurements.joined == 0)
        return text + connections(result) + errors(result) + fixedRooms(result);
    return text + splits(result) + thresholdLines(result) + deliveries(result) + messages(result, all) +
           latencies(result, all) + connections(result) + generator(result, all) + errors(result);
}

} // namespace parlor::cli::load
