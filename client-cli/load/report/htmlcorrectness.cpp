// SPDX-License-Identifier: MIT
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load::html {

namespace {

constexpr std::size_t kMostSplits = 20;
constexpr std::size_t kMostNames = 20;

/// A count of the run with its meaning.
template <typename Counts>
struct CountRow
{
    std::string_view key; ///< in the run's file
    std::uint64_t (*read)(const Counts &);
    std::string_view name;
    std::string_view meaning;
    bool isFault = false;
    bool isRare = false; ///< not shown where it is 0
};

using Came = const DeliveryCounts &;
constexpr std::array<CountRow<DeliveryCounts>, 11> kDeliveryRows{{
    {"expected", [](Came d) { return d.expected(); }, "owed", "published while the receiver was in the room"},
    {"received", [](Came d) { return d.received; }, "received", "owed, and there"},
    {"lost", [](Came d) { return d.lost; }, "lost", "owed, and never there", true},
    {"doubled", [](Came d) { return d.doubled; }, "doubled", "there once more", true},
    {"reordered", [](Came d) { return d.reordered; }, "out of order", "there after a later one", true},
    {"corrupt", [](Came d) { return d.corrupt; }, "corrupt", "there with another content than was sent",
     true},
    {"unexpected", [](Came d) { return d.unexpected; }, "unexpected",
     "of another room, refused, never sent, or from before the join", true},
    {"ambiguous", [](Came d) { return d.ambiguous; }, "not owed, came", "sent around a join or a leave",
     false, true},
    {"excused", [](Came d) { return d.excused; }, "no longer owed", "the connection was lost first", false,
     true},
    {"counted", [](Came d) { return d.counted; }, "counted alone", "came to receivers that are not checked",
     false, true},
    {"foreign", [](Came d) { return d.foreign; }, "of others", "not this run's messages", false, true},
}};

using Sent = const MessageCounts &;
constexpr std::array<CountRow<MessageCounts>, 10> kMessageRows{{
    {"planned", [](Sent m) { return m.planned; }, "planned", "due, sent or not"},
    {"sent", [](Sent m) { return m.sent; }, "sent", ""},
    {"answered", [](Sent m) { return m.answered; }, "answered", "acknowledged, or echoed"},
    {"rejected", [](Sent m) { return m.rejected; }, "refused", "answered with an error", true, true},
    {"unanswered", [](Sent m) { return m.unanswered; }, "never answered", "in all the time there was", true,
     true},
    {"abandoned", [](Sent m) { return m.abandoned; }, "answer unknown", "the connection was lost first", true,
     true},
    {"not_member", [](Sent m) { return m.notMember; }, "not sent", "the user was not in its room", true,
     true},
    {"dropped", [](Sent m) { return m.dropped; }, "dropped",
     "the server took nothing more from the connection", true, true},
    {"held", [](Sent m) { return m.held; }, "held back",
     "it waited for answers to earlier ones until its user's end", true, true},
    {"early", [](Sent m) { return m.early; }, "before the join",
     "due while its user was on its way in: not planned", false, true},
}};

/// `whole`: the first of the rows, of which the others are a part.
template <typename Counts, std::size_t Size>
std::string countTable(const std::array<CountRow<Counts>, Size> &rows, const std::string &prefix,
                       const Counts &counts, const Counts *before)
{
    const std::string wholePath = prefix + std::string(rows.front().key);
    const std::uint64_t whole = rows.front().read(counts);
    std::vector<std::string_view> names{"", "count", "share"};
    if (before != nullptr)
        names.emplace_back("baseline");
    names.emplace_back("what it is");
    std::string out = head(names);
    for (const CountRow<Counts> &row : rows) {
        const std::uint64_t count = row.read(counts);
        if (row.isRare && count == 0 && (before == nullptr || row.read(*before) == 0))
            continue;
        const std::string key(row.key);
        out += "\n<tr" + std::string(row.isFault && count > 0 ? " class=bad" : "") + "><th scope=row>" +
               escaped(row.name) + cell(countOf(prefix + key, count)) +
               cell(shareOf(prefix + key, wholePath, count, whole));
        if (before != nullptr)
            out += cell(countOf("before." + prefix + key, row.read(*before)));
        out += words(row.meaning);
    }
    return out;
}

std::string serversOf(const HearingGroup &group)
{
    std::string text;
    for (const auto &[server, users] : group.servers)
        text += (text.empty() ? "" : ", ") + given(server);
    return text;
}

std::string splitsOf(const Told &told)
{
    const std::vector<RoomSplit> &splits = told.record.measurements.splits;
    if (splits.empty())
        return {};
    std::string out = head({"room", "users", "their servers"});
    for (std::size_t i = 0; i < std::min(splits.size(), kMostSplits); ++i) {
        for (std::size_t k = 0; k < splits[i].groups.size(); ++k) {
            const HearingGroup &group = splits[i].groups[k];
            out += rowHead(splits[i].room) +
                   cell(countOf("splits." + std::to_string(i) + ".groups." + std::to_string(k) + ".users",
                                group.users)) +
                   "<td class=words>" + serversOf(group);
        }
    }
    return tableCard(
        "wide bad", "Split rooms",
        "Users who were in a room at the same time and did not hear each other. The servers behind the "
        "address do not share the rooms' messages.",
        out);
}

std::string lonelyOf(const Told &told)
{
    const std::vector<std::string> &rooms = told.record.measurements.lonelyRooms;
    if (rooms.empty())
        return {};
    std::string names;
    for (std::size_t i = 0; i < std::min(rooms.size(), kMostNames); ++i)
        names += (i == 0 ? "" : ", ") + given(rooms[i]);
    return card(
        "wide doubtful",
        element("h3", "", "Rooms of one") +
            element("p", "",
                    "Rooms in which there were never two users at once, so that nobody could hear another: " +
                        span(countOf("rooms_of_one", rooms.size())) + ": " + names +
                        (rooms.size() > kMostNames ? " …" : "") + "."));
}

std::string faultsOverTime(const Told &told)
{
    const std::vector<Window> &windows = told.time.windows;
    if (std::none_of(windows.begin(), windows.end(), [](const Window &each) { return each.all.faults > 0; }))
        return {};
    return card("wide", render(TimeChart{.id = "faults",
                                         .title = "Faults over time",
                                         .about = "deliveries that were lost, doubled, out of order, corrupt "
                                                  "or unexpected, when it was noticed",
                                         .lines = {{ColumnId::Faults, Look::Fault}}},
                               told.time));
}

} // namespace

std::string correctness(const Told &told)
{
    const DeliveryCounts &counts = told.record.measurements.deliveries;
    std::optional<MessageCounts> messages;
    if (told.baseline != nullptr)
        messages = told.baseline->measurements.messages();
    const std::string deliveries =
        countTable(kDeliveryRows, "deliveries.", counts,
                   told.baseline != nullptr ? &told.baseline->measurements.deliveries : nullptr);
    const std::string sent = countTable(kMessageRows, "messages.", told.record.measurements.messages(),
                                        messages ? &*messages : nullptr);
    return section(
        "correctness", "Correctness",
        tableCard("half", "Deliveries",
                  "Each receiver is counted for itself: the loss of one never cancels the double of another.",
                  deliveries) +
            tableCard("half", "Messages", "", sent) + splitsOf(told) + lonelyOf(told) + faultsOverTime(told));
}

} // namespace parlor::cli::load::html
