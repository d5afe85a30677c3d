// SPDX-License-Identifier: MIT
#include "client-cli/load/record/second.h"

#include <algorithm>

namespace parlor::cli::load {

void Second::merge(const Second &other)
{
    end = std::max(end, other.end);
    wanted += other.wanted;
    members += other.members;
    open += other.open;
    connects += other.connects;
    failures += other.failures;
    losses += other.losses;
    planned += other.planned;
    sent += other.sent;
    answered += other.answered;
    received += other.received;
    faults += other.faults;
    latency.merge(other.latency);
    cpu = std::max(cpu, other.cpu);
    sendLag = std::max(sendLag, other.sendLag);
    loopLag = std::max(loopLag, other.loopLag);
    watchedCpu += other.watchedCpu;
    watchedMemory += other.watchedMemory;
}

} // namespace parlor::cli::load
