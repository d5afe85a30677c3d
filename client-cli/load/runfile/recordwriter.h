// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/judgement/judgement.h"

#include <QByteArray>
#include <QJsonObject>

namespace parlor::cli::load {

/// A run's file, run.json: the whole record, so that readRecord() gives an equal one; besides, for people and
/// scripts, figures that are computed from it (percentiles, the verdict). docs/run-file.md explains each key.
/// A text in the record that is not UTF-8 is written with U+FFFD in its place. Pure.
[[nodiscard]] QByteArray writeRecord(const RunRecord &record, const Judgement &judgement);

/// As `parameters` of the file.
[[nodiscard]] QJsonObject toJson(const Settings &settings);

} // namespace parlor::cli::load
