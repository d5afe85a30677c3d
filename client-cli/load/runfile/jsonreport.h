// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

#include <QByteArray>

namespace parlor::cli::load {

/// A run for programs: everything that was measured, histograms included, so that later ones can merge and
/// compare. Times are in microseconds. A field that changes its meaning raises schema_version. Pure.
[[nodiscard]] QByteArray jsonReport(const RunRecord &record, const Judgement &judgement);

} // namespace parlor::cli::load
