// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/compare/comparison.h"

#include <QByteArray>

#include <string>

namespace parlor::cli::load::compare {

/// What has changed, in words and as a table, for a terminal. Pure.
[[nodiscard]] std::string comparisonText(const Sides &sides, const Comparison &comparison);

/// The same for scripts: one JSON object, with a line break behind it. docs/operating.md tells of its keys.
/// Pure.
[[nodiscard]] QByteArray comparisonJson(const Sides &sides, const Comparison &comparison);

} // namespace parlor::cli::load::compare
