// SPDX-License-Identifier: MIT
#include "tests/bench/client/phase.h"

#include <algorithm>
#include <ctime>
#include <sstream>

namespace parlor::bench {

namespace {

std::chrono::nanoseconds ownCpu()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

/// Exact percentiles by nearest rank.
std::string percentiles(std::vector<Clock::duration> &values)
{
    if (values.empty())
        return "null";
    std::sort(values.begin(), values.end());
    const auto at = [&](std::size_t perMille) {
        const std::size_t rank = (values.size() * perMille + 999) / 1000;
        return std::to_string(std::chrono::nanoseconds(values[std::max<std::size_t>(rank, 1) - 1]).count());
    };
    return "{\"count\":" + std::to_string(values.size()) + ",\"p50\":" + at(500) + ",\"p90\":" + at(900) +
           ",\"p99\":" + at(990) + ",\"p999\":" + at(999) + ",\"max\":" + at(1000) + '}';
}

std::string toJson(Phase &phase)
{
    std::ostringstream out;
    out << "{\"complete\":" << (phase.isComplete() ? "true" : "false")
        << ",\"problem\":" << quoted(phase.problem);
    for (const auto &[name, value] : phase.settings)
        out << ',' << quoted(name) << ':' << value;
    out << ",\"published\":" << phase.tally.published << ",\"owed\":" << phase.tally.owed
        << ",\"deliveries\":" << phase.tally.delivered << ",\"misplaced\":" << phase.tally.misplaced
        << ",\"corrupt\":" << phase.tally.corrupt << ",\"payload_bytes\":" << phase.tally.bytes
        << ",\"connections\":" << phase.connections << ",\"duration_ns\":" << phase.duration.count()
        << ",\"server_cpu_ns\":" << phase.serverCpu.count()
        << ",\"client_cpu_ns\":" << phase.clientCpu.count()
        << ",\"rss_growth\":" << phase.memoryGrowth.residentBytes
        << ",\"private_dirty_growth\":" << phase.memoryGrowth.privateDirtyBytes
        << ",\"latency_ns\":" << percentiles(phase.latencies)
        << ",\"send_lag_ns\":" << percentiles(phase.sendLags) << '}';
    return out.str();
}

} // namespace

StopWatch::StopWatch(const ServerProbe &probe)
    : m_probe(probe)
    , m_time(Clock::now())
    , m_server(probe.cpu())
    , m_client(ownCpu())
{
}

void StopWatch::stop(Phase &phase) const
{
    phase.serverCpu = m_probe.cpu() - m_server;
    phase.clientCpu = ownCpu() - m_client;
    phase.duration = Clock::now() - m_time;
}

std::string toJson(const std::string &scenario, std::vector<Phase> phases)
{
    std::string out = "{\"scenario\":" + quoted(scenario) + ",\"phases\":[";
    for (Phase &phase : phases) {
        if (&phase != phases.data())
            out += ',';
        out += toJson(phase);
    }
    return out + "]}";
}

} // namespace parlor::bench
