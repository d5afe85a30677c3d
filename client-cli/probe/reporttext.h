// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/probe/probeoptions.h"

class QJsonObject;

namespace parlor::cli {

/// The report for people: a table, and the sentences under it.
[[nodiscard]] QString toText(const ProbeReport &report, const ProbeOptions &options);
/// The same for programs.
[[nodiscard]] QJsonObject toJson(const ProbeReport &report, const ProbeOptions &options);

} // namespace parlor::cli
