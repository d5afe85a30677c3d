// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::cli {

/// A line to stdout, at once. Where that fails, says so on stderr.
[[nodiscard]] bool writeMessageLine(const QString &line);
/// A line to stderr.
void writeStatusLine(const QString &line);

} // namespace parlor::cli
