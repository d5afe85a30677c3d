// SPDX-License-Identifier: MIT
#include "server/ops/servicemanager.h"

#include <systemd/sd-daemon.h>

#include <ctime>

namespace parlor::servicemanager {

void tell(const std::string &state)
{
    (void)sd_notify(0, state.c_str()); // nobody is to be told if it fails
}

void tellReloading()
{
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long long microseconds = now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000;
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

std::optional<std::chrono::microseconds> watchdogInterval()
{
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0)
        return std::nullopt;
    return std::chrono::microseconds(microseconds);
}

} // namespace parlor::servicemanager
