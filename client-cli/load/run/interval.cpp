// SPDX-License-Identifier: MIT
#include "client-cli/load/run/interval.h"

#include <algorithm>

namespace parlor::cli::load {

Second secondOf(const Interval &interval)
{
    const Measurements &measured = interval.measurements;
    Second second;
    Histogram latency;
    for (const PhaseMeasurements &phase : measured.phases) {
        second.sendLag = std::max(second.sendLag, phase.sendLag.max());
        latency.merge(phase.deliveryLatency);
    }
    second.latency = CoarseHistogram(latency);
    second.end = interval.end;
    second.members = interval.members;
    second.open = interval.open;
    second.connects = measured.connected;
    second.failures = measured.connectAttempts - measured.connected + measured.joinAttempts - measured.joined;
    second.losses = measured.connectionsLost;
    const MessageCounts messages = measured.messages();
    second.planned = messages.planned;
    second.sent = messages.sent;
    second.answered = messages.answered;
    const DeliveryCounts &deliveries = measured.deliveries;
    second.received = deliveries.received;
    second.faults = deliveries.lost + deliveries.doubled + deliveries.reordered + deliveries.corrupt +
                    deliveries.unexpected;
    second.cpu = std::max(interval.cpu, 0.0);
    second.loopLag = measured.loopLag.max();
    return second;
}

} // namespace parlor::cli::load
