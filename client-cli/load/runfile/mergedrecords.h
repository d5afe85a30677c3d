// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"
#include "shared/protocol/result.h"

namespace parlor::cli::load {

struct NamedRecord
{
    std::string name; ///< of its file, for errors and notes
    RunRecord record;
};

/// One run of several generators that put their parts of one load on one server at the same time: counts and
/// histograms are added, seconds too, each where it lies by the wall times at which the runs began. Their
/// settings must match, but for the users, the seed, processes, threads and tags; those of the first one are
/// kept, with the users of all. `records` are one at least, with as many phases as measurements of phases.
/// The error names the two that do not belong together, and says why. Pure.
[[nodiscard]] Result<RunRecord> mergeRecords(std::vector<NamedRecord> records);

} // namespace parlor::cli::load
