// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/metrics.h"

#include <array>

namespace parlor::cli::load {

namespace {

using Kind = Metric::Kind;
using Value = Metric::Value;
using M = const Measurements &;
using P = const PhaseMeasurements &;

/// Of the whole run alone.
constexpr Metric ofRun(std::string_view name, Kind kind, Value (*read)(M))
{
    return {name, kind, read, nullptr};
}

/// Of each phase, too.
constexpr Metric ofPhase(std::string_view name, Kind kind, Value (*read)(P))
{
    return {name, kind, nullptr, read};
}

/// A fault among deliveries. Where none was owed, as with --verify count, its absence shows nothing.
template <std::uint64_t DeliveryCounts::*fault>
Value faultOf(M m)
{
    const DeliveryCounts &counts = m.deliveries;
    return counts.expected() == 0 && counts.*fault == 0 ? Value{} : Value(counts.*fault);
}

constexpr std::array kMetrics{
    ofRun("connect_success", Kind::Share,
          [](M m) -> Value {
              return Ratio{m.connected, m.connectAttempts};
          }),
    ofRun("join_success", Kind::Share,
          [](M m) -> Value {
              return Ratio{m.joined, m.joinAttempts};
          }),
    ofPhase("message_success", Kind::Share,
            [](P p) -> Value {
                return Ratio{p.answered, p.planned};
            }),
    ofRun("delivery_success", Kind::Share,
          [](M m) -> Value {
              return Ratio{m.deliveries.received, m.deliveries.expected()};
          }),
    ofPhase("delivery_latency", Kind::Durations, [](P p) -> Value { return p.deliveryLatency; }),
    ofPhase("delivery_service", Kind::Durations, [](P p) -> Value { return p.deliveryService; }),
    ofPhase("fan_out", Kind::Durations, [](P p) -> Value { return p.fanOut; }),
    ofPhase("ack_latency", Kind::Durations, [](P p) -> Value { return p.ackLatency; }),
    ofPhase("send_lag", Kind::Durations, [](P p) -> Value { return p.sendLag; }),
    ofRun("loop_lag", Kind::Durations, [](M m) -> Value { return m.loopLag; }),
    ofRun("connect_duration", Kind::Durations, [](M m) -> Value { return m.connectDuration; }),
    ofRun("tcp_duration", Kind::Durations, [](M m) -> Value { return m.connectSteps.tcp; }),
    ofRun("tls_duration", Kind::Durations, [](M m) -> Value { return m.connectSteps.tls; }),
    ofRun("upgrade_duration", Kind::Durations, [](M m) -> Value { return m.connectSteps.upgrade; }),
    ofRun("greeting_duration", Kind::Durations, [](M m) -> Value { return m.connectSteps.greeting; }),
    ofRun("join_duration", Kind::Durations, [](M m) -> Value { return m.joinDuration; }),
    ofPhase("messages_planned", Kind::Count, [](P p) -> Value { return p.planned; }),
    ofPhase("messages_sent", Kind::Count, [](P p) -> Value { return p.sent; }),
    ofPhase("messages_not_sent", Kind::Count, [](P p) -> Value { return p.notSent(); }),
    ofPhase("messages_rejected", Kind::Count, [](P p) -> Value { return p.rejected; }),
    ofPhase("messages_dropped", Kind::Count, [](P p) -> Value { return p.dropped; }),
    ofPhase("messages_unanswered", Kind::Count, [](P p) -> Value { return p.unanswered; }),
    ofRun("deliveries_expected", Kind::Count, [](M m) -> Value { return m.deliveries.expected(); }),
    ofRun("deliveries_received", Kind::Count, [](M m) -> Value { return m.deliveries.received; }),
    ofRun("deliveries_lost", Kind::Count, faultOf<&DeliveryCounts::lost>),
    ofRun("deliveries_doubled", Kind::Count, faultOf<&DeliveryCounts::doubled>),
    ofRun("deliveries_reordered", Kind::Count, faultOf<&DeliveryCounts::reordered>),
    ofRun("deliveries_corrupt", Kind::Count, faultOf<&DeliveryCounts::corrupt>),
    ofRun("deliveries_unexpected", Kind::Count, faultOf<&DeliveryCounts::unexpected>),
    ofRun("deliveries_excused", Kind::Count, [](M m) -> Value { return m.deliveries.excused; }),
    ofRun("rooms_split", Kind::Count, [](M m) -> Value { return m.splits.size(); }),
    ofRun("connections_lost", Kind::Count, [](M m) -> Value { return m.connectionsLost; }),
};

} // namespace

std::span<const Metric> metrics()
{
    return kMetrics;
}

std::string_view figuresOf(Kind kind)
{
    switch (kind) {
    case Kind::Share:
        return "rate";
    case Kind::Count:
        return "count";
    case Kind::Durations:
        break;
    }
    return "p(N), avg, min, max, med or count";
}

std::string metricsHelp()
{
    std::string help;
    for (const Kind kind : {Kind::Share, Kind::Durations, Kind::Count}) {
        help += "  " + std::string(figuresOf(kind)) + " of:\n    ";
        std::size_t width = 4;
        for (const Metric &metric : metrics()) {
            if (metric.kind != kind)
                continue;
            if (width + metric.name.size() > 96) {
                help += "\n    ";
                width = 4;
            }
            help += std::string(metric.name) + " ";
            width += metric.name.size() + 1;
        }
        help += "\n";
    }
    help += "  of one phase, as delivery_latency{phase:hold 100}:\n    ";
    std::size_t width = 4;
    for (const Metric &metric : metrics()) {
        if (metric.ofPhase == nullptr)
            continue;
        if (width + metric.name.size() > 96) {
            help += "\n    ";
            width = 4;
        }
        help += std::string(metric.name) + " ";
        width += metric.name.size() + 1;
    }
    return help + "\n";
}

} // namespace parlor::cli::load
