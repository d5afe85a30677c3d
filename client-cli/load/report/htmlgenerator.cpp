// SPDX-License-Identifier: MIT
#include "client-cli/load/record/names.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>

namespace parlor::cli::load::html {

namespace {

constexpr std::size_t kMostThreads = 32;
constexpr std::size_t kMostErrors = 50;

std::string lagTable(const Told &told)
{
    std::string out = head({"", "count", "p50", "p90", "p99", "max"});
    const auto row = [&out](std::string_view name, const std::string &path, const Histogram &histogram) {
        out += rowHead(name) + cell(countOf(path + ".count", histogram.count()));
        for (const double percent : {50.0, 90.0, 99.0})
            out += cell(timeOf(path + "." + percentName(percent), percentileOf(histogram, percent)));
        out += cell(
            timeOf(path + ".max", histogram.count() == 0 ? std::nullopt : std::optional(histogram.max())));
    };
    row(names::kSendLag, "send_lag", told.all.sendLag);
    row(names::kLoopLag, "loop_lag", told.record.measurements.loopLag);
    return tableCard(
        "half", "Lateness",
        "planned time of a message until it was written; time at which a thread was due until it acted", out);
}

std::string threadTable(const Told &told)
{
    if (told.record.threads.empty())
        return {};
    std::string out = head({"thread", "CPU on average", "in its busiest second", "seconds", "busy seconds"});
    for (std::size_t i = 0; i < std::min(told.record.threads.size(), kMostThreads); ++i) {
        const ThreadHealth &thread = told.record.threads[i];
        const std::string path = "generator.threads." + std::to_string(i);
        out += rowHead(std::to_string(i + 1)) + cell(cpuOf(path + ".cpu_mean", thread.meanCpu)) +
               cell(cpuOf(path + ".cpu_peak", thread.peakCpu)) +
               cell(countOf(path + ".seconds", thread.seconds)) +
               cell(countOf(path + ".busy_seconds", thread.busySeconds));
    }
    out += rowHead("taken by the machine's host") + cell(partOf("generator.stolen", told.record.stolen)) +
           "<td><td><td>";
    return tableCard("half", "Threads", "", out);
}

std::string healthVerdict(const Told &told)
{
    std::string list;
    for (const std::string &limit : told.judgement.limits)
        list += element("li", "", given(limit));
    const std::uint64_t negative = told.record.measurements.negativeTimes;
    if (negative > 0)
        list += element(
            "li", "",
            "Deliveries that a clock says were received before they were sent, and that are in no latency: " +
                span(countOf("generator.negative_times", negative)));
    if (list.empty())
        return card("wide good", element("p", "", "The generator kept up: the latencies are the server's."));
    return card(
        "wide doubtful",
        element("p", "",
                told.judgement.limits.empty()
                    ? "The generator kept up."
                    : "The generator did not keep up: the latencies are its own as much as the server's.") +
            element("ul", "", list));
}

template <typename Key>
std::string countedTable(std::string_view title, std::string_view about,
                         const std::map<Key, std::uint64_t> &counts, const std::string &path,
                         std::string_view what)
{
    if (counts.empty())
        return {};
    std::vector<std::pair<Key, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    std::string out = head({what, "count"});
    std::uint64_t others = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i >= kMostErrors) {
            others += sorted[i].second;
            continue;
        }
        std::string key;
        if constexpr (std::is_same_v<Key, std::string>)
            key = sorted[i].first;
        else
            key = std::to_string(sorted[i].first);
        out += rowHead(key) + cell(countOf(path + "[" + key + "]", sorted[i].second));
    }
    if (others > 0)
        out += rowHead("others") + cell(countOf(path + ".others." + std::to_string(kMostErrors), others));
    return tableCard("half", title, about, out);
}

} // namespace

std::string generator(const Told &told)
{
    if (told.record.measurements.joined == 0)
        return {}; // it had nothing to do
    std::string charts;
    if (!told.time.windows.empty()) {
        charts = card("half", render(TimeChart{.id = "generator-cpu",
                                               .title = "CPU of the busiest thread",
                                               .about = "part of one core",
                                               .lines = {{ColumnId::Cpu, Look::First}}},
                                     told.time)) +
                 card("half", render(TimeChart{.id = "generator-lag",
                                               .title = "Longest lag",
                                               .about = "in each second",
                                               .lines = {{ColumnId::SendLag, Look::First},
                                                         {ColumnId::LoopLag, Look::Second}},
                                               .hasLogAxis = true},
                                     told.time));
    }
    return section("generator", "Generator health",
                   healthVerdict(told) + lagTable(told) + threadTable(told) + charts);
}

std::string errors(const Told &told)
{
    const Measurements &m = told.record.measurements;
    return section("errors", "Errors",
                   countedTable("By kind", "", m.errors, "errors", "what happened") +
                       countedTable("Refused messages", "by the code of the server's answer", m.refusals,
                                    "refusals", "code") +
                       countedTable("Lost connections", "by the code with which the server closed them",
                                    m.closeCodes, "connections.close_codes", "close code"));
}

} // namespace parlor::cli::load::html
