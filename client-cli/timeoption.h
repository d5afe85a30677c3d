// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <chrono>

namespace parlor::cli {

/// Makes milliseconds of a time (timevalue.h), from one to `most`. For CLI::Option::transform().
[[nodiscard]] CLI::Validator timeInMilliseconds(std::chrono::milliseconds most);

} // namespace parlor::cli
