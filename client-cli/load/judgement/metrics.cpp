// SPDX-License-Identifier: MIT
#include "client-cli/load/judgement/metrics.h"

#include <array>

namespace parlor::cli::load {

namespace {

using Kind = Metric::Kind;
using Value = Metric::Value;
using M = const Measurements &;
constexpr std::array kMetrics{
    Metric{"connect_success", Kind::Share,
           [](M m) -> Value {
               return Share{m.connected, m.connectAttempts};
           }},
    Metric{"join_success", Kind::Share,
           [](M m) -> Value {
               return Share{m.joined, m.joinAttempts};
           }},
    Metric{"message_success", Kind::Share,
           [](M m) -> Value {
               const PhaseMeasurements all = m.total();
               return Share{all.answered, all.planned};
           }},
    Metric{"delivery_success", Kind::Share,
           [](M m) -> Value {
               return Share{m.deliveries.received, m.deliveries.expected()};
           }},
    Metric{"delivery_latency", Kind::Durations, [](M m) -> Value { return m.total().deliveryLatency; }},
    Metric{"delivery_service", Kind::Durations, [](M m) -> Value { return m.total().deliveryService; }},
    Metric{"ack_latency", Kind::Durations, [](M m) -> Value { return m.total().ackLatency; }},
    Metric{"send_lag", Kind::Durations, [](M m) -> Value { return m.total().sendLag; }},
    Metric{"connect_duration", Kind::Durations, [](M m) -> Value { return m.connectDuration; }},
    Metric{"join_duration", Kind::Durations, [](M m) -> Value { return m.joinDuration; }},
    Metric{"messages_planned", Kind::Count, [](M m) -> Value { return m.total().planned; }},
    Metric{"messages_sent", Kind::Count, [](M m) -> Value { return m.total().sent; }},
    Metric{"messages_not_sent", Kind::Count, [](M m) -> Value { return m.total().notSent(); }},
    Metric{"messages_rejected", Kind::Count, [](M m) -> Value { return m.total().rejected; }},
    Metric{"messages_dropped", Kind::Count, [](M m) -> Value { return m.total().dropped; }},
    Metric{"messages_unanswered", Kind::Count, [](M m) -> Value { return m.total().unanswered; }},
    Metric{"deliveries_expected", Kind::Count, [](M m) -> Value { return m.deliveries.expected(); }},
    Metric{"deliveries_received", Kind::Count, [](M m) -> Value { return m.deliveries.received; }},
    Metric{"deliveries_lost", Kind::Count, [](M m) -> Value { return m.deliveries.lost; }},
    Metric{"deliveries_doubled", Kind::Count, [](M m) -> Value { return m.deliveries.doubled; }},
    Metric{"deliveries_reordered", Kind::Count, [](M m) -> Value { return m.deliveries.reordered; }},
    Metric{"deliveries_corrupt", Kind::Count, [](M m) -> Value { return m.deliveries.corrupt; }},
    Metric{"deliveries_unexpected", Kind::Count, [](M m) -> Value { return m.deliveries.unexpected; }},
    Metric{"deliveries_excused", Kind::Count, [](M m) -> Value { return m.deliveries.excused; }},
    Metric{"rooms_split", Kind::Count, [](M m) -> Value { return m.splits.size(); }},
    Metric{"connections_lost", Kind::Count, [](M m) -> Value { return m.connectionsLost; }},
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
    return help;
}

} // namespace parlor::cli::load
