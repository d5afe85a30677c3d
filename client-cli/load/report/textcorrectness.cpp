// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>

namespace parlor::cli::load::text {

namespace {

constexpr std::size_t kMostSplitRooms = 5;
constexpr std::size_t kMostGroups = 6;

/// "10 users on ws1, epoch 01J9ZP"
std::string groupText(const HearingGroup &group)
{
    std::string text = plural(group.users, "user", "users") + " on ";
    bool isFirst = true;
    for (const auto &[server, users] : group.servers) {
        text += (isFirst ? "" : ", ") + figures::printable(server);
        if (group.servers.size() > 1)
            text += " (" + figures::count(users) + ")";
        isFirst = false;
    }
    if (!group.epochs.empty())
        text += (group.epochs.size() == 1 ? ", epoch " : ", epochs ") + joined(group.epochs);
    return text;
}

/// What was looked at, where it was not all.
std::string verifyLine(const Told &told)
{
    const Settings &settings = told.record.settings;
    switch (settings.verify) {
    case Verify::Sample:
        return line("checked", "one receiver in " + figures::count(settings.verifySample) +
                                   "; at the others deliveries are counted");
    case Verify::Count:
        return line("checked", "none: deliveries are counted, and not read (--verify count)");
    case Verify::Off:
        return line("checked", "none: what the server sends is thrown away (--verify off)");
    case Verify::Full:
        break;
    }
    return {};
}

} // namespace

std::set<std::string> splitServers(const Told &told)
{
    std::set<std::string> servers;
    for (const RoomSplit &split : told.record.measurements.splits) {
        for (const HearingGroup &group : split.groups) {
            for (const auto &[server, users] : group.servers)
                servers.insert(server);
        }
    }
    return servers;
}

std::string splits(const Told &told)
{
    const std::vector<RoomSplit> &all = told.record.measurements.splits;
    if (all.empty())
        return {};
    std::string text = "Split: users who were in a room at the same time and did not hear each other\n";
    for (std::size_t i = 0; i < std::min(all.size(), kMostSplitRooms); ++i) {
        const std::vector<HearingGroup> &groups = all[i].groups;
        for (std::size_t k = 0; k < std::min(groups.size(), kMostGroups); ++k)
            text += line(k == 0 ? figures::printable(all[i].room) : "", groupText(groups[k]));
        if (groups.size() > kMostGroups)
            text += line("", "and " + plural(groups.size() - kMostGroups, "other group", "other groups"));
    }
    if (all.size() > kMostSplitRooms)
        text += "  and " + plural(all.size() - kMostSplitRooms, "other room", "other rooms") + "\n";
    text +=
        wrapped("  The servers behind this address do not share the rooms' messages: each has a chat of its "
                "own. Send everybody to one of them, or start all of them with --redis and the same "
                "address.",
                2);
    if (splitServers(told).size() == 1)
        text += "  They have one name: give each its own hostname to tell them apart here.\n";
    return text + "\n";
}

std::string lonelyRooms(const Told &told)
{
    const std::size_t lonely = told.record.measurements.lonelyRooms.size();
    if (lonely == 0)
        return {};
    const std::string first = figures::printable(told.record.measurements.lonelyRooms.front());
    return wrapped("      WARNING: " +
                       (lonely == 1 ? "in the room " + first : "in " + figures::count(lonely) + " rooms") +
                       " there were never two users at once, so that nobody could hear another; for more "
                       "than one user in a room ask for fewer --rooms or more users",
                   kHeadIndent);
}

std::string deliveries(const Told &told)
{
    const DeliveryCounts &counts = told.record.measurements.deliveries;
    const Verify verify = told.record.settings.verify;
    const bool isChecked = verify == Verify::Full || verify == Verify::Sample;
    std::string text = "Deliveries\n" + verifyLine(told);
    for (const names::Count<DeliveryCounts> &each : names::deliveries()) {
        // No fault is found where nothing is checked.
        if (counts.expected() == 0 && each.read(counts) == 0 && (each.isFault || !isChecked))
            continue;
        std::string more;
        if (each.key == "received")
            more = part(counts.received, counts.expected()) + "  " +
                   figures::perSecond(counts.received, told.record.deliveringTime());
        text += countLine(each, counts, more);
    }
    return text + "\n";
}

} // namespace parlor::cli::load::text
