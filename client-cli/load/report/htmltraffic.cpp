// SPDX-License-Identifier: MIT
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>

namespace parlor::cli::load::html {

namespace {

constexpr std::size_t kMostHosts = 50;

std::string timeCard(const Told &told, std::string_view classes, const TimeChart &chart)
{
    return told.time.windows.empty() ? "" : card(classes, render(chart, told.time));
}

struct Traffic
{
    const Told &told;
    std::string rows;

    void add(std::string_view name, const std::string &path, std::uint64_t now, std::uint64_t before,
             Offset (RunRecord::*during)() const)
    {
        rows += rowHead(name) + cell(countOf(path, now)) + cell(rateOf(path, now, (told.record.*during)()));
        if (told.baseline != nullptr)
            rows += cell(rateOf("before." + path, before, (told.baseline->*during)()));
    }
    void addBytes(std::string_view name, const std::string &path, std::uint64_t now)
    {
        rows += rowHead(name) + cell(bytesOf(path, now)) + "<td>";
        if (told.baseline != nullptr)
            rows += "<td>";
    }
};

std::string trafficTable(const Told &told)
{
    const Measurements &m = told.record.measurements;
    const MessageCounts before =
        told.baseline != nullptr ? told.baseline->measurements.messages() : MessageCounts{};
    const DeliveryCounts received =
        told.baseline != nullptr ? told.baseline->measurements.deliveries : DeliveryCounts{};
    Traffic table{told, head(told.baseline != nullptr
                                 ? std::vector<std::string_view>{"", "count", "a second", "baseline"}
                                 : std::vector<std::string_view>{"", "count", "a second"})};
    table.add("messages sent", "messages.sent", told.all.sent, before.sent, &RunRecord::plannedTime);
    table.add("messages answered", "messages.answered", told.all.answered, before.answered,
              &RunRecord::deliveringTime);
    table.add("deliveries received", "deliveries.received", m.deliveries.received, received.received,
              &RunRecord::deliveringTime);
    table.addBytes("bytes sent", "connections.bytes_sent", m.bytesSent);
    table.addBytes("bytes received", "connections.bytes_received", m.bytesReceived);
    return tableCard(
        "half", "Throughput",
        "sent: while the plan lasted, ramps included; answered and received: up to the last delivery",
        table.rows);
}

std::string attempts(const Told &told)
{
    const Measurements &m = told.record.measurements;
    std::string out = head({"", "count", "share"});
    const auto row = [&out](std::string_view name, const std::string &path, std::uint64_t count) {
        out += rowHead(name) + cell(countOf("connections." + path, count));
    };
    row("attempts to connect", "attempts", m.connectAttempts);
    out += "<td>";
    row("connected", "connected", m.connected);
    out += cell(shareOf("connections.connected", "connections.attempts", m.connected, m.connectAttempts));
    row("attempts to join", "join_attempts", m.joinAttempts);
    out += "<td>";
    row("joined", "joined", m.joined);
    out += cell(shareOf("connections.joined", "connections.join_attempts", m.joined, m.joinAttempts));
    row("lost", "lost", m.connectionsLost);
    out += "<td>";
    row("joined again", "reconnects", m.reconnects);
    out += "<td>";
    row("not there at the end", "absent_users", m.absent);
    out += "<td>";
    row("never came in", "unarrived_users", m.unarrived);
    out += "<td>";
    return tableCard("half", "Attempts", "", out);
}

std::string hosts(const Told &told)
{
    const Measurements &m = told.record.measurements;
    if (m.hosts.empty())
        return {};
    std::vector<std::pair<std::string, std::uint64_t>> sorted(m.hosts.begin(), m.hosts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    std::string out = head({"host", "connections", "share", "", "deliveries", "p50", "p99"});
    const auto add = [&out, &m](const std::string &host, const std::string &which, std::uint64_t count,
                                const Histogram &latency) {
        const std::string path = "connections.hosts" + which;
        const std::string heard = "host_delivery_latency" + which;
        out += rowHead(host) + cell(countOf(path, count)) +
               cell(shareOf(path, "connections.connected", count, m.connected)) +
               bar(m.connected == 0 ? 0 : static_cast<double>(count) / static_cast<double>(m.connected)) +
               cell(countOf(heard + ".count", latency.count())) +
               cell(timeOf(heard + ".p50", percentileOf(latency, 50))) +
               cell(timeOf(heard + ".p99", percentileOf(latency, 99)));
    };
    std::uint64_t others = 0;
    Histogram othersLatency;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const auto &[host, count] = sorted[i];
        const auto found = m.hostLatency.find(host);
        const Histogram latency = found == m.hostLatency.end() ? Histogram() : found->second;
        if (i < kMostHosts) {
            add(host, "[" + host + "]", count, latency);
        } else {
            others += count;
            othersLatency.merge(latency);
        }
    }
    if (others > 0)
        add("others", ".others." + std::to_string(kMostHosts), others, othersLatency);
    return tableCard(
        "wide", "Served by",
        "connections by the host that accepted them, and the latency of deliveries to their users "
        "in measured phases",
        out);
}

} // namespace

std::string throughput(const Told &told)
{
    return section("throughput", "Throughput",
                   trafficTable(told) +
                       timeCard(told, "half",
                                {.id = "messages-time",
                                 .title = "Messages a second",
                                 .about = "a gap between planned and sent is the generator's or the "
                                          "connection's, one between sent and answered the server's",
                                 .lines = {{ColumnId::Planned, Look::Third},
                                           {ColumnId::Sent, Look::Second},
                                           {ColumnId::Answered, Look::First}}}) +
                       timeCard(told, "wide",
                                {.id = "deliveries-time",
                                 .title = "Deliveries a second",
                                 .about = "of all receivers",
                                 .lines = {{ColumnId::Received, Look::First}},
                                 .baselineLines = {{ColumnId::Received, Look::Before}}}));
}

std::string connections(const Told &told)
{
    return section("connections", "Connections",
                   attempts(told) +
                       timeCard(told, "half",
                                {.id = "users-time",
                                 .title = "Users and connections",
                                 .about = "at the end of each second",
                                 .lines = {{ColumnId::Wanted, Look::Third},
                                           {ColumnId::Open, Look::Second},
                                           {ColumnId::Members, Look::First}}}) +
                       timeCard(told, "half",
                                {.id = "connects-time",
                                 .title = "Connects a second",
                                 .about = "and attempts that failed, and connections that were lost",
                                 .lines = {{ColumnId::Connects, Look::First},
                                           {ColumnId::Failures, Look::Second},
                                           {ColumnId::Losses, Look::Third}}}) +
                       hosts(told));
}

std::string watched(const Told &told)
{
    if (told.record.watched.empty())
        return {};
    std::string out = head({"process", "pid", "cores on average", "cores at most", "memory at most", ""});
    for (std::size_t i = 0; i < told.record.watched.size(); ++i) {
        const WatchedProcess &process = told.record.watched[i];
        const std::string path = "watched." + std::to_string(i);
        out += rowHead(process.name) + cell({"plain " + path + ".pid", std::to_string(process.pid)}) +
               cell({"cores " + path + ".cpu_mean", inWords(Unit::Cores, process.meanCpu)}) +
               cell({"cores " + path + ".cpu_peak", inWords(Unit::Cores, process.peakCpu)}) +
               cell(bytesOf(path + ".memory_peak", process.peakMemory)) +
               words(process.hasEnded ? "ended before the run did" : "");
    }
    return section("watched", "Watched process",
                   tableCard("wide", "Watched during the run", "", out) +
                       timeCard(told, "half",
                                {.id = "watched-cpu",
                                 .title = "CPU of the watched process",
                                 .about = "cores",
                                 .lines = {{ColumnId::WatchedCpu, Look::First}},
                                 .baselineLines = {{ColumnId::WatchedCpu, Look::Before}}}) +
                       timeCard(told, "half",
                                {.id = "watched-memory",
                                 .title = "Memory of the watched process",
                                 .about = "resident",
                                 .lines = {{ColumnId::WatchedMemory, Look::First}},
                                 .baselineLines = {{ColumnId::WatchedMemory, Look::Before}}}));
}

} // namespace parlor::cli::load::html
