// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::cli {

/// A line to stdout, at once. False if nobody reads it any more.
[[nodiscard]] bool writeMessageLine(const QString &line);
/// A line to stderr.
void writeStatusLine(const QString &line);

} // namespace parlor::cli
