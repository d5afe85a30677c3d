// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

#include <string>

namespace parlor::cli::load {

/// A run as one page for a browser, with everything that it shows in it: it loads nothing, and its policy
/// forbids that it does. Without its own script nothing is missing but the read-outs at the pointer. An
/// hour's run has less than 400 kB: charts have at most 600 points, each of which stands for a few seconds
/// whose histograms were added up. `baseline`: another run, drawn and printed beside this one; null: none.
/// Pure.
[[nodiscard]] std::string htmlReport(const RunRecord &record, const Judgement &judgement,
                                     const RunRecord *baseline);

} // namespace parlor::cli::load
