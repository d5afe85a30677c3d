// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runstatus.h"
#include "client-cli/load/watch/metricfamilies.h"
#include "client-cli/load/watch/metricslistener.h"
#include "client-cli/load/watch/remotewriter.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// What Prometheus is told of a run, and how. Empty: not so.
struct PrometheusOptions
{
    std::string listen{};               ///< HOST:PORT for scrapes
    std::string remoteWrite{};          ///< an URL
    std::vector<std::string> headers{}; ///< of remote write: `Name: value`
    MetricNames names = MetricNames::Own;
};

/// Tells Prometheus of a run, once a second: it makes a snapshot of all metrics, from which the listener
/// answers and the writer sends, each in its own thread. Both see the same figures.
class PrometheusWatcher final : public RunWatcher
{
public:
    /// The error: one of the options is wrong, or the address cannot be listened on.
    [[nodiscard]] static Result<std::unique_ptr<PrometheusWatcher>> open(const PrometheusOptions &options);

    [[nodiscard]] Result<void> begin() override;
    void second(const RunStatus &status) override;

    /// The run is over: its record is shown and sent as it is.
    void finish(const RunRecord &record);
    /// Waits until the end was sent, at most 5 s, and until it was scraped twice, at most for this long;
    /// `interrupts`: a descriptor that becomes readable when nobody wants to wait any more. Returns a
    /// sentence for people where the receiver did not get all; else nullopt.
    [[nodiscard]] std::optional<std::string> linger(std::chrono::milliseconds atMost, int interrupts);
    /// "http://127.0.0.1:9464/metrics"; empty if nothing listens.
    [[nodiscard]] const std::string &address() const { return m_address; }

private:
    explicit PrometheusWatcher(MetricNames names)
        : m_names(names)
    {
    }
    void tell(const RunStatus &status);

    MetricNames m_names;
    NamesInSeries m_shown;
    std::unique_ptr<MetricsListener> m_listener;
    std::unique_ptr<RemoteWriter> m_writer;
    std::string m_address;
    std::optional<std::int64_t>
        m_begun; ///< wall time, ms: read once, so that a clock that is set does no harm
    SharedMetrics m_newest;
};

} // namespace parlor::cli::load
