// SPDX-License-Identifier: MIT
#include "client-cli/load/record/names.h"

#include <array>

namespace parlor::cli::load::names {

namespace {

using Came = const DeliveryCounts &;
constexpr std::array<Count<DeliveryCounts>, 11> kDeliveries{{
    {"expected", [](Came d) { return d.expected(); }, "expected",
     "published while the receiver was in the room"},
    {"received", [](Came d) { return d.received; }, "received", "expected, and there"},
    {"lost", [](Came d) { return d.lost; }, kLost, "expected, and never there", true},
    {"doubled", [](Came d) { return d.doubled; }, kDoubled, "there once more", true},
    {"reordered", [](Came d) { return d.reordered; }, kReordered, "there after a later one", true},
    {"corrupt", [](Came d) { return d.corrupt; }, kCorrupt, "there with another content than was sent", true},
    {"unexpected", [](Came d) { return d.unexpected; }, kUnexpected,
     "of another room, refused, never sent, or from before the join", true},
    {"ambiguous", [](Came d) { return d.ambiguous; }, "not owed, came", "sent around a join or a leave",
     false, true},
    {"excused", [](Came d) { return d.excused; }, "no longer owed",
     "the connection was lost, or not waited for", false, true},
    {"foreign", [](Came d) { return d.foreign; }, "of others", "not sent by the receiver's own generator",
     false, true},
    {"counted", [](Came d) { return d.counted; }, "counted only", "at receivers that were not checked", false,
     true},
}};

using Sent = const MessageCounts &;
constexpr std::array<Count<MessageCounts>, 10> kMessages{{
    {"planned", [](Sent m) { return m.planned; }, "planned", "due, sent or not"},
    {"sent", [](Sent m) { return m.sent; }, "sent", ""},
    {"answered", [](Sent m) { return m.answered; }, "answered", "acknowledged, or echoed"},
    {"early", [](Sent m) { return m.early; }, "before the join",
     "due while a user was still coming in: not planned", false, true},
    {"rejected", [](Sent m) { return m.rejected; }, kRefused, "the server answered with an error", true,
     true},
    {"unanswered", [](Sent m) { return m.unanswered; }, "never answered", "in all the time there was", true,
     true},
    {"abandoned", [](Sent m) { return m.abandoned; }, kAnswerUnknown, "the connection was lost first", true,
     true},
    {"not_member", [](Sent m) { return m.notMember; }, kNotMember, "not sent: the user was not in its room",
     true, true},
    {"held", [](Sent m) { return m.held; }, "held back", "not sent: waited for answers until the user left",
     true, true},
    {"dropped", [](Sent m) { return m.dropped; }, kDropped,
     "not sent: the server took nothing more from the connection", true, true},
}};

using Run = const Measurements &;
using Phases = const PhaseMeasurements &;
constexpr std::array<Durations, 10> kDurations{{
    {"delivery_latency", "delivery", "planned time to each receiver",
     [](Run, Phases all) -> const Histogram & { return all.deliveryLatency; }},
    {"delivery_service", kService, "sending to each receiver",
     [](Run, Phases all) -> const Histogram & { return all.deliveryService; }},
    {"fan_out", "fan-out", "planned time to the last receiver of the room",
     [](Run, Phases all) -> const Histogram & { return all.fanOut; }},
    {"ack_latency", "ack", "planned time to the answer",
     [](Run, Phases all) -> const Histogram & { return all.ackLatency; }},
    {"connect_duration", "connect", "attempt to the open WebSocket",
     [](Run m, Phases) -> const Histogram & { return m.connectDuration; }},
    {"tcp_duration", "TCP", "attempt to the connection",
     [](Run m, Phases) -> const Histogram & { return m.connectSteps.tcp; }},
    {"tls_duration", "TLS", "connection to the end of TLS's handshake",
     [](Run m, Phases) -> const Histogram & { return m.connectSteps.tls; }},
    {"upgrade_duration", "upgrade", "request to the open WebSocket",
     [](Run m, Phases) -> const Histogram & { return m.connectSteps.upgrade; }},
    {"greeting_duration", "greeting", "open WebSocket to the server's first frame",
     [](Run m, Phases) -> const Histogram & { return m.connectSteps.greeting; }},
    {"join_duration", "join", "request to its confirmation",
     [](Run m, Phases) -> const Histogram & { return m.joinDuration; }},
}};

} // namespace

std::span<const Count<DeliveryCounts>> deliveries()
{
    return kDeliveries;
}

std::span<const Count<MessageCounts>> messages()
{
    return kMessages;
}

std::span<const Durations> durations()
{
    return kDurations;
}

} // namespace parlor::cli::load::names
