// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace parlor::cli::load {

/// Bars of block characters, a column each, from the oldest value to the newest: the last `columns` of them,
/// in `rows` lines from above. The highest value that is shown has the full height; what is not above zero
/// has none. Pure.
[[nodiscard]] std::vector<std::string> sparkline(const std::vector<double> &values, int columns, int rows);

} // namespace parlor::cli::load
