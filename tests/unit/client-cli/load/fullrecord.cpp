// SPDX-License-Identifier: MIT
#include "fullrecord.h"

namespace parlor::test {

using namespace cli::load;
using namespace std::chrono_literals;

namespace {

/// Hands out numbers, each once.
class Numbers
{
public:
    template <typename T>
    void fill(T &value)
    {
        value = static_cast<T>(++m_last);
    }
    void fill(Offset &value) { value = Offset(++m_last); }
    void fill(Histogram &histogram)
    {
        const auto base = static_cast<std::int64_t>(++m_last);
        for (int i = 0; i < 50; ++i)
            histogram.record(Offset(base + i * i * 997));
        histogram.record(1min + 1us * base);
    }
    template <typename... Values>
    void all(Values &...values)
    {
        (fill(values), ...);
    }

private:
    std::uint64_t m_last = 100;
};

Settings fullSettings(Numbers &numbers)
{
    Settings s;
    s.url = "wss://chat.example:8443/ws?a=b";
    s.dialect = DialectName::V1;
    s.stages = {{.duration = 10s, .users = 50, .name = "rush", .isMeasured = false},
                {.duration = 20s, .users = 50}};
    s.arrivals = {{.duration = 11s, .perSecond = 0.1 + 0.2, .name = "trickle", .isMeasured = false}};
    s.profiles.resize(2);
    for (Profile &profile : s.profiles) {
        numbers.all(profile.weight, profile.rate, profile.think.mean, profile.inflight, profile.size.least,
                    profile.size.most, profile.senders.count, profile.senders.share, profile.roomsPerUser,
                    profile.life.mean);
        profile.think.isExponential = profile.life.isExponential = true;
        profile.name = "p" + std::to_string(profile.inflight);
    }
    s.profiles[0].pace = Pace::Poisson;
    s.profiles[1].pace = Pace::Closed;
    s.rooms = {"general", "käse"};
    s.seed = 0xFEDC'BA98'7654'3210;
    numbers.all(s.zipf, s.connectRate, s.connectInflight, s.connectTimeout, s.warmUp, s.settle, s.drain,
                s.verifySample, s.processes, s.threads);
    s.zipf /= 7;
    s.reconnect = Reconnect::None;
    s.verify = Verify::Sample;
    s.isStrict = true;
    s.thresholds = {"delivery_latency{phase:hold 50} p(99)<250ms", "deliveries_lost count==0"};
    s.tags = {{"branch", "load"}, {"a \"b\"", "<c>"}};
    return s;
}

void fillCounts(Numbers &numbers, MessageCounts &m)
{
    numbers.all(m.early, m.sent, m.notMember, m.held, m.dropped, m.answered, m.rejected, m.abandoned,
                m.unanswered, m.planned); // none is above what was planned
}

Measurements fullMeasurements(Numbers &numbers)
{
    Measurements m(2);
    for (PhaseMeasurements &phase : m.phases) {
        fillCounts(numbers, phase);
        numbers.all(phase.deliveries, phase.deliveryLatency, phase.deliveryService, phase.fanOut,
                    phase.ackLatency, phase.sendLag);
    }
    m.phases[0].isMeasured = false;
    m.profiles.resize(2);
    for (ProfileMeasurements &profile : m.profiles) {
        fillCounts(numbers, profile);
        numbers.all(profile.deliveryLatency, profile.ackLatency);
    }
    DeliveryCounts &d = m.deliveries;
    numbers.all(d.received, d.lost, d.doubled, d.reordered, d.corrupt, d.unexpected, d.ambiguous, d.excused,
                d.foreign, d.counted);
    d.received = (1ULL << 53) + 1; // no double holds it
    numbers.all(m.connectAttempts, m.connected, m.joinAttempts, m.joined, m.connectionsLost, m.reconnects,
                m.absent, m.unarrived, m.negativeTimes, m.bytesSent, m.bytesReceived, m.connectDuration,
                m.connectSteps.tcp, m.connectSteps.tls, m.connectSteps.upgrade, m.connectSteps.greeting,
                m.joinDuration, m.loopLag);
    m.errors = {{"upgrade: HTTP 503", 9}, {"line\nbreak", 1}};
    m.refusals = {{"rate_limited", 7}};
    m.closeCodes = {{1006, 3}, {4103, 2}};
    m.hosts = {{"ws1", 4}, {"ws2", 6}};
    numbers.all(m.hostLatency["ws1"], m.hostLatency["ws2"]);
    m.splits = {{"general",
                 {{.users = 6, .servers = {{"ws1", 6}}, .epochs = {"01J9A", "01J9B"}},
                  {.users = 1, .servers = {{"ws2", 1}}, .epochs = {}}}}};
    m.lonelyRooms = {"käse"};
    return m;
}

} // namespace

RunRecord fullRecord()
{
    Numbers numbers;
    RunRecord run;
    run.program = "parlor-cli 9.9";
    run.id = "0badcafe";
    run.begun = "2026-11-29T12:00:00.250Z";
    run.arguments = {"parlor-cli", "load", "chat.example", "--header", "Authorization: …"};
    run.settings = fullSettings(numbers);
    run.machine = {.host = "bench-1", .system = "Linux 6.1.0 x86_64", .cores = 8};
    run.phases = {{.name = "rush", .begin = 0s, .end = 10s, .from = 1, .to = 50, .isMeasured = false},
                  {.name = "hold 50", .begin = 10s, .end = 30s, .from = 50, .to = 51}};
    run.isInterrupted = true;
    numbers.all(run.duration, run.peakUsers);
    run.measurements = fullMeasurements(numbers);
    for (int i = 1; i <= 3; ++i) {
        Second s;
        numbers.all(s.end, s.wanted, s.members, s.open, s.connects, s.failures, s.losses, s.planned, s.sent,
                    s.answered, s.received, s.faults, s.cpu, s.sendLag, s.loopLag, s.watchedCpu,
                    s.watchedMemory);
        s.end = i * 1s;
        s.cpu = 1.0 / (i + 2);
        Histogram latency;
        if (i < 3)
            numbers.fill(latency);
        s.latency = CoarseHistogram(latency);
        run.seconds.push_back(std::move(s));
    }
    run.threads = {{.meanCpu = 0.123456789012345678, .peakCpu = 0.9, .seconds = 30, .busySeconds = 1},
                   {.meanCpu = 1e-7, .peakCpu = 0.2, .seconds = 29, .busySeconds = 0}};
    run.stolen = 0.015625;
    run.watched = {{.pid = 4711,
                    .name = "parlor-server",
                    .meanCpu = 1.5,
                    .peakCpu = 1.9,
                    .peakMemory = 123'456'789,
                    .hasEnded = true}};
    run.notes = {"The clock jumped.", "Users went on."};
    return run;
}

} // namespace parlor::test
