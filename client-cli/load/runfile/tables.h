// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

#include <QByteArray>

/// A run in the forms that other programs read. Pure.
namespace parlor::cli::load {

/// A row a second, with the columns of run.json's `seconds` (docs/run-file.md) and a header; of `latency`
/// percentiles and the maximum, empty where nothing was received. `phase` is the one in which the second
/// ended.
[[nodiscard]] QByteArray csvOf(const RunRecord &record);

/// JUnit's XML for CI: the verdict, the correctness and each threshold are a test case.
[[nodiscard]] QByteArray junitOf(const RunRecord &record, const Judgement &judgement);

/// The delivery latency, in milliseconds, in the text form of HdrHistogram's percentile distribution, that
/// its plotter reads (hdrhistogram.github.io/HdrHistogram/plotFiles.html).
[[nodiscard]] QByteArray hgrmOf(const RunRecord &record);

} // namespace parlor::cli::load
