// SPDX-License-Identifier: MIT
#include "client-cli/load/record/names.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>
#include <optional>
#include <span>

namespace parlor::cli::load::html {

namespace {

constexpr std::size_t kMostSplits = 20;
constexpr std::size_t kMostNames = 20;

template <typename Counts>
std::string countTable(std::span<const names::Count<Counts>> rows, const std::string &prefix,
                       const Counts &counts, const Counts *before)
{
    const std::string wholePath = prefix + std::string(rows.front().key);
    const std::uint64_t whole = rows.front().read(counts);
    std::vector<std::string_view> heads{"", "count", "share"};
    if (before != nullptr)
        heads.emplace_back("baseline");
    heads.emplace_back("what it is");
    std::string out = head(heads);
    for (const names::Count<Counts> &row : rows) {
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
    std::string list;
    for (std::size_t i = 0; i < std::min(rooms.size(), kMostNames); ++i)
        list += (i == 0 ? "" : ", ") + given(rooms[i]);
    return card(
        "wide doubtful",
        element("h3", "", "Rooms of one") +
            element("p", "",
                    "Rooms in which there were never two users at once, so that nobody could hear another: " +
                        span(countOf("rooms_of_one", rooms.size())) + ": " + list +
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
                                                  "or unexpected; losses when their receiver left",
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
        countTable(names::deliveries(), "deliveries.", counts,
                   told.baseline != nullptr ? &told.baseline->measurements.deliveries : nullptr);
    const std::string sent = countTable(names::messages(), "messages.", told.record.measurements.messages(),
                                        messages ? &*messages : nullptr);
    return section(
        "correctness", "Correctness",
        tableCard("half", "Deliveries",
                  "Each receiver is counted for itself: the loss of one never cancels the double of another.",
                  deliveries) +
            tableCard("half", "Messages", "", sent) + splitsOf(told) + lonelyOf(told) + faultsOverTime(told));
}

} // namespace parlor::cli::load::html
