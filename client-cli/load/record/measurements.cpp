// SPDX-License-Identifier: MIT
#include "client-cli/load/record/measurements.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace parlor::cli::load {

namespace {

void add(std::map<std::uint16_t, std::uint64_t> &to, const std::map<std::uint16_t, std::uint64_t> &from)
{
    for (const auto &[key, count] : from)
        to[key] += count;
}

/// Most names are the server's, which may invent any number of them.
template <typename Value>
Value &placeOf(const std::string &name, std::map<std::string, Value> &in)
{
    const bool fits = in.size() < Measurements::kMostNames || in.contains(name);
    return in[fits ? name : "others"];
}

void add(std::map<std::string, std::uint64_t> &to, const std::map<std::string, std::uint64_t> &from)
{
    for (const auto &[name, count] : from)
        placeOf(name, to) += count;
}

void add(std::map<std::string, Histogram> &to, const std::map<std::string, Histogram> &from)
{
    for (const auto &[name, histogram] : from)
        placeOf(name, to).merge(histogram);
}

Histogram cleared(Histogram histogram)
{
    if (histogram.count() == 0)
        return {};
    histogram.clear();
    return histogram;
}

} // namespace

void MessageCounts::merge(const MessageCounts &other)
{
    planned += other.planned;
    early += other.early;
    sent += other.sent;
    notMember += other.notMember;
    dropped += other.dropped;
    held += other.held;
    answered += other.answered;
    rejected += other.rejected;
    abandoned += other.abandoned;
    unanswered += other.unanswered;
}

void PhaseMeasurements::merge(const PhaseMeasurements &other)
{
    MessageCounts::merge(other);
    deliveries += other.deliveries;
    deliveryLatency.merge(other.deliveryLatency);
    deliveryService.merge(other.deliveryService);
    fanOut.merge(other.fanOut);
    ackLatency.merge(other.ackLatency);
    sendLag.merge(other.sendLag);
}

void ProfileMeasurements::merge(const ProfileMeasurements &other)
{
    MessageCounts::merge(other);
    deliveryLatency.merge(other.deliveryLatency);
    ackLatency.merge(other.ackLatency);
}

void PhaseMeasurements::clear()
{
    PhaseMeasurements fresh;
    fresh.isMeasured = isMeasured;
    for (Histogram PhaseMeasurements::*each :
         {&PhaseMeasurements::deliveryLatency, &PhaseMeasurements::deliveryService,
          &PhaseMeasurements::fanOut, &PhaseMeasurements::ackLatency, &PhaseMeasurements::sendLag})
        fresh.*each = cleared(std::move(this->*each));
    *this = std::move(fresh);
}

void Measurements::clear()
{
    Measurements fresh;
    fresh.phases = std::move(phases);
    for (PhaseMeasurements &phase : fresh.phases)
        phase.clear();
    for (Histogram Measurements::*each :
         {&Measurements::connectDuration, &Measurements::joinDuration, &Measurements::loopLag})
        fresh.*each = cleared(std::move(this->*each));
    *this = std::move(fresh);
}

Measurements::Measurements(const std::vector<Phase> &plan)
    : phases(plan.size())
{
    for (std::size_t i = 0; i < plan.size(); ++i)
        phases[i].isMeasured = plan[i].isMeasured;
}

void ConnectSteps::merge(const ConnectSteps &other)
{
    tcp.merge(other.tcp);
    tls.merge(other.tls);
    upgrade.merge(other.upgrade);
    greeting.merge(other.greeting);
}

void Measurements::merge(const Measurements &other)
{
    assert(phases.size() == other.phases.size());
    for (std::size_t i = 0; i < phases.size(); ++i)
        phases[i].merge(other.phases[i]);
    profiles.resize(std::max(profiles.size(), other.profiles.size()));
    for (std::size_t i = 0; i < other.profiles.size(); ++i)
        profiles[i].merge(other.profiles[i]);
    deliveries.merge(other.deliveries);
    connectAttempts += other.connectAttempts;
    connected += other.connected;
    joinAttempts += other.joinAttempts;
    joined += other.joined;
    connectionsLost += other.connectionsLost;
    reconnects += other.reconnects;
    absent += other.absent;
    unarrived += other.unarrived;
    negativeTimes += other.negativeTimes;
    bytesSent += other.bytesSent;
    bytesReceived += other.bytesReceived;
    connectDuration.merge(other.connectDuration);
    connectSteps.merge(other.connectSteps);
    joinDuration.merge(other.joinDuration);
    loopLag.merge(other.loopLag);
    add(errors, other.errors);
    add(refusals, other.refusals);
    add(closeCodes, other.closeCodes);
    add(hosts, other.hosts);
    add(hostLatency, other.hostLatency);
    splits.insert(splits.end(), other.splits.begin(), other.splits.end());
    lonelyRooms.insert(lonelyRooms.end(), other.lonelyRooms.begin(), other.lonelyRooms.end());
}

MessageCounts Measurements::messages() const
{
    MessageCounts all;
    for (const PhaseMeasurements &phase : phases)
        all.merge(phase);
    return all;
}

PhaseMeasurements Measurements::total() const
{
    PhaseMeasurements all;
    for (const PhaseMeasurements &phase : phases) {
        if (phase.isMeasured)
            all.merge(phase);
        else
            all.MessageCounts::merge(phase);
    }
    return all;
}

} // namespace parlor::cli::load
