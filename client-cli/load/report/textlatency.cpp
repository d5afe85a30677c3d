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
    text += latencyRow("delivery", told.all.deliveryLatency);
    text += latencyRow("  from the actual send", told.all.deliveryService);
    if (told.all.fanOut.count() > 0)
        text += latencyRow("  to the last of a room", told.all.fanOut);
    text += latencyRow("acknowledgement", told.all.ackLatency);
    text += latencyRow("connect and upgrade", m.connectDuration);
    text += latencyRow("join", m.joinDuration);
    if (isClosed(told.record.settings)) {
        text +=
            "  With --pace closed a message is planned for when the one before it is answered: a server "
            "that\n"
            "  is slow is asked less, and these latencies do not show how long others would have waited.\n";
    }
    text += "\n" + latencyHead("Delivery latency by phase");
    for (std::size_t i = 0; i < told.record.phases.size(); ++i) {
        const Phase &phase = told.record.phases[i];
        const PhaseMeasurements &measured = m.phases[i];
        if (phase.begin == phase.end && measured.planned == 0)
            continue; // all come at once, and nothing is measured in it
        text += latencyRow(figures::printable(phase.name), measured.deliveryLatency,
                           phase.isMeasured ? "" : "not measured");
        text += latencyRow("  service", measured.deliveryService);
    }
    return text + "\n";
}

} // namespace parlor::cli::load::text
