// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <chrono>

namespace parlor::cli {

/// Makes milliseconds of `500ms`, `5s` or `2m`, from one to `most`. For CLI::Option::transform().
[[nodiscard]] CLI::Validator timeInMilliseconds(std::chrono::minutes most);

} // namespace parlor::cli
