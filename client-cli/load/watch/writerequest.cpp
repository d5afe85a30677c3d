// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/writerequest.h"

#include <algorithm>
#include <bit>

namespace parlor::cli::load {

namespace {

// Protobuf's encoding: a key (field number and wire type), then the value.
enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2 };

void appendVarint(std::string &out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

void appendKey(std::string &out, unsigned field, WireType type)
{
    appendVarint(out, field << 3 | static_cast<unsigned>(type));
}

void appendBytes(std::string &out, unsigned field, std::string_view bytes)
{
    appendKey(out, field, WireType::Bytes);
    appendVarint(out, bytes.size());
    out += bytes;
}

void appendDouble(std::string &out, unsigned field, double value)
{
    appendKey(out, field, WireType::Fixed64);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8)
        out += static_cast<char>(bits >> shift);
}

/// Label { name = 1, value = 2 }
std::string encodedLabel(std::string_view name, std::string_view value)
{
    std::string out;
    appendBytes(out, 1, name);
    appendBytes(out, 2, value);
    return out;
}

/// TimeSeries { repeated Label labels = 1, repeated Sample samples = 2 }; Sample { value = 1, timestamp = 2 }
std::string encodedSeries(const MetricFamily &family, const MetricSample &sample, std::int64_t timestamp)
{
    MetricLabels labels = sample.labels;
    labels.emplace_back("__name__", std::string(family.name) + std::string(sample.suffix));
    std::erase_if(labels, [](const auto &label) { return label.second.empty(); }); // as if it were not there
    std::sort(labels.begin(), labels.end()); // what the receiver demands
    std::string out;
    for (const auto &[name, value] : labels)
        appendBytes(out, 1, encodedLabel(name, value));
    std::string encoded;
    appendDouble(encoded, 1, sample.value);
    appendKey(encoded, 2, WireType::Varint);
    appendVarint(encoded, static_cast<std::uint64_t>(timestamp));
    appendBytes(out, 2, encoded);
    return out;
}

} // namespace

std::string writeRequest(const MetricsSnapshot &snapshot)
{
    std::string out; // WriteRequest { repeated TimeSeries timeseries = 1 }
    for (const MetricFamily &family : snapshot.families) {
        for (const MetricSample &sample : family.samples)
            appendBytes(out, 1, encodedSeries(family, sample, snapshot.timestamp));
    }
    return out;
}

} // namespace parlor::cli::load
