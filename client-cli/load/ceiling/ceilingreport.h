// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/ceiling/ceiling.h"

#include <string>

/// What a search for the ceiling says. Pure.
namespace parlor::cli::load {

/// What is looked for, and the head of the table of steps.
[[nodiscard]] std::string stepHeading(const CeilingPlan &plan);
/// A step's row, and below it why it did not pass.
[[nodiscard]] std::string stepLines(const Step &step);
/// Of a step that runs: "step 200/s, 7 s left".
[[nodiscard]] std::string stepProgress(double rate, Offset left);
/// What was found, some lines.
[[nodiscard]] std::string ceilingText(const CeilingPlan &plan, const CeilingResult &result);
/// All of it as one JSON object.
[[nodiscard]] std::string ceilingJson(const CeilingPlan &plan, const CeilingResult &result);

} // namespace parlor::cli::load
