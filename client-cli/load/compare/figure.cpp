// SPDX-License-Identifier: MIT
#include "client-cli/load/compare/figure.h"

#include "client-cli/load/record/figures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace parlor::cli::load::compare {

namespace {

/// Standard deviations within which 98 % of a normal distribution lie. Two figures that are as far from each
/// other as both their bounds differ so by chance once in a thousand times.
constexpr double kDeviations = 2.33;

/// `independent`: how many of the values tell something of their own.
std::optional<Reading> percentileOfRun(const Histogram &histogram, double percent, std::uint64_t independent)
{
    const auto value = histogram.soundPercentile(percent);
    if (!value)
        return std::nullopt;
    const auto count =
        static_cast<double>(std::max<std::uint64_t>(1, std::min(independent, histogram.count())));
    const double part = percent / 100;
    const double off = kDeviations * std::sqrt(part * (1 - part) / count) * 100;
    const auto at = [&histogram](double where) {
        return static_cast<double>(histogram.percentile(std::clamp(where, 0.001, 100.0)).count());
    };
    return Reading{static_cast<double>(value->count()), at(percent - off), at(percent + off)};
}

/// All receivers of a message share what happened to it.
template <int Percent>
std::optional<Reading> deliveryOfRun(const RunRecord &record)
{
    const PhaseMeasurements all = record.measurements.total();
    std::uint64_t messages = 0;
    for (const PhaseMeasurements &phase : record.measurements.phases)
        messages += phase.isMeasured ? phase.sent : 0;
    return percentileOfRun(all.deliveryLatency, Percent, messages);
}

std::optional<Reading> longestOfRun(const RunRecord &record)
{
    const PhaseMeasurements all = record.measurements.total();
    const auto longest = static_cast<double>(all.deliveryLatency.max().count());
    if (all.deliveryLatency.count() == 0)
        return std::nullopt;
    return Reading{longest, longest, longest};
}

std::optional<Reading> acknowledgementOfRun(const RunRecord &record)
{
    const PhaseMeasurements all = record.measurements.total();
    return percentileOfRun(all.ackLatency, 99, all.ackLatency.count());
}

std::optional<Reading> connectOfRun(const RunRecord &record)
{
    const Histogram &connects = record.measurements.connectDuration;
    return percentileOfRun(connects, 99, connects.count());
}

/// Of the measured phases, as far as the run came; what was planned in them and came later counts. The last
/// phase lasts up to the last delivery.
std::optional<Reading> deliveryRateOfRun(const RunRecord &record)
{
    Offset during{};
    std::uint64_t deliveries = 0;
    const std::size_t phases = std::min(record.phases.size(), record.measurements.phases.size());
    for (std::size_t i = 0; i < phases; ++i) {
        if (!record.phases[i].isMeasured)
            continue;
        const Offset end =
            i + 1 == phases ? record.deliveringTime() : std::min(record.phases[i].end, record.duration);
        during += std::max(Offset{}, end - record.phases[i].begin);
        deliveries += record.measurements.phases[i].deliveries;
    }
    if (during.count() <= 0)
        return std::nullopt;
    const double seconds = static_cast<double>(during.count()) / 1e6;
    const auto count = static_cast<double>(deliveries);
    const double off = kDeviations * std::sqrt(count);
    return Reading{count / seconds, std::max(0.0, count - off) / seconds, (count + off) / seconds};
}

std::optional<Reading> answeredOfRun(const RunRecord &record)
{
    const MessageCounts all = record.measurements.messages();
    if (all.planned == 0)
        return std::nullopt;
    const double share = static_cast<double>(all.answered) / static_cast<double>(all.planned);
    return Reading{share, share, share};
}

std::optional<Reading> watchedCpuOfRun(const RunRecord &record)
{
    if (record.watched.empty())
        return std::nullopt;
    double cores = 0;
    for (const WatchedProcess &each : record.watched)
        cores += each.meanCpu;
    return Reading{cores, cores, cores};
}

std::optional<Reading> watchedMemoryOfRun(const RunRecord &record)
{
    if (record.watched.empty())
        return std::nullopt;
    double bytes = 0;
    for (const WatchedProcess &each : record.watched)
        bytes += static_cast<double>(each.peakMemory);
    return Reading{bytes, bytes, bytes};
}

template <int Percent>
std::optional<double> deliveryOfSeconds(std::span<const Second *const> seconds)
{
    CoarseHistogram all;
    for (const Second *each : seconds)
        all.merge(each->latency);
    if (all.count() == 0)
        return std::nullopt;
    return static_cast<double>(all.percentile(Percent).count());
}

std::optional<double> deliveryRateOfSeconds(std::span<const Second *const> seconds)
{
    double all = 0;
    for (const Second *each : seconds)
        all += static_cast<double>(each->received);
    return all / static_cast<double>(seconds.size());
}

std::optional<double> answeredOfSeconds(std::span<const Second *const> seconds)
{
    std::uint64_t planned = 0;
    std::uint64_t answered = 0;
    for (const Second *each : seconds) {
        planned += each->planned;
        answered += each->answered;
    }
    if (planned == 0)
        return std::nullopt;
    return static_cast<double>(answered) / static_cast<double>(planned);
}

std::optional<double> watchedCpuOfSeconds(std::span<const Second *const> seconds)
{
    double all = 0;
    for (const Second *each : seconds)
        all += each->watchedCpu;
    return all / static_cast<double>(seconds.size());
}

using enum Figure::Unit;
using enum Figure::Worse;

constexpr std::array kComparedFigures{
    Figure{"delivery_latency_p50", "delivery latency p50", Microseconds, Higher, 0, &deliveryOfRun<50>,
           &deliveryOfSeconds<50>},
    Figure{"delivery_latency_p95", "delivery latency p95", Microseconds, Higher, 0, &deliveryOfRun<95>,
           &deliveryOfSeconds<95>},
    Figure{"delivery_latency_p99", "delivery latency p99", Microseconds, Higher, 0, &deliveryOfRun<99>,
           &deliveryOfSeconds<99>},
    Figure{"delivery_latency_max", "delivery latency max", Microseconds, Neither, 0, &longestOfRun, nullptr},
    Figure{"ack_latency_p99", "ack p99", Microseconds, Higher, 0, &acknowledgementOfRun, nullptr},
    Figure{"connect_duration_p99", "connect p99", Microseconds, Higher, 0, &connectOfRun, nullptr},
    Figure{"deliveries_per_second", "deliveries a second", PerSecond, Lower, 0, &deliveryRateOfRun,
           &deliveryRateOfSeconds},
    Figure{"answered_of_planned", "answered of planned", Share, Lower, 0, &answeredOfRun, &answeredOfSeconds},
    // The kernel counts CPU time in hundredths of a second.
    Figure{"watched_cpu_mean", "server's CPU", Cores, Higher, 0.01, &watchedCpuOfRun, &watchedCpuOfSeconds},
    Figure{"watched_memory_peak", "server's memory", Bytes, Higher, 0, &watchedMemoryOfRun, nullptr},
};

constexpr Offset kWholeSecond = std::chrono::seconds(1);
constexpr Offset kMoment = std::chrono::milliseconds(10); ///< by which a row may be late

bool isMeasuredAt(const RunRecord &record, Offset at)
{
    return std::any_of(record.phases.begin(), record.phases.end(), [at](const Phase &phase) {
        return phase.isMeasured && phase.begin <= at && at < phase.end;
    });
}

} // namespace

std::string Figure::text(double value) const
{
    switch (unit) {
    case Microseconds:
        return figures::duration(Offset(std::llround(value)));
    case PerSecond:
        return figures::rate(value);
    case Share:
        return figures::share(value);
    case Cores:
        return figures::decimal(value) + " cores";
    case Bytes:
        break;
    }
    return figures::bytes(static_cast<std::uint64_t>(std::llround(value)));
}

std::span<const Figure> comparedFigures()
{
    return kComparedFigures;
}

std::vector<const Second *> measuredSeconds(const RunRecord &record)
{
    std::vector<const Second *> found;
    for (const Second &each : record.seconds) {
        if (isMeasuredAt(record, each.end - kWholeSecond + kMoment) &&
            isMeasuredAt(record, each.end - kMoment))
            found.push_back(&each);
    }
    return found;
}

} // namespace parlor::cli::load::compare
