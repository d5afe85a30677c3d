// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/metricfamilies.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/watch/metriccatalogue.h"
#include "client-cli/load/watch/standing.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

namespace parlor::cli::load {

namespace {

using namespace std::chrono_literals;

struct Bound
{
    Offset at;
    std::string_view le; ///< seconds
};
constexpr std::array<Bound, 15> kBounds{{{500us, "0.0005"},
                                         {1ms, "0.001"},
                                         {2ms, "0.002"},
                                         {5ms, "0.005"},
                                         {10ms, "0.01"},
                                         {20ms, "0.02"},
                                         {50ms, "0.05"},
                                         {100ms, "0.1"},
                                         {200ms, "0.2"},
                                         {250ms, "0.25"},
                                         {500ms, "0.5"},
                                         {1s, "1"},
                                         {2s, "2"},
                                         {5s, "5"},
                                         {10s, "10"}}};
/// How many series one metric has by what servers say, at most.
constexpr std::size_t kMostNames = 50;
constexpr const char *kOthers = "(others)";

/// A classic histogram: how many are not above each bound, and of all.
struct Cumulative
{
    std::array<std::uint64_t, kBounds.size()> counts{};
    std::uint64_t count = 0;
    Offset sum{};

    void add(const Histogram &histogram)
    {
        for (const Histogram::Bucket &bucket : histogram.buckets()) {
            for (std::size_t i = kBounds.size(); i > 0 && bucket.high <= kBounds[i - 1].at; --i)
                counts[i - 1] += bucket.count;
        }
        count += histogram.count();
        sum += histogram.sum();
    }
};

class Families
{
public:
    Families(std::span<const MetricDescription> catalogue, MetricLabels common, NamesInSeries &shown)
        : m_common(std::move(common))
        , m_shown(shown)
    {
        for (const MetricDescription &each : catalogue) {
            m_places[each.name] = m_families.size();
            m_families.push_back({.name = each.name, .type = each.type, .help = each.help});
        }
    }

    template <typename Number>
    void add(std::string_view name, Number value, MetricLabels labels = {})
    {
        put(name, {}, static_cast<double>(value), std::move(labels));
    }
    void add(std::string_view name, const Cumulative &histogram, const MetricLabels &labels)
    {
        const auto bucket = [&](std::string_view le, std::uint64_t count) {
            MetricLabels all = labels;
            all.emplace_back("le", le);
            put(name, "_bucket", static_cast<double>(count), std::move(all));
        };
        for (std::size_t i = 0; i < kBounds.size(); ++i)
            bucket(kBounds[i].le, histogram.counts[i]);
        bucket("+Inf", histogram.count);
        put(name, "_sum", std::chrono::duration<double>(histogram.sum).count(), labels);
        put(name, "_count", static_cast<double>(histogram.count), labels);
    }
    /// One series for each name, and one for all that came when there were enough.
    void addNamed(std::string_view name, std::string_view label,
                  const std::map<std::string, std::uint64_t> &counts)
    {
        std::map<std::string, std::uint64_t> harmless;
        for (const auto &[text, count] : counts)
            harmless[figures::printable(text)] += count;
        std::vector<std::pair<std::string, std::uint64_t>> sorted(harmless.begin(), harmless.end());
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const auto &a, const auto &b) { return a.second > b.second; });
        std::set<std::string> &shown = m_shown[name];
        std::uint64_t others = 0;
        for (const auto &[text, count] : sorted) {
            if (shown.size() < kMostNames)
                shown.insert(text);
            if (shown.contains(text))
                add(name, count, {{std::string(label), text}});
            else
                others += count;
        }
        if (others > 0)
            add(name, others, {{std::string(label), kOthers}});
    }
    /// The value of the label that a text has in a metric, once addNamed() has added that metric.
    [[nodiscard]] std::string shownAs(std::string_view name, const std::string &text)
    {
        std::string harmless = figures::printable(text);
        return m_shown[name].contains(harmless) ? harmless : kOthers;
    }

    /// Without those that have no series.
    [[nodiscard]] std::vector<MetricFamily> take()
    {
        std::erase_if(m_families, [](const MetricFamily &each) { return each.samples.empty(); });
        return std::move(m_families);
    }

private:
    void put(std::string_view name, std::string_view suffix, double value, MetricLabels labels)
    {
        labels.insert(labels.begin(), m_common.begin(), m_common.end());
        m_families[m_places.at(name)].samples.push_back(
            {.suffix = suffix, .labels = std::move(labels), .value = value});
    }

    std::vector<MetricFamily> m_families;
    std::map<std::string_view, std::size_t> m_places;
    MetricLabels m_common;
    NamesInSeries &m_shown;
};

MetricLabels commonLabels(const RunRecord &record)
{
    std::map<std::string, std::string> labels{{"run_id", record.id}};
    for (const auto &[tag, value] : record.settings.tags)
        labels.emplace(labelOfTag(tag), figures::printable(value));
    return {labels.begin(), labels.end()};
}

/// The measurements of the phases that have begun or soon will, by name: two phases may have the same one,
/// and a series is there but once.
std::map<std::string, std::vector<const PhaseMeasurements *>> phasesByName(const RunStatus &status)
{
    constexpr Offset kSoon = 5s; // a counter that begins above zero hides what it began with
    std::map<std::string, std::vector<const PhaseMeasurements *>> found;
    const RunRecord &record = status.record;
    const std::size_t count = std::min(record.phases.size(), record.measurements.phases.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (record.phases[i].begin <= status.now + kSoon)
            found[figures::printable(record.phases[i].name)].push_back(&record.measurements.phases[i]);
    }
    return found;
}

/// Each host has its series from its first connection on: a rate() misses what a series begins with.
void addHosts(Families &to, const Measurements &all)
{
    constexpr std::string_view kConnections = "parlor_load_backend_connections_total";
    to.addNamed(kConnections, "hostname", all.hosts);
    std::map<std::string, Cumulative> latencies;
    for (const auto &[host, connections] : all.hosts) {
        Cumulative &latency = latencies[to.shownAs(kConnections, host)];
        if (const auto found = all.hostLatency.find(host); found != all.hostLatency.end())
            latency.add(found->second);
    }
    for (const auto &[host, latency] : latencies)
        to.add("parlor_load_host_delivery_latency_seconds", latency, {{"hostname", host}});
}

void addConnections(Families &to, const RunStatus &status)
{
    const RunRecord &record = status.record;
    const Measurements &all = record.measurements;
    const Second last = record.seconds.empty() ? Second{} : record.seconds.back();
    to.add("parlor_load_vus", last.members);
    to.add("parlor_load_vus_target", last.wanted);
    to.add("parlor_load_connections_open", last.open);
    to.add("parlor_load_connects_total", all.connected, {{"result", "ok"}});
    to.add("parlor_load_connects_total", all.connectAttempts - all.connected, {{"result", "failed"}});
    to.add("parlor_load_joins_total", all.joined, {{"result", "ok"}});
    to.add("parlor_load_joins_total", all.joinAttempts - all.joined, {{"result", "failed"}});
    const auto addStep = [&to](const std::string &step, const Histogram &histogram) {
        Cumulative durations;
        durations.add(histogram);
        to.add("parlor_load_connect_duration_seconds", durations, {{"step", step}});
    };
    addStep("tcp", all.connectSteps.tcp);
    addStep("tls", all.connectSteps.tls);
    addStep("upgrade", all.connectSteps.upgrade);
    addStep("greeting", all.connectSteps.greeting);
    addStep("join", all.joinDuration);
    for (const auto &[code, count] : all.closeCodes)
        to.add("parlor_load_disconnects_total", count, {{"code", std::to_string(code)}});
    to.add("parlor_load_reconnects_total", all.reconnects);
    addHosts(to, all);
    to.addNamed("parlor_load_errors_total", "error", all.errors);
    to.add("parlor_load_bytes_sent_total", all.bytesSent);
    to.add("parlor_load_bytes_received_total", all.bytesReceived);
}

/// With several profiles. Metrics of their own: a label more would double the sums of the others.
void addProfiles(Families &to, const RunRecord &record)
{
    const std::vector<ProfileMeasurements> &measured = record.measurements.profiles;
    std::map<std::string, ProfileMeasurements> byName;
    for (std::size_t i = 0; i < measured.size(); ++i)
        byName[figures::printable(record.settings.profiles[i].name)].merge(measured[i]);
    for (const auto &[name, profile] : byName) {
        const MetricLabels labels{{"profile", name}};
        to.add("parlor_load_profile_messages_planned_total", profile.planned, labels);
        to.add("parlor_load_profile_messages_sent_total", profile.sent, labels);
        to.add("parlor_load_profile_messages_acked_total", profile.answered, labels);
        for (const auto &[metric, histogram] :
             {std::pair("parlor_load_profile_delivery_latency_seconds", &profile.deliveryLatency),
              {"parlor_load_profile_ack_latency_seconds", &profile.ackLatency}}) {
            Cumulative durations;
            durations.add(*histogram);
            to.add(metric, durations, labels);
        }
    }
}

void addMessages(Families &to, const RunStatus &status)
{
    for (const auto &[name, phases] : phasesByName(status)) {
        MessageCounts counts;
        for (const PhaseMeasurements *phase : phases)
            counts.merge(*phase);
        const MetricLabels phase{{"phase", name}};
        to.add("parlor_load_messages_planned_total", counts.planned, phase);
        to.add("parlor_load_messages_sent_total", counts.sent, phase);
        to.add("parlor_load_messages_acked_total", counts.answered, phase);
        to.add("parlor_load_messages_abandoned_total", counts.abandoned, phase);
        to.add("parlor_load_messages_unanswered_total", counts.unanswered, phase);
        for (const auto &[reason, count] : {std::pair("not_member", counts.notMember),
                                            {"backpressure", counts.dropped},
                                            {"inflight", counts.held}})
            to.add("parlor_load_messages_dropped_total", count, {{"phase", name}, {"reason", reason}});
        for (const auto &[metric, histogram] :
             {std::pair("parlor_load_delivery_latency_seconds", &PhaseMeasurements::deliveryLatency),
              {"parlor_load_delivery_service_seconds", &PhaseMeasurements::deliveryService},
              {"parlor_load_fanout_complete_seconds", &PhaseMeasurements::fanOut},
              {"parlor_load_ack_latency_seconds", &PhaseMeasurements::ackLatency},
              {"parlor_load_send_lag_seconds", &PhaseMeasurements::sendLag}}) {
            Cumulative durations;
            for (const PhaseMeasurements *each : phases)
                durations.add(each->*histogram);
            to.add(metric, durations, phase);
        }
    }
    // Some refusals do not say which message they answer, and have no code of their own.
    const Measurements &all = status.record.measurements;
    std::map<std::string, std::uint64_t> refusals = all.refusals;
    std::uint64_t named = 0;
    for (const auto &[code, count] : refusals)
        named += count;
    const std::uint64_t rejected = all.messages().rejected;
    if (rejected > named)
        refusals["unknown"] += rejected - named;
    to.addNamed("parlor_load_messages_rejected_total", "reason", refusals);
}

void addDeliveries(Families &to, const RunStatus &status)
{
    // What is missing only so far would make a counter that goes back.
    const DeliveryCounts &counts = status.record.measurements.deliveries;
    to.add("parlor_load_deliveries_expected_total", counts.expected());
    to.add("parlor_load_deliveries_received_total", counts.received);
    to.add("parlor_load_deliveries_lost_total", counts.lost);
    to.add("parlor_load_deliveries_duplicate_total", counts.doubled);
    to.add("parlor_load_deliveries_reordered_total", counts.reordered);
    to.add("parlor_load_deliveries_corrupt_total", counts.corrupt);
    to.add("parlor_load_deliveries_unexpected_total", counts.unexpected);
    to.add("parlor_load_deliveries_ambiguous_total", counts.ambiguous);
    to.add("parlor_load_deliveries_excused_total", counts.excused);
    to.add("parlor_load_deliveries_counted_total", counts.counted);
    to.add("parlor_load_deliveries_outstanding", status.outstanding);
    to.add("parlor_load_rooms_split", status.record.measurements.splits.size());
    to.add("parlor_load_clock_negative_total", status.record.measurements.negativeTimes);
}

void addHealth(Families &to, const RunStatus &status)
{
    const RunRecord &record = status.record;
    const Second last = record.seconds.empty() ? Second{} : record.seconds.back();
    const Judgement judgement = judgementSoFar(status);
    std::map<std::string, bool> thresholds; // the same one may be given twice
    for (const ThresholdResult &each : judgement.thresholds) {
        if (const Standing standing = standingOf(each); standing != Standing::Open)
            thresholds.emplace(figures::printable(each.text), standing == Standing::Met);
    }
    for (const auto &[text, isMet] : thresholds)
        to.add("parlor_load_threshold_met", isMet ? 1 : 0, {{"threshold", text}});
    to.add("parlor_load_generator_cpu_ratio", last.cpu);
    Cumulative lag;
    lag.add(record.measurements.loopLag);
    to.add("parlor_load_generator_loop_lag_seconds", lag, {});
    to.add("parlor_load_generator_limited", judgement.limits.empty() ? 0 : 1);
    if (last.watchedMemory > 0) {
        to.add("parlor_load_watched_cpu_cores", last.watchedCpu);
        to.add("parlor_load_watched_memory_bytes", last.watchedMemory);
    }
}

std::vector<MetricFamily> k6Families(const RunStatus &status, NamesInSeries &shown)
{
    const RunRecord &record = status.record;
    const Measurements &all = record.measurements;
    const auto &tags = record.settings.tags;
    const auto testId = tags.find("testid");
    Families families(k6Catalogue(),
                      {{"testid", testId == tags.end() ? record.id : figures::printable(testId->second)}},
                      shown);
    const PhaseMeasurements total = all.total();
    families.add("k6_vus", record.seconds.empty() ? 0 : record.seconds.back().members);
    families.add("k6_ws_sessions_total", all.connected);
    families.add("k6_ws_msgs_sent_total", total.sent);
    families.add("k6_ws_msgs_received_total", all.deliveries.received);
    if (total.deliveryLatency.count() > 0) {
        const std::chrono::duration<double, std::milli> p99 = total.deliveryLatency.percentile(99);
        families.add("k6_ws_message_latency_p99", p99.count());
    }
    const auto addShare = [&families](std::string_view name, std::uint64_t good, std::uint64_t of) {
        if (of > 0)
            families.add(name, static_cast<double>(good) / static_cast<double>(of));
    };
    addShare("k6_ws_connection_success_rate_rate", all.connected, all.connectAttempts);
    addShare("k6_ws_message_success_rate_rate", total.answered, total.planned);
    return families.take();
}

} // namespace

std::string labelOfTag(std::string_view tag)
{
    std::string label = "tag_";
    for (const char c : tag) {
        const bool isAllowed =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        label += isAllowed ? c : '_';
    }
    return label;
}

std::vector<MetricFamily> metricFamilies(const RunStatus &status, MetricNames names, NamesInSeries &shown)
{
    Families families(metricCatalogue(), commonLabels(status.record), shown);
    addConnections(families, status);
    addMessages(families, status);
    addDeliveries(families, status);
    addProfiles(families, status.record);
    addHealth(families, status);
    std::vector<MetricFamily> all = families.take();
    if (names == MetricNames::AndK6) {
        for (MetricFamily &each : k6Families(status, shown))
            all.push_back(std::move(each));
    }
    return all;
}

} // namespace parlor::cli::load
