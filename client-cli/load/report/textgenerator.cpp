// SPDX-License-Identifier: MIT
#include "client-cli/load/record/figures.h"
#include "client-cli/load/report/textpart.h"

#include <algorithm>

namespace parlor::cli::load::text {

namespace {

std::string cpuLine(const std::vector<ThreadHealth> &threads)
{
    ThreadHealth busiest;
    double peak = 0;
    for (const ThreadHealth &each : threads) {
        busiest = each.meanCpu > busiest.meanCpu ? each : busiest;
        peak = std::max(peak, each.peakCpu);
    }
    if (threads.size() <= 1)
        return line("CPU of its thread", figures::percent(busiest.meanCpu) + " on average, at most " +
                                             figures::percent(busiest.peakCpu));
    return line("CPU of its busiest thread", figures::percent(busiest.meanCpu) + " on average, at most " +
                                                 figures::percent(peak) + "  of " +
                                                 figures::count(threads.size()) + " threads");
}

std::string machineLine(const Machine &machine)
{
    if (machine.host.empty())
        return {};
    return line("machine", figures::printable(machine.host) + "  " + figures::printable(machine.system) +
                               "  " + plural(machine.cores, "core", "cores"));
}

/// Most often the server.
std::string watchedLines(const std::vector<WatchedProcess> &watched)
{
    std::string text;
    for (const WatchedProcess &each : watched) {
        text +=
            (text.empty() ? "\nWatched process\n" : "") +
            line(figures::printable(each.name) + " " + std::to_string(each.pid),
                 figures::decimal(each.meanCpu) + " cores on average, at most " +
                     figures::decimal(each.peakCpu) + "; memory at most " + figures::bytes(each.peakMemory) +
                     (each.hasEnded ? "; it ended before the run did" : ""));
    }
    return text;
}

} // namespace

std::string generator(const Told &told)
{
    std::string text = latencyHead("Generator");
    text += latencyRow(names::kSendLag, told.all.sendLag);
    if (told.record.measurements.loopLag.count() > 0)
        text += latencyRow(names::kLoopLag, told.record.measurements.loopLag);
    text += machineLine(told.record.machine);
    text += cpuLine(told.record.threads);
    if (told.record.stolen > 0)
        text += line("stolen CPU time", figures::share(told.record.stolen) + "  by the machine's host");
    if (told.record.measurements.negativeTimes > 0)
        text +=
            line("negative times", figures::count(told.record.measurements.negativeTimes) + "  not recorded");
    if (told.judgement.limits.empty()) {
        text += line("verdict", "it kept up");
    } else {
        text +=
            line("verdict", "WARNING: it did not keep up; the figures are its own as much as the server's");
        for (const std::string &limit : told.judgement.limits)
            text += line("", "- " + limit);
    }
    return text + watchedLines(told.record.watched);
}

} // namespace parlor::cli::load::text
