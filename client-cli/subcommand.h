// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace parlor::cli {

/// What the chosen sub-command runs; returns the exit code. A sub-command is a folder with a function
/// `void addXyz(CLI::App &, Runner &chosen)` that declares its options and, when it is parsed, sets `chosen`;
/// main.cpp lists them.
using Runner = std::function<int()>;

} // namespace parlor::cli
