// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/watch/metricfamily.h"

#include <string>

namespace parlor::cli::load {

/// Prometheus' remote write 1.0: a WriteRequest as protobuf, not compressed. Several of them, one after the
/// other, are one request as well. Pure.
[[nodiscard]] std::string writeRequest(const MetricsSnapshot &snapshot);

} // namespace parlor::cli::load
