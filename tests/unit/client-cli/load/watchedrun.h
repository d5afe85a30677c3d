// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"

namespace parlor::cli::load::test {

/// A run of two phases that has been going on for some seconds, all well, and what is said of it then.
struct WatchedRun
{
    explicit WatchedRun(int seconds = 90)
    {
        using namespace std::chrono_literals;
        record.program = "parlor-cli 1.0";
        record.id = "7f3a21b0";
        record.settings.url = "ws://127.0.0.1:8000/ws";
        record.phases = {
            {.name = "ramp 0-50", .begin = 0s, .end = 60s, .from = 0, .to = 50, .isMeasured = false},
            {.name = "hold 50", .begin = 60s, .end = 180s, .from = 50, .to = 50}};
        record.measurements = Measurements(record.phases);
        Measurements &all = record.measurements;
        all.connectAttempts = all.connected = all.joinAttempts = all.joined = 50;
        all.hosts = {{"ws1", 30}, {"ws2", 20}};
        all.bytesSent = 12'000;
        all.bytesReceived = 340'000;
        for (int i = 0; i < seconds; ++i) {
            const bool isFirst = i < 60;
            PhaseMeasurements &phase = all.phases[isFirst ? 0 : 1];
            phase.planned += 25;
            phase.sent += 25;
            phase.answered += 25;
            phase.deliveries += 400;
            all.deliveries.received += 400;
            Histogram latency;
            for (int n = 0; n < 400; ++n)
                latency.record(std::chrono::microseconds(400 + n * (1 + i % 5)));
            phase.deliveryLatency.merge(latency);
            phase.deliveryService.merge(latency);
            phase.sendLag.record(50us);
            phase.ackLatency.record(300us);
            Second second;
            second.end = std::chrono::seconds(i + 1);
            second.wanted = second.members = second.open = 50;
            second.planned = second.sent = second.answered = 25;
            second.received = 400;
            second.latency = CoarseHistogram(latency);
            second.cpu = 0.11;
            second.sendLag = 80us;
            second.loopLag = 200us;
            record.seconds.push_back(second);
        }
        record.threads.resize(1);
        for (int i = 0; i < seconds; ++i)
            record.threads[0].addSecond(0.11);
    }

    [[nodiscard]] RunStatus status() const
    {
        RunStatus status{.record = record};
        status.now = record.seconds.empty() ? Offset{} : record.seconds.back().end;
        status.end = record.phases.back().end;
        status.phase = record.phases[status.now < record.phases[0].end ? 0 : 1].name;
        status.messages = record.measurements.messages();
        status.deliveries = record.measurements.deliveries;
        status.deliveries.lost += holes;
        status.outstanding = outstanding;
        return status;
    }

    RunRecord record;
    std::uint64_t outstanding = 3;
    std::uint64_t holes = 0;
};

} // namespace parlor::cli::load::test
