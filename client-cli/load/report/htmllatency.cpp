// SPDX-License-Identifier: MIT
#include "client-cli/load/record/names.h"
#include "client-cli/load/report/figure.h"
#include "client-cli/load/report/html.h"
#include "client-cli/load/report/htmlpart.h"

#include <algorithm>
#include <array>

namespace parlor::cli::load::html {

namespace {

constexpr std::array kPercents{50.0, 90.0, 95.0, 99.0, 99.9};

/// Of the same histogram in the baseline, how much p50 and p99 changed.
std::string changes(const std::string &path, const Histogram &now, const Histogram *before)
{
    std::string out;
    for (const double percent : {50.0, 99.0}) {
        const auto value = percentileOf(now, percent);
        const auto old = before != nullptr ? percentileOf(*before, percent) : std::nullopt;
        const auto number = [](const std::optional<Offset> &each) {
            return each ? std::optional(static_cast<double>(each->count())) : std::nullopt;
        };
        const std::string name = path + "." + percentName(percent);
        out += cell(timeOf("before." + name, old)) + cell(changeOf(name, number(value), number(old)));
    }
    return out;
}

std::string latencyCells(const std::string &path, const Histogram &histogram)
{
    std::string out = cell(countOf(path + ".count", histogram.count()));
    for (const double percent : kPercents)
        out += cell(timeOf(path + "." + percentName(percent), percentileOf(histogram, percent)));
    const auto max = histogram.count() == 0 ? std::nullopt : std::optional(histogram.max());
    return out + cell(timeOf(path + ".max", max));
}

std::vector<std::string_view> latencyHead(std::vector<std::string_view> names, bool hasBaseline)
{
    for (const std::string_view each : {"p50", "p90", "p95", "p99", "p99.9", "max"})
        names.push_back(each);
    if (hasBaseline) {
        for (const std::string_view each : {"baseline p50", "p50 changed", "baseline p99", "p99 changed"})
            names.push_back(each);
    }
    return names;
}

std::string wholeRun(const Told &told)
{
    std::vector<std::string_view> heads = latencyHead({"", "count"}, told.baseline != nullptr);
    heads.emplace_back("from … to");
    std::string out = head(heads);
    for (const names::Durations &each : names::durations()) {
        const std::string path(each.key);
        const Histogram &histogram = each.read(told.record.measurements, told.all);
        if (histogram.count() == 0)
            continue; // as TLS, with ws
        out += rowHead(each.name) + latencyCells(path, histogram);
        if (told.baseline != nullptr)
            out += changes(path, histogram, &each.read(told.baseline->measurements, *told.before));
        out += words(each.meaning);
    }
    return tableCard(
        "wide", "The whole run",
        "From the planned time of a message, so that a server that stalls cannot hide who waited. A "
        "percentile that fewer than ten values lie above is not shown.",
        out);
}

/// The baseline's phase of the same place and name.
const PhaseMeasurements *samePhase(const Told &told, std::size_t at)
{
    if (told.baseline == nullptr || at >= told.baseline->phases.size() ||
        at >= told.baseline->measurements.phases.size() ||
        told.baseline->phases[at].name != told.record.phases[at].name)
        return nullptr;
    return &told.baseline->measurements.phases[at];
}

std::string byPhase(const Told &told)
{
    std::string out = head(latencyHead({"phase", "users", "sent", "deliveries"}, told.baseline != nullptr));
    for (std::size_t i = 0; i < told.record.phases.size(); ++i) {
        const Phase &phase = told.record.phases[i];
        const PhaseMeasurements &measured = told.record.measurements.phases[i];
        if (phase.begin == phase.end && measured.planned == 0)
            continue; // all come at once, and nothing is measured in it
        const PhaseMeasurements *before = samePhase(told, i);
        const std::string key = "phases." + std::to_string(i);
        out += "\n<tr data-phase=" + std::to_string(i) + "><th scope=row>" + escaped(phase.name) +
               (phase.isMeasured ? "" : " <small>not measured</small>") + "<td>" +
               span(countOf(key + ".users_from", phase.from)) +
               (phase.from == phase.to ? "" : "→" + span(countOf(key + ".users_to", phase.to))) +
               cell(countOf(key + ".messages.sent", measured.sent)) +
               latencyCells(key + ".delivery_latency", measured.deliveryLatency);
        if (told.baseline != nullptr)
            out += changes(key + ".delivery_latency", measured.deliveryLatency,
                           before != nullptr ? &before->deliveryLatency : nullptr);
        out += "\n<tr class=second><th scope=row colspan=3>" + std::string(names::kService) +
               latencyCells(key + ".delivery_service", measured.deliveryService);
        if (told.baseline != nullptr)
            out += changes(key + ".delivery_service", measured.deliveryService,
                           before != nullptr ? &before->deliveryService : nullptr);
    }
    return tableCard("wide", "By phase", "Of the messages whose planned time lies in the phase.", out);
}

std::string byProfile(const Told &told)
{
    const std::vector<ProfileMeasurements> &profiles = told.record.measurements.profiles;
    if (profiles.empty())
        return {};
    std::string out = head(latencyHead({"profile", "planned", "sent", "answered", "deliveries"}, false));
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        const ProfileMeasurements &profile = profiles[i];
        const std::string key = "profiles." + std::to_string(i);
        out += rowHead(told.record.settings.profiles[i].name) +
               cell(countOf(key + ".messages.planned", profile.planned)) +
               cell(countOf(key + ".messages.sent", profile.sent)) +
               cell(countOf(key + ".messages.answered", profile.answered)) +
               latencyCells(key + ".delivery_latency", profile.deliveryLatency) +
               "\n<tr class=second><th scope=row colspan=4>ack" +
               latencyCells(key + ".ack_latency", profile.ackLatency);
    }
    return tableCard("wide", "By profile",
                     "Messages of the profile's users, in all phases. Latencies of measured phases: of "
                     "deliveries to its users, and of answers to them.",
                     out);
}

std::string overTime(const Told &told)
{
    if (told.time.windows.empty())
        return {};
    return card(
        "wide",
        render(
            TimeChart{.id = "latency-time",
                      .title = "Delivery latency over time",
                      .about = "from the planned send time to the receiver, by the second in which it came",
                      .lines = {{ColumnId::Max, Look::Band3},
                                {ColumnId::P99, Look::Band2},
                                {ColumnId::P90, Look::Band1},
                                {ColumnId::P50, Look::First}},
                      .baselineLines = {{ColumnId::P50, Look::Before}, {ColumnId::P99, Look::Before}},
                      .hasLogAxis = true},
            told.time));
}

} // namespace

std::string latency(const Told &told)
{
    if (told.record.measurements.joined == 0)
        return {};
    return section("latency", "Latency",
                   wholeRun(told) + byPhase(told) + byProfile(told) + overTime(told) + distribution(told) +
                       againstLoad(told) + ranges(told));
}

} // namespace parlor::cli::load::html
