// SPDX-License-Identifier: MIT
#include "client-cli/load/options/observers.h"

#include "client-cli/load/record/figures.h"
#include "client-cli/load/watch/processwatch.h"
#include "client-cli/load/watch/prometheuswatcher.h"

#include <iostream>

namespace parlor::cli::load {

Observers::Observers() = default;
Observers::Observers(Observers &&) noexcept = default;
Observers &Observers::operator=(Observers &&) noexcept = default;
Observers::~Observers() = default;

Result<Observers> Observers::open(const LoadOptions &options)
{
    Observers all;
    if (options.watchedPid != 0) {
        auto watch = ProcessWatch::open(options.watchedPid);
        if (!watch)
            return watch.error();
        all.m_watch = *std::move(watch);
    }
    const PrometheusOptions &wanted = options.prometheus;
    if (!wanted.listen.empty() || !wanted.remoteWrite.empty()) {
        auto prometheus = PrometheusWatcher::open(wanted);
        if (!prometheus)
            return prometheus.error();
        all.m_prometheus = *std::move(prometheus);
        all.m_linger = options.linger;
        if (!all.m_prometheus->address().empty() && !options.isDryRun)
            std::cerr << "parlor-cli load: metrics are at " << all.m_prometheus->address() << '\n';
    }
    if (!options.isQuiet) {
        auto progress = newProgressWatcher(options.tui);
        if (!progress)
            return progress.error();
        all.m_progress = *std::move(progress);
    }
    return all;
}

std::vector<RunWatcher *> Observers::watchers() const
{
    std::vector<RunWatcher *> all;
    if (m_progress)
        all.push_back(m_progress.get());
    if (m_prometheus)
        all.push_back(m_prometheus.get());
    return all;
}

std::vector<SecondSource *> Observers::sources() const
{
    if (m_watch)
        return {m_watch.get()};
    return {};
}

void Observers::finish(RunRecord &record)
{
    if (m_watch)
        record.watched.push_back(m_watch->result());
    if (m_prometheus)
        m_prometheus->finish(record);
}

void Observers::leaveTerminal()
{
    m_progress.reset();
}

void Observers::linger(int interrupts)
{
    if (!m_prometheus)
        return;
    if (!m_prometheus->address().empty() && m_linger > Offset{}) {
        std::cerr << "parlor-cli load: waits at most " << figures::duration(m_linger)
                  << " until the last metrics were fetched twice; Ctrl-C ends it\n";
    }
    const auto atMost = std::chrono::duration_cast<std::chrono::milliseconds>(m_linger);
    if (const auto note = m_prometheus->linger(atMost, interrupts))
        std::cerr << "parlor-cli load: " << *note << '\n';
}

} // namespace parlor::cli::load
