// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

namespace parlor::cli::load {

/// A run for people: the verdict first, then what it rests on. Pure.
[[nodiscard]] std::string textReport(const RunRecord &record, const Judgement &judgement);

} // namespace parlor::cli::load
