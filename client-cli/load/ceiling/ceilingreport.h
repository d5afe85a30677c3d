// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/ceiling/ceiling.h"

#include <string>

/// What a search for the ceiling says. Pure.
namespace parlor::cli::load {

/// The head of the table of steps, two lines.
[[nodiscard]] std::string stepHeading(const CeilingPlan &plan);
/// A step's line.
[[nodiscard]] std::string stepLine(const Step &step);
/// What was found, some lines.
[[nodiscard]] std::string ceilingText(const CeilingPlan &plan, const CeilingResult &result);
/// All of it as one JSON object.
[[nodiscard]] std::string ceilingJson(const CeilingPlan &plan, const CeilingResult &result);

} // namespace parlor::cli::load
