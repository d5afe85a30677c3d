// SPDX-License-Identifier: MIT
#include "client-cli/load/options/thresholdwarnings.h"

#include "client-cli/load/judgement/metrics.h"
#include "client-cli/load/judgement/thresholdparser.h"
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace parlor::cli::load {

namespace {

/// Of what a metric has a sample each.
enum class SampleOf : std::uint8_t { Session, Message, Delivery };

constexpr std::array<std::pair<std::string_view, SampleOf>, 11> kSamples{
    {{"delivery_latency", SampleOf::Delivery},
     {"delivery_service", SampleOf::Delivery},
     {"fan_out", SampleOf::Message},
     {"ack_latency", SampleOf::Message},
     {"send_lag", SampleOf::Message},
     {"connect_duration", SampleOf::Session},
     {"tcp_duration", SampleOf::Session},
     {"tls_duration", SampleOf::Session},
     {"upgrade_duration", SampleOf::Session},
     {"greeting_duration", SampleOf::Session},
     {"join_duration", SampleOf::Session}}};

/// Deliveries whose time is taken, of all.
double verifiedShare(const Settings &settings)
{
    switch (settings.verify) {
    case Verify::Full:
        return 1;
    case Verify::Sample:
        return 1.0 / settings.verifySample;
    case Verify::Count:
    case Verify::Off:
        break;
    }
    return 0;
}

/// A whole number. nullopt: the plan does not say.
std::optional<double> expectedSamples(const Threshold &threshold, const Settings &settings,
                                      const Forecast &forecast)
{
    const std::string_view metric = metrics()[threshold.metric].name;
    const auto *const found = std::find_if(kSamples.begin(), kSamples.end(),
                                           [metric](const auto &each) { return each.first == metric; });
    if (found == kSamples.end())
        return std::nullopt;
    if (found->second == SampleOf::Session)
        return std::round(forecast.total.sessions.total);
    if (forecast.certainty == Certainty::Unknown)
        return std::nullopt;
    double samples = 0;
    for (const PhaseForecast &each : forecast.phases) {
        if (threshold.phase.empty() ? !each.isMeasured : each.name != threshold.phase)
            continue;
        samples += found->second == SampleOf::Message ? each.messages.total
                                                      : each.deliveries.total * verifiedShare(settings);
    }
    return std::round(samples);
}

/// 0: it is met or not with any number.
double neededSamples(const Threshold &threshold)
{
    constexpr double kAbove = 10; // Histogram::soundPercentile
    if (threshold.figure == Threshold::Figure::Count)
        return 0;
    if (threshold.figure != Threshold::Figure::Percentile || threshold.percent == 100)
        return 1;
    return std::ceil(kAbove / (1 - threshold.percent / 100) - 1e-6);
}

std::string inWords(double samples)
{
    return figures::count(static_cast<std::uint64_t>(samples));
}

} // namespace

std::string thresholdWarnings(const Settings &settings, const Forecast &forecast)
{
    std::string lines;
    for (const std::string &text : settings.thresholds) {
        const auto threshold = parseThreshold(text);
        if (!threshold)
            continue;
        const double needed = neededSamples(*threshold);
        const auto expected = expectedSamples(*threshold, settings, forecast);
        if (expected && *expected < needed)
            lines += text::wrapped("  " + figures::printable(text) + " cannot be met: it needs " +
                                       inWords(needed) + (needed == 1 ? " sample" : " samples") +
                                       ", and about " + inWords(*expected) + " are expected",
                                   4);
    }
    return lines;
}

} // namespace parlor::cli::load
