// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>

namespace parlor::cli::load::text {

namespace {

bool isClosed(const Settings &settings)
{
    return std::any_of(settings.profiles.begin(), settings.profiles.end(),
                       [](const Profile &profile) { return profile.pace == Pace::Closed; });
}

} // namespace

std::string latencies(const Told &told)
{
    const Measurements &m = told.record.measurements;
    std::string text = latencyHead("Latency");
    for (const names::Durations &each : names::durations()) {
        if (const Histogram &histogram = each.read(m, told.all); histogram.count() > 0)
            text += latencyRow(each.name, histogram);
    }
    if (isClosed(told.record.settings))
        text += wrapped("  With --pace closed a message is planned for when the one before it is answered: a "
                        "server that is slow is asked less, and these latencies do not show how long others "
                        "would have waited.",
                        2);
    text += "\n" + latencyHead("Delivery by phase");
    for (std::size_t i = 0; i < told.record.phases.size(); ++i) {
        const Phase &phase = told.record.phases[i];
        const PhaseMeasurements &measured = m.phases[i];
        if (phase.begin == phase.end && measured.planned == 0)
            continue; // all come at once, and nothing is measured in it
        text += latencyRow(figures::printable(phase.name), measured.deliveryLatency);
        text += latencyRow("  " + std::string(names::kService), measured.deliveryService);
        if (!phase.isMeasured)
            text += "    not measured: it counts here alone\n";
    }
    if (!m.profiles.empty())
        text += "\n" + latencyHead("Delivery by profile");
    for (std::size_t i = 0; i < m.profiles.size(); ++i) {
        text += latencyRow(figures::printable(told.record.settings.profiles[i].name),
                           m.profiles[i].deliveryLatency);
        text += latencyRow("  ack", m.profiles[i].ackLatency);
    }
    if (m.hosts.size() > 1 && !m.hostLatency.empty()) {
        text += "\n" + latencyHead("Delivery by host");
        for (const auto &[host, histogram] : m.hostLatency)
            text += latencyRow(figures::printable(host), histogram);
    }
    return text + "\n";
}

} // namespace parlor::cli::load::text
