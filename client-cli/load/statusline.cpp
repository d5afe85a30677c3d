// SPDX-License-Identifier: MIT
#include "client-cli/load/statusline.h"

#include "client-cli/load/figures.h"

#include <cstdio>
#include <unistd.h>

namespace parlor::cli::load {

std::string statusLine(const RunStatus &status)
{
    std::string line = figures::clock(status.now) + " / " + figures::clock(status.end) + "  " +
                       (status.isDraining ? "waiting for what is owed" : std::string(status.phase)) +
                       "  users " + std::to_string(status.members) + "/" + std::to_string(status.wanted) +
                       "  sent " + figures::count(status.sent) + "/s  received " +
                       figures::count(status.deliveries) + "/s  outstanding " +
                       figures::count(status.outstanding);
    if (status.latency->count() > 0) {
        line += "  p50 " + figures::duration(status.latency->percentile(50)) + "  max " +
                figures::duration(status.latency->max());
    }
    const DeliveryCounts &counts = *status.counts;
    const auto add = [&line](const char *what, std::uint64_t count) {
        if (count > 0)
            line += "  " + std::string(what) + " " + figures::count(count);
    };
    add("LOST", counts.lost);
    add("DOUBLED", counts.doubled);
    add("OUT OF ORDER", counts.reordered);
    add("CORRUPT", counts.corrupt);
    add("UNEXPECTED", counts.unexpected);
    return line;
}

StatusPrinter::StatusPrinter()
    : m_isTerminal(::isatty(STDERR_FILENO) == 1)
{
}

void StatusPrinter::print(const RunStatus &status)
{
    // The line must not wrap, or its beginning would stay.
    const std::string line = statusLine(status);
    if (m_isTerminal)
        std::fprintf(stderr, "\033[?7l\r\033[K%s\033[?7h", line.c_str());
    else
        std::fprintf(stderr, "%s\n", line.c_str());
    std::fflush(stderr);
}

void StatusPrinter::finish()
{
    if (m_isTerminal)
        std::fputs("\r\033[K", stderr);
}

} // namespace parlor::cli::load
