// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

/// systemd, where it started this process with Type=notify; else nothing happens. sd_notify(3).
namespace parlor::servicemanager {

/// `state` is lines of NAME=VALUE: READY=1, STATUS=…, STOPPING=1, WATCHDOG=1.
void tell(const std::string &state);
/// It reads its configuration again; tell() READY=1 once that is done.
void tellReloading();
/// How often it wants to hear WATCHDOG=1 (WatchdogSec=). nullopt: it does not.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdogInterval();

} // namespace parlor::servicemanager
