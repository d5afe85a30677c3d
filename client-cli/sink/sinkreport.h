// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/sinkcounts.h"
#include "client-cli/sink/sinkoptions.h"

#include <chrono>
#include <string>

namespace parlor::cli::sink {

/// What a sink did, for people: some lines.
[[nodiscard]] std::string textReport(const SinkCounts &counts, std::chrono::microseconds uptime);
/// The same for programs: one object, one line.
[[nodiscard]] std::string jsonReport(const SinkCounts &counts, const SinkOptions &options,
                                     std::chrono::microseconds uptime);

} // namespace parlor::cli::sink
