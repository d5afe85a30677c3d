// SPDX-License-Identifier: MIT
#include "client-cli/load/watch/statusline.h"

#include "client-cli/load/record/figures.h"

#include <unistd.h>

namespace parlor::cli::load {

std::string statusLine(const RunStatus &status)
{
    const Measurements &all = status.record.measurements;
    const Second &last = status.record.seconds.back();
    // What is wrong comes first: a terminal that is too narrow cuts the end off.
    std::string line = figures::clock(status.now) + " / " + figures::clock(status.end) + "  " +
                       (status.isDraining ? "waiting for what is owed" : std::string(status.phase)) +
                       "  users " + std::to_string(last.members) + "/" + std::to_string(last.wanted);
    const auto add = [&line](const char *what, std::uint64_t count) {
        if (count > 0)
            line += "  " + std::string(what) + " " + figures::count(count);
    };
    const DeliveryCounts &deliveries = status.deliveries;
    add("ROOMS SPLIT", all.splits.size());
    add("LOST", deliveries.lost);
    add("DOUBLED", deliveries.doubled);
    add("OUT OF ORDER", deliveries.reordered);
    add("CORRUPT", deliveries.corrupt);
    add("UNEXPECTED", deliveries.unexpected);
    const MessageCounts &messages = status.messages;
    add("refused", messages.rejected);
    if (messages.rejected > 0 && !all.refusals.empty())
        line += " (" + figures::names(all.refusals) + ")";
    add("not a member", messages.notMember);
    add("dropped", messages.dropped);
    add("answer unknown", messages.abandoned);
    add("failed attempts", all.connectAttempts - all.connected + all.joinAttempts - all.joined);
    add("connections lost", all.connectionsLost);
    add("joined again", all.reconnects);
    add("no longer owed", deliveries.excused);
    if (last.latency.count() > 0) {
        line += "  p50 " + figures::duration(last.latency.percentile(50)) + "  max " +
                figures::duration(last.latency.max());
    }
    return line + "  sent " + figures::count(last.sent) + "/s  received " + figures::count(last.received) +
           "/s  unanswered " + figures::count(messages.unanswered) + "  under way " +
           figures::count(status.outstanding);
}

StatusPrinter::StatusPrinter()
    : m_output(STDERR_FILENO)
    , m_isTerminal(::isatty(STDERR_FILENO) == 1)
{
}

StatusPrinter::~StatusPrinter()
{
    if (m_isTerminal)
        m_output.writeAll("\r\033[K");
}

void StatusPrinter::second(const RunStatus &status)
{
    if (!m_output.hasRoom())
        return;
    // The line must not wrap, or its beginning would stay.
    const std::string line = statusLine(status);
    m_output.write(m_isTerminal ? "\033[?7l\r\033[K" + line + "\033[?7h" : line + "\n");
}

} // namespace parlor::cli::load
