// SPDX-License-Identifier: MIT
#include "client-cli/sink/sinkreport.h"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace parlor::cli::sink {

namespace {

/// 1,234,567
std::string grouped(std::uint64_t value)
{
    std::string text = std::to_string(value);
    for (std::size_t at = text.size(); at > 3; at -= 3)
        text.insert(at - 3, ",");
    return text;
}

std::string seconds(std::chrono::microseconds time)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", std::chrono::duration<double>(time).count());
    return text.data();
}

} // namespace

std::string textReport(const SinkCounts &counts, std::chrono::microseconds uptime)
{
    std::string text = "sink         " + seconds(uptime) + "\n";
    text += "connections  " + grouped(counts.connections) + ", of them upgraded " + grouped(counts.upgrades) +
            ", cut " + grouped(counts.cut) + "\n";
    text += "joins        " + grouped(counts.joins) + "\n";
    text +=
        "messages     " + grouped(counts.published) + ", requests refused " + grouped(counts.refused) + "\n";
    text += "deliveries   " + grouped(counts.deliveries) + " sent\n";
    text += "faults       dropped " + grouped(counts.of(Fault::Drop)) + ", doubled " +
            grouped(counts.of(Fault::Double)) + ", reordered " + grouped(counts.of(Fault::Reorder)) +
            ", corrupt " + grouped(counts.of(Fault::Corrupt)) + "; stalls " + grouped(counts.stalls) + "\n";
    text += "bytes        received " + grouped(counts.bytesReceived) + ", sent " + grouped(counts.bytesSent) +
            "\n";
    return text;
}

std::string jsonReport(const SinkCounts &counts, const SinkOptions &options, std::chrono::microseconds uptime)
{
    std::array<char, 768> text{};
    std::snprintf(text.data(), text.size(),
                  "{\"seed\":%" PRIu64 ",\"seconds\":%.3f,\"connections\":%" PRIu64 ",\"upgrades\":%" PRIu64
                  ",\"cut\":%" PRIu64 ",\"joins\":%" PRIu64 ",\"messages\":%" PRIu64 ",\"refused\":%" PRIu64
                  ",\"deliveries\":%" PRIu64 ",\"faults\":{\"dropped\":%" PRIu64 ",\"doubled\":%" PRIu64
                  ",\"reordered\":%" PRIu64 ",\"corrupt\":%" PRIu64 "},\"stalls\":%" PRIu64
                  ",\"bytes\":{\"received\":%" PRIu64 ",\"sent\":%" PRIu64 "}}\n",
                  options.seed, std::chrono::duration<double>(uptime).count(), counts.connections,
                  counts.upgrades, counts.cut, counts.joins, counts.published, counts.refused,
                  counts.deliveries, counts.of(Fault::Drop), counts.of(Fault::Double),
                  counts.of(Fault::Reorder), counts.of(Fault::Corrupt), counts.stalls, counts.bytesReceived,
                  counts.bytesSent);
    return text.data();
}

} // namespace parlor::cli::sink
