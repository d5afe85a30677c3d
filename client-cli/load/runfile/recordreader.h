// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"
#include "shared/protocol/result.h"

#include <QByteArray>

namespace parlor::cli::load {

/// What writeRecord() wrote, as it was. Files are others' too: each is checked, and the error says what is
/// wrong and where, as `phases[0].histograms.delivery_latency.buckets[3]: a count is missing`. What a record
/// that was read takes of memory is bounded by the size of its file and the phases, of which there may be
/// 1000. Pure.
[[nodiscard]] Result<RunRecord> readRecord(const QByteArray &bytes);

/// The same of a file; errors begin with its path. Larger ones than 256 MB are refused.
[[nodiscard]] Result<RunRecord> readRecordFile(const std::string &path);

} // namespace parlor::cli::load
