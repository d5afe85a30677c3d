// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

namespace parlor::cli::load {

/// A run for people: the verdict first, then what it rests on. Pure.
[[nodiscard]] std::string textReport(const RunRecord &record, const Judgement &judgement);

/// The report's last lines, behind the files that were written: the verdict once more, as its first lines are
/// out of sight on a terminal, and the exit code. Where that is not the verdict's, a file could not be
/// written. Pure.
[[nodiscard]] std::string textEnding(const RunRecord &record, const Judgement &judgement, int exitCode);

} // namespace parlor::cli::load
