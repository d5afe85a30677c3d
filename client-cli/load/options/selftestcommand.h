// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace parlor::cli::load {

/// `parlor-cli load --self-test`: what this generator can do on this machine. Returns the exit code.
[[nodiscard]] int runSelfTest(std::uint32_t threads);

} // namespace parlor::cli::load
