// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/metriccatalogue.h"

#include <array>

namespace parlor::cli::load {

namespace {

using Type = MetricType;

// clang-format off
constexpr std::array kMetrics{
    MetricDescription{"parlor_load_vus", Type::Gauge, "users", "", "Users that are in their rooms"},
    MetricDescription{"parlor_load_vus_target", Type::Gauge, "users", "", "Users that the plan wants now"},
    MetricDescription{"parlor_load_connections_open", Type::Gauge, "connections", "", "Connections that are open"},
    MetricDescription{"parlor_load_connects_total", Type::Counter, "connections", "result", "Attempts to connect that ended: ok is one that was upgraded to a WebSocket"},
    MetricDescription{"parlor_load_joins_total", Type::Counter, "joins", "result", "Attempts to join a room that ended"},
    MetricDescription{"parlor_load_connect_duration_seconds", Type::Histogram, "s", "step", "Steps on the way in: tcp, tls (with wss), upgrade, greeting (the server's first frame), join (its confirmation); each from the end of the one before"},
    MetricDescription{"parlor_load_disconnects_total", Type::Counter, "connections", "code", "Connections that were lost, by WebSocket close code; those that the plan ended do not count"},
    MetricDescription{"parlor_load_reconnects_total", Type::Counter, "joins", "", "Users that were in their room again after a loss"},
    MetricDescription{"parlor_load_messages_planned_total", Type::Counter, "messages", "phase", "Messages that were due, sent or not"},
    MetricDescription{"parlor_load_messages_sent_total", Type::Counter, "messages", "phase", "Messages that were sent"},
    MetricDescription{"parlor_load_messages_acked_total", Type::Counter, "messages", "phase", "Messages that the server acknowledged or echoed"},
    MetricDescription{"parlor_load_messages_rejected_total", Type::Counter, "messages", "reason", "Messages that the server answered with an error, by its code"},
    MetricDescription{"parlor_load_messages_dropped_total", Type::Counter, "messages", "phase, reason", "Messages that were due and not sent: not_member, the user was not in its room; backpressure, the server took no more; inflight, earlier ones were not answered"},
    MetricDescription{"parlor_load_messages_abandoned_total", Type::Counter, "messages", "phase", "Messages whose connection was lost before an answer came"},
    MetricDescription{"parlor_load_messages_unanswered_total", Type::Counter, "messages", "phase", "Messages that were not answered in all the time there was; known when their user has left"},
    MetricDescription{"parlor_load_deliveries_expected_total", Type::Counter, "deliveries", "", "Deliveries that receivers were owed, as far as it is known what became of them"},
    MetricDescription{"parlor_load_deliveries_received_total", Type::Counter, "deliveries", "", "Deliveries that were owed and came"},
    MetricDescription{"parlor_load_deliveries_lost_total", Type::Counter, "deliveries", "", "Deliveries that were owed and did not come; known when nothing can come any more"},
    MetricDescription{"parlor_load_deliveries_duplicate_total", Type::Counter, "deliveries", "", "Deliveries that came once more"},
    MetricDescription{"parlor_load_deliveries_reordered_total", Type::Counter, "deliveries", "", "Deliveries that came after a later one"},
    MetricDescription{"parlor_load_deliveries_corrupt_total", Type::Counter, "deliveries", "", "Deliveries with another content than was sent"},
    MetricDescription{"parlor_load_deliveries_unexpected_total", Type::Counter, "deliveries", "", "Deliveries of another room, or of a message that was refused, never sent, or from before the join"},
    MetricDescription{"parlor_load_deliveries_ambiguous_total", Type::Counter, "deliveries", "", "Deliveries of what was sent around a join or a leave: allowed, not owed"},
    MetricDescription{"parlor_load_deliveries_excused_total", Type::Counter, "deliveries", "", "Deliveries no longer owed, since the receiver's connection was lost first"},
    MetricDescription{"parlor_load_deliveries_counted_total", Type::Counter, "deliveries", "", "Deliveries to receivers that only count (--verify)"},
    MetricDescription{"parlor_load_deliveries_outstanding", Type::Gauge, "deliveries", "", "Deliveries that may still be under way"},
    MetricDescription{"parlor_load_rooms_split", Type::Gauge, "rooms", "", "Rooms whose users did not all hear each other"},
    MetricDescription{"parlor_load_delivery_latency_seconds", Type::Histogram, "s", "phase", "From a message's planned time to each receiver"},
    MetricDescription{"parlor_load_delivery_service_seconds", Type::Histogram, "s", "phase", "From the moment a message was sent to each receiver"},
    MetricDescription{"parlor_load_fanout_complete_seconds", Type::Histogram, "s", "phase", "From a message's planned time to the last receiver of its room"},
    MetricDescription{"parlor_load_ack_latency_seconds", Type::Histogram, "s", "phase", "From a message's planned time to its answer"},
    MetricDescription{"parlor_load_send_lag_seconds", Type::Histogram, "s", "phase", "From a message's planned time to the moment it was sent: the generator's own lateness"},
    MetricDescription{"parlor_load_bytes_sent_total", Type::Counter, "bytes", "", "Bytes sent to the server"},
    MetricDescription{"parlor_load_bytes_received_total", Type::Counter, "bytes", "", "Bytes received from the server"},
    MetricDescription{"parlor_load_backend_connections_total", Type::Counter, "connections", "hostname", "Connections by the server that says it served them"},
    MetricDescription{"parlor_load_host_delivery_latency_seconds", Type::Histogram, "s", "hostname", "From a message's planned time to each receiver, of measured phases, by the server that says it served the receiver"},
    MetricDescription{"parlor_load_profile_messages_planned_total", Type::Counter, "messages", "profile", "Messages that were due to the profile's users, sent or not; with several profiles, as all of this kind"},
    MetricDescription{"parlor_load_profile_messages_sent_total", Type::Counter, "messages", "profile", "Messages that the profile's users sent"},
    MetricDescription{"parlor_load_profile_messages_acked_total", Type::Counter, "messages", "profile", "Messages of the profile's users that the server acknowledged or echoed"},
    MetricDescription{"parlor_load_profile_delivery_latency_seconds", Type::Histogram, "s", "profile", "From a message's planned time to each receiver of the profile, of measured phases"},
    MetricDescription{"parlor_load_profile_ack_latency_seconds", Type::Histogram, "s", "profile", "From the planned time of a message of the profile's users to its answer, of measured phases"},
    MetricDescription{"parlor_load_errors_total", Type::Counter, "errors", "error", "What went wrong, by what happened"},
    MetricDescription{"parlor_load_threshold_met", Type::Gauge, "1", "threshold", "1 where the threshold is met as the run stands, else 0; absent while there are too few samples"},
    MetricDescription{"parlor_load_generator_cpu_ratio", Type::Gauge, "1", "", "CPU of the generator's busiest thread in the last second, as a part of one core"},
    MetricDescription{"parlor_load_generator_loop_lag_seconds", Type::Histogram, "s", "", "How late the generator's threads act"},
    MetricDescription{"parlor_load_generator_limited", Type::Gauge, "1", "", "1 where the generator did not keep up, so that the figures say more about it than about the server"},
    MetricDescription{"parlor_load_clock_negative_total", Type::Counter, "deliveries", "", "Deliveries that by the clock came before they were sent; they are in no histogram"},
    MetricDescription{"parlor_load_watched_cpu_cores", Type::Gauge, "cores", "", "CPU that the watched process took in the last second (--watch-pid)"},
    MetricDescription{"parlor_load_watched_memory_bytes", Type::Gauge, "bytes", "", "Resident memory of the watched process (--watch-pid)"},
};

constexpr std::array kK6Metrics{
    MetricDescription{"k6_vus", Type::Gauge, "users", "", "As parlor_load_vus"},
    MetricDescription{"k6_ws_sessions_total", Type::Counter, "connections", "", "As parlor_load_connects_total with result ok"},
    MetricDescription{"k6_ws_msgs_sent_total", Type::Counter, "messages", "", "As parlor_load_messages_sent_total, of all phases"},
    MetricDescription{"k6_ws_msgs_received_total", Type::Counter, "deliveries", "", "As parlor_load_deliveries_received_total"},
    MetricDescription{"k6_ws_message_latency_p99", Type::Gauge, "ms", "", "99th percentile of the delivery latency of all measured phases so far"},
    MetricDescription{"k6_ws_connection_success_rate_rate", Type::Gauge, "1", "", "Part of the attempts to connect that were upgraded"},
    MetricDescription{"k6_ws_message_success_rate_rate", Type::Gauge, "1", "", "Part of the planned messages that were answered"},
};
// clang-format on

} // namespace

std::span<const MetricDescription> metricCatalogue()
{
    return kMetrics;
}

std::span<const MetricDescription> k6Catalogue()
{
    return kK6Metrics;
}

std::string_view toString(MetricType type)
{
    switch (type) {
    case Type::Counter:
        return "counter";
    case Type::Gauge:
        return "gauge";
    case Type::Histogram:
        break;
    }
    return "histogram";
}

} // namespace parlor::cli::load
