// SPDX-License-Identifier: MIT
#include "client-cli/load/report/column.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace parlor::cli::load::html {

namespace {

using W = const Window &;

double number(std::uint64_t value)
{
    return static_cast<double>(value);
}

double number(Offset value)
{
    return static_cast<double>(value.count());
}

double latencyOf(const Window &window, double percent)
{
    const CoarseHistogram &latency = window.all.latency;
    return latency.cells().empty() ? std::numeric_limits<double>::quiet_NaN()
                                   : number(percent == 100 ? latency.max() : latency.percentile(percent));
}

constexpr std::array<Column, kColumns> kAllColumns{{
    {"p50", Unit::Time, "latency.p50", [](W w) { return latencyOf(w, 50); }},
    {"p90", Unit::Time, "latency.p90", [](W w) { return latencyOf(w, 90); }},
    {"p99", Unit::Time, "latency.p99", [](W w) { return latencyOf(w, 99); }},
    {"max", Unit::Time, "latency.max", [](W w) { return latencyOf(w, 100); }},
    {"users planned", Unit::Count, "wanted", [](W w) { return number(w.all.wanted); }},
    {"users in rooms", Unit::Count, "members", [](W w) { return number(w.all.members); }},
    {"connections", Unit::Count, "open", [](W w) { return number(w.all.open); }},
    {"connected", Unit::PerSecond, "connects", [](W w) { return w.perSecond(w.all.connects); }},
    {"failed", Unit::PerSecond, "failures", [](W w) { return w.perSecond(w.all.failures); }},
    {"lost", Unit::PerSecond, "losses", [](W w) { return w.perSecond(w.all.losses); }},
    {"planned", Unit::PerSecond, "planned", [](W w) { return w.perSecond(w.all.planned); }},
    {"sent", Unit::PerSecond, "sent", [](W w) { return w.perSecond(w.all.sent); }},
    {"answered", Unit::PerSecond, "answered", [](W w) { return w.perSecond(w.all.answered); }},
    {"deliveries", Unit::PerSecond, "received", [](W w) { return w.perSecond(w.all.received); }},
    {"faults", Unit::Count, "faults", [](W w) { return number(w.all.faults); }},
    {"CPU of the busiest thread", Unit::Part, "cpu", [](W w) { return w.all.cpu; }},
    {"longest send lag", Unit::Time, "send_lag_us", [](W w) { return number(w.all.sendLag); }},
    {"longest loop lag", Unit::Time, "loop_lag_us", [](W w) { return number(w.all.loopLag); }},
    {"cores", Unit::Cores, "watched_cpu", [](W w) { return w.all.watchedCpu; }},
    {"memory", Unit::Bytes, "watched_memory", [](W w) { return number(w.all.watchedMemory); }},
}};

std::string inJson(double value)
{
    if (!std::isfinite(value))
        return "null";
    std::array<char, 32> out{};
    const bool isWhole = value == std::floor(value) && value < 1e15;
    std::snprintf(out.data(), out.size(), isWhole ? "%.0f" : "%.5g", value);
    return out.data();
}

} // namespace

std::string Column::figure() const
{
    return std::string(formOf(unit)) + " " + std::string(path);
}

const Column &columnOf(ColumnId id)
{
    return kAllColumns[static_cast<std::size_t>(id)];
}

std::string pointsOf(const std::vector<Window> &windows)
{
    std::string seconds;
    std::string ends;
    for (const Window &window : windows) {
        const std::string comma = seconds.empty() ? "" : ",";
        seconds += comma + std::to_string(window.last + 1);
        ends += comma + std::to_string(window.all.end.count());
    }
    std::string columns;
    for (const Column &column : kAllColumns) {
        std::string values;
        for (const Window &window : windows)
            values += (values.empty() ? "" : ",") + inJson(column.value(window));
        columns += (columns.empty() ? "" : ",\n") + std::string("{\"name\":\"") + std::string(column.name) +
                   "\",\"figure\":\"" + column.figure() + "\",\"values\":[" + values + "]}";
    }
    return "{\"seconds\":[" + seconds + "],\n\"ends\":[" + ends + "],\n\"columns\":[" + columns + "]}";
}

} // namespace parlor::cli::load::html
