// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/prometheuswatcher.h"

#include <algorithm>
#include <poll.h>

namespace parlor::cli::load {

namespace {

using namespace std::chrono_literals;

std::int64_t inMilliseconds(Offset offset)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(offset).count();
}

std::int64_t wallTime()
{
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

} // namespace

Result<std::unique_ptr<PrometheusWatcher>> PrometheusWatcher::open(const PrometheusOptions &options)
{
    std::unique_ptr<PrometheusWatcher> watcher(new PrometheusWatcher(options.names));
    if (!options.remoteWrite.empty()) {
        auto target = parseRemoteWrite(options.remoteWrite, options.headers);
        if (!target)
            return target.error();
        watcher->m_writer = std::make_unique<RemoteWriter>(*std::move(target));
    }
    if (!options.listen.empty()) {
        auto listener = MetricsListener::open(options.listen);
        if (!listener)
            return listener.error();
        watcher->m_listener = *std::move(listener);
        watcher->m_address = "http://" + options.listen.substr(0, options.listen.rfind(':')) + ":" +
                             std::to_string(watcher->m_listener->port()) + "/metrics";
    }
    return watcher;
}

void PrometheusWatcher::second(const RunStatus &status)
{
    tell(status);
}

std::vector<std::string> PrometheusWatcher::finish(const RunRecord &record)
{
    RunStatus status{.record = record};
    status.now = status.end = record.duration;
    status.messages = record.measurements.messages();
    status.deliveries = record.measurements.deliveries;
    status.isDraining = true;
    tell(status);
    std::vector<std::string> notes;
    if (m_writer) {
        if (auto note = m_writer->finish(5s))
            notes.push_back(*std::move(note));
    }
    return notes;
}

void PrometheusWatcher::linger(std::chrono::milliseconds atMost, int interrupts) const
{
    if (!m_listener)
        return;
    constexpr std::uint64_t kScrapes = 2;
    constexpr std::chrono::milliseconds kLook = 100ms;
    const auto deadline = std::chrono::steady_clock::now() + atMost;
    while (std::chrono::steady_clock::now() < deadline && m_listener->scrapesOf(m_newest) < kScrapes) {
        pollfd waiting{.fd = interrupts, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(kLook.count())) > 0)
            return;
    }
}

void PrometheusWatcher::tell(const RunStatus &status)
{
    if (!m_begun)
        m_begun = wallTime() - inMilliseconds(status.now);
    // Prometheus refuses two samples of one moment.
    const std::int64_t at = *m_begun + inMilliseconds(status.now);
    const std::int64_t timestamp = m_newest ? std::max(at, m_newest->timestamp + 1) : at;
    m_newest = std::make_shared<const MetricsSnapshot>(
        MetricsSnapshot{.families = metricFamilies(status, m_names, m_shown), .timestamp = timestamp});
    if (m_listener)
        m_listener->show(m_newest);
    if (m_writer)
        m_writer->push(m_newest);
}

} // namespace parlor::cli::load
