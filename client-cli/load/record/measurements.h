// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/record/deliverycounts.h"
#include "client-cli/load/record/hearinggroup.h"
#include "client-cli/load/record/histogram.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// What became of messages.
struct MessageCounts
{
    std::uint64_t planned = 0; ///< sent or not; without `early`
    std::uint64_t early = 0;   ///< due while its user was on its way in for the first time: not planned
    std::uint64_t sent = 0;
    std::uint64_t notMember = 0; ///< planned while the user was not in its room: not sent
    std::uint64_t dropped = 0;   ///< not sent: the server took nothing more
    /// Planned and not sent: it waited for answers to earlier ones (Profile::inflight) until its user's
    /// connection or session ended.
    std::uint64_t held = 0;
    std::uint64_t answered = 0;   ///< acknowledged, or echoed
    std::uint64_t rejected = 0;   ///< answered with an error
    std::uint64_t abandoned = 0;  ///< the connection was lost before an answer
    std::uint64_t unanswered = 0; ///< no answer in all the time there was

    /// Planned, but neither acknowledged nor echoed.
    [[nodiscard]] std::uint64_t missed() const { return planned - answered; }
    [[nodiscard]] std::uint64_t notSent() const { return planned - sent; }
    void merge(const MessageCounts &other);
    bool operator==(const MessageCounts &) const = default;
};

/// What became of the messages whose planned time lies in one phase.
struct PhaseMeasurements : MessageCounts
{
    bool isMeasured = true; ///< its histograms count in the run's

    std::uint64_t deliveries = 0; ///< that counted for the latencies

    Histogram deliveryLatency; ///< planned → received
    Histogram deliveryService; ///< sent → received
    Histogram fanOut;          ///< planned → received by the last of a room; of each message once
    Histogram ackLatency;      ///< planned → answered
    Histogram sendLag;         ///< it might be sent → sent: the generator's own doing

    void merge(const PhaseMeasurements &other);
    /// As new; but the memory of histograms that held something is kept for what comes.
    void clear();
    bool operator==(const PhaseMeasurements &) const = default;
};

/// What connecting and being greeted is made of: each from the end of the one before it.
struct ConnectSteps
{
    Histogram tcp; ///< from the attempt, at the address that took it
    Histogram tls; ///< with wss alone
    Histogram upgrade;
    Histogram greeting; ///< up to the server's first frame

    void merge(const ConnectSteps &other);
    bool operator==(const ConnectSteps &) const = default;
};

/// What became of the messages of one profile's users, and what its users received.
struct ProfileMeasurements : MessageCounts
{
    Histogram deliveryLatency; ///< planned → received by a user of this profile; of measured phases
    Histogram ackLatency;      ///< planned → answered; of measured phases

    void merge(const ProfileMeasurements &other);
    bool operator==(const ProfileMeasurements &) const = default;
};

/// All that a run, or one thread's part of it, measured. Merged by adding.
struct Measurements
{
    /// Of errors, refusals and hosts each, after a merge(). What comes on top counts as "others".
    static constexpr std::size_t kMostNames = 1000;

    explicit Measurements(std::size_t phaseCount = 0)
        : phases(phaseCount)
    {
    }
    explicit Measurements(const std::vector<Phase> &plan);

    std::vector<PhaseMeasurements> phases;
    std::vector<ProfileMeasurements> profiles; ///< as in the settings; empty: there is but one
    DeliveryCounts deliveries;

    std::uint64_t connectAttempts = 0;
    std::uint64_t connected = 0; ///< upgraded to a WebSocket
    std::uint64_t joinAttempts = 0;
    std::uint64_t joined = 0;
    std::uint64_t connectionsLost = 0; ///< of those connected, not by our doing
    std::uint64_t reconnects = 0;      ///< joined again after a loss
    std::uint64_t absent = 0;          ///< ends of a user's time that found it outside of its room
    std::uint64_t unarrived = 0;       ///< ends of a user's time before it came in for the first time
    std::uint64_t negativeTimes = 0;   ///< received before it was sent: a clock's mistake, not recorded
    std::uint64_t bytesSent = 0;
    std::uint64_t bytesReceived = 0;
    Histogram connectDuration; ///< TCP, TLS and upgrade
    ConnectSteps connectSteps;
    Histogram joinDuration; ///< join sent → confirmed
    Histogram loopLag;      ///< a thread was due to act → it acted: the generator's own doing

    std::map<std::string, std::uint64_t> errors;       ///< by what happened
    std::map<std::string, std::uint64_t> refusals;     ///< errors that answered messages, by their code
    std::map<std::uint16_t, std::uint64_t> closeCodes; ///< of lost connections
    std::map<std::string, std::uint64_t> hosts;        ///< connections by the hostname that served them
    std::map<std::string, Histogram>
        hostLatency; ///< delivery latency by the hostname that served the receiver

    std::vector<RoomSplit> splits;        ///< rooms whose users did not hear each other
    std::vector<std::string> lonelyRooms; ///< something was said there, and never were two users in it

    void merge(const Measurements &other);
    /// As new, with as many phases; but the memory of histograms that held something is kept for what comes.
    void clear();
    /// The messages of all phases.
    [[nodiscard]] MessageCounts messages() const;
    /// All phases together; of those that are not measured, the counts alone.
    [[nodiscard]] PhaseMeasurements total() const;
    bool operator==(const Measurements &) const = default;
};

} // namespace parlor::cli::load
