// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/interval.h"
#include "shared/protocol/result.h"

#include <string>
#include <string_view>

/// An interval as bytes, from one process of a run to another: the same program on the same machine.
namespace parlor::cli::load {

void appendInterval(std::string &out, const Interval &interval);
/// The error: it is cut off, or holds what no interval does.
[[nodiscard]] Result<Interval> readInterval(std::string_view bytes);

} // namespace parlor::cli::load
