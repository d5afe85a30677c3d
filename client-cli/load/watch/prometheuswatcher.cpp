// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/prometheuswatcher.h"

#include <algorithm>
#include <poll.h>
#include <system_error>

namespace parlor::cli::load {

namespace {

using namespace std::chrono_literals;

/// How long the last metrics may take to their receiver.
constexpr std::chrono::milliseconds kLongestFlush = 5s;

std::int64_t inMilliseconds(Offset offset)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(offset).count();
}

std::int64_t wallTime()
{
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

/// Until it is so, or this long has passed, or `interrupts` is readable.
template <typename Condition>
void waitUntil(Condition isSo, std::chrono::milliseconds atMost, int interrupts)
{
    constexpr std::chrono::milliseconds kLook = 20ms;
    const auto deadline = std::chrono::steady_clock::now() + atMost;
    while (!isSo() && std::chrono::steady_clock::now() < deadline) {
        pollfd waiting{.fd = interrupts, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(kLook.count())) > 0)
            return;
    }
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

Result<void> PrometheusWatcher::begin()
{
    try { // std::thread reports by an exception
        if (m_listener)
            m_listener->start();
        if (m_writer)
            m_writer->start();
    } catch (const std::system_error &error) {
        return Error{ErrorCode::Internal,
                     "cannot start a thread that tells Prometheus of the run: " + error.code().message() +
                         "; raise the limit of threads (TasksMax or ulimit -u)"};
    }
    return {};
}

void PrometheusWatcher::second(const RunStatus &status)
{
    tell(status);
}

void PrometheusWatcher::finish(const RunRecord &record)
{
    RunStatus status{.record = record};
    status.now = status.end = record.duration;
    status.messages = record.measurements.messages();
    status.deliveries = record.measurements.deliveries;
    status.isDraining = true;
    tell(status);
    if (m_writer)
        m_writer->endBy(RemoteWriter::Clock::now() + kLongestFlush);
}

std::optional<std::string> PrometheusWatcher::linger(std::chrono::milliseconds atMost, int interrupts)
{
    constexpr std::uint64_t kScrapes = 2;
    if (m_writer)
        waitUntil([this] { return m_writer->isOver(); }, kLongestFlush, interrupts);
    if (m_listener)
        waitUntil([this] { return m_listener->scrapesOf(m_newest) >= kScrapes; }, atMost, interrupts);
    return m_writer ? m_writer->finish() : std::nullopt;
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
